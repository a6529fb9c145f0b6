from typing import Any

from django.db import migrations, models


def number_names(apps: Any, schema_editor: Any) -> None:
    """Number the names that several models have: 'digits', 'digits 2', 'digits 3'."""
    trained = apps.get_model("recognizer", "TrainedModel")
    names = set(trained.objects.values_list("name", flat=True))
    seen: set[str] = set()
    for model in trained.objects.defer("parameters").order_by("created", "pk"):
        name, number = model.name, 1
        while name in seen or (number > 1 and name in names):
            number += 1
            ending = f" {number}"
            name = model.name[: 100 - len(ending)] + ending
        seen.add(name)
        if name != model.name:
            trained.objects.filter(pk=model.pk).update(name=name)


class Migration(migrations.Migration):
    dependencies = [("recognizer", "0007_picture_checksum")]
    operations = [
        migrations.RunPython(number_names, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="trainedmodel",
            name="name",
            field=models.CharField(max_length=100, unique=True, verbose_name="name"),
        ),
    ]
