"""System checks name invalid configuration, with an id and a hint."""

from pathlib import Path

import pytest
from django.core.checks import CheckMessage, run_checks
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.factories import picture_bytes


def ours(*, deploy: bool = False) -> list[CheckMessage]:
    messages = run_checks(include_deployment_checks=deploy)
    return [
        message for message in messages if str(message.id).startswith("recognizer.")
    ]


def test_a_usable_model_gives_no_message(model_file: Path) -> None:
    assert ours() == []


def test_the_shipped_model_is_usable() -> None:
    assert ours() == []


@pytest.mark.parametrize("damage", [None, b"", b"PK damaged", picture_bytes()])
def test_an_unusable_model_is_a_warning_with_a_hint(
    model_file: Path, damage: bytes | None
) -> None:
    damage_file(model_file, damage)
    (message,) = ours()
    assert message.id == "recognizer.W001"
    assert "tiny.model" in message.msg
    assert message.hint is not None
    assert "manage.py train" in message.hint


def test_a_truncated_model_is_unusable(model_file: Path) -> None:
    damage_file(model_file, model_file.read_bytes()[:-300])
    assert [message.id for message in ours()] == ["recognizer.W001"]


def test_an_unusable_model_is_an_error_in_deployment(
    model_file: Path, settings: Settings
) -> None:
    settings.SECRET_KEY = "a key of its own"
    model_file.unlink()
    assert "recognizer.E002" in {message.id for message in ours(deploy=True)}


def test_commands_still_run_with_an_unusable_model(model_file: Path) -> None:
    model_file.unlink()
    call_command("check")
    with pytest.raises(CommandError, match=r"tiny\.model"):
        call_command("check", fail_level="WARNING")


def test_the_built_in_key_is_an_error_in_deployment(
    model_file: Path, settings: Settings
) -> None:
    settings.SECRET_KEY = settings.BUILT_IN_SECRET_KEY
    (message,) = ours(deploy=True)
    assert (message.id, message.level) == ("recognizer.E001", 40)


def damage_file(path: Path, damage: bytes | None) -> None:
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
