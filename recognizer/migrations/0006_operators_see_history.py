from typing import Any

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

RIGHT = "view_labelchange"


def allow(apps: Any, schema_editor: Any) -> None:
    """Let operators see the history of labels."""
    # Django makes the permissions after all migrations; this one needs them now.
    recognizer = current_apps.get_app_config("recognizer")
    create_permissions(recognizer, verbosity=0, apps=apps)
    permission = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="recognizer", codename=RIGHT
    )
    for group in apps.get_model("auth", "Group").objects.filter(name="Operators"):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("recognizer", "0005_fill_queues")]
    operations = [migrations.RunPython(allow, migrations.RunPython.noop)]
