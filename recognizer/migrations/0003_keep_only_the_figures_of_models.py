from typing import Any

from django.db import migrations


def keep_only_the_figures(apps: Any, schema_editor: Any) -> None:
    """Replace a model's whole metadata by the figures in them.

    The metadata are still in the model file.
    """
    models = apps.get_model("recognizer", "TrainedModel").objects
    for model in models.only("figures"):  # not the parameters, which are megabytes
        if isinstance(model.figures, dict):
            model.figures = model.figures.get("figures", [])
            model.save(update_fields=["figures"])


class Migration(migrations.Migration):
    dependencies = [("recognizer", "0002_operators")]
    operations = [
        migrations.RunPython(keep_only_the_figures, migrations.RunPython.noop)
    ]
