"""The rows of models: stored once for each file, under a name that no other model has."""

from typing import Any

from django.db import IntegrityError, transaction

from recognizer.inference import Classifier
from recognizer.models import TrainedModel

NAME_LENGTH = 100
ATTEMPTS = 5  # another process may take the same name at the same moment


def store_model(
    classifier: Classifier, name: str = "", manifest: dict[str, Any] | None = None
) -> tuple[TrainedModel, bool]:
    """Return the row of a model, and whether it was created just now.

    A model whose file is stored already keeps its row, its name and its manifest.
    """
    values = {
        "architecture": classifier.architecture,
        "figures": classifier.figures,
        "manifest": manifest or {},
        "parameters": classifier.data,
    }
    for _attempt in range(ATTEMPTS):
        known = TrainedModel.objects.filter(sha256=classifier.sha256).first()
        if known is not None:
            return known, False
        values["name"] = free_name(name or classifier.name)
        try:
            with transaction.atomic():
                created = TrainedModel.objects.create(
                    sha256=classifier.sha256, **values
                )
        except IntegrityError:
            continue  # stored meanwhile, or another model took the name
        return created, True
    raise IntegrityError(f"No name like {name or classifier.name!r} could be stored.")


def free_name(wanted: str) -> str:
    """Return a name that no stored model has: 'digits', else 'digits 2' and so on."""
    name = " ".join(wanted.split())[:NAME_LENGTH] or "model"
    if not TrainedModel.objects.filter(name=name).exists():
        return name
    number = 2
    while True:
        ending = f" {number}"
        numbered = name[: NAME_LENGTH - len(ending)] + ending
        if not TrainedModel.objects.filter(name=numbered).exists():
            return numbered
        number += 1
