from typing import Any

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

RIGHTS = [
    "view_submission",
    "change_submission",
    "delete_submission",
    "view_prediction",
    "view_trainedmodel",
    "view_promotion",
]


def create_operators(apps: Any, schema_editor: Any) -> None:
    """The group of those who review: they look, label and delete, and no more."""
    # Django makes the permissions after all migrations; this one needs them now.
    create_permissions(
        current_apps.get_app_config("recognizer"), verbosity=0, apps=apps
    )
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="recognizer", codename__in=RIGHTS
    )
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(
        name="Operators"
    )
    group.permissions.set(permissions)


def delete_operators(apps: Any, schema_editor: Any) -> None:
    apps.get_model("auth", "Group").objects.filter(name="Operators").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("recognizer", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(create_operators, delete_operators)]
