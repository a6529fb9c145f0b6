"""What every page of the admin says about the model that answers."""

from django import template

from recognizer.reading.model_files import ModelError
from recognizer.rollout.active_model import find_serving

register = template.Library()


@register.simple_tag
def model_problem() -> str:
    """Return why the active model does not answer; empty when it does. One query."""
    try:
        return find_serving().problem
    except ModelError as error:
        return f"No model can be used, and no drawing can be read: {error}"
