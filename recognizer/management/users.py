from django.contrib.auth.models import User
from django.core.management.base import CommandError


def find_user(username: str) -> User:
    """Return the user that `--by` names. Raises CommandError."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no user {username!r}.")
    return user
