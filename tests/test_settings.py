"""The settings that come from the environment, and errors in it."""

import json
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE, STDOUT

import pytest

from mnistsite import env

PROJECT = Path(__file__).resolve().parents[1]
SHOW = """
import json, mnistsite.settings as s
# The names of LANGUAGES are translated only after Django has started.
names = [name for name in dir(s) if name.isupper() and name != "LANGUAGES"]
print(json.dumps({name: getattr(s, name) for name in names}, default=str))
"""
Done = subprocess.CompletedProcess[str]


def run(*arguments: str, **environment: str) -> Done:
    """Run Python with this environment and no other."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command,
        cwd=PROJECT,
        env=environment,
        stdout=PIPE,
        stderr=STDOUT,
        text=True,
        check=False,
    )


def settings(**environment: str) -> dict[str, object]:
    done = run("-c", SHOW, **environment)
    assert done.returncode == 0, done.stdout
    shown: dict[str, object] = json.loads(done.stdout)
    return shown


@pytest.mark.parametrize("value", ["1", "true", "YES", " on "])
def test_a_flag_is_on(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FLAG", value)
    assert env.flag("FLAG") is True


@pytest.mark.parametrize("value", ["", " ", "0", "false", "No", "off"])
def test_a_flag_is_off(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FLAG", value)
    assert env.flag("FLAG") is False
    assert env.flag("NOT_SET") is False


@pytest.mark.parametrize("value", ["maybe", "2", "-1", "tru"])
def test_an_invalid_flag_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FLAG", value)
    with pytest.raises(SystemExit, match=f"FLAG is '{value}'; use 1 or 0."):
        env.flag("FLAG")


@pytest.mark.parametrize(
    ("value", "number"), [("0", 0), (" 2 ", 2), ("365", 365), ("", 7)]
)
def test_a_count_is_a_non_negative_integer(
    monkeypatch: pytest.MonkeyPatch, value: str, number: int
) -> None:
    monkeypatch.setenv("COUNT", value)
    assert env.count("COUNT", 7) == number


@pytest.mark.parametrize(
    "value", ["-1", "1.5", "one", "\N{SUPERSCRIPT TWO}", "9" * 5000]
)
def test_an_invalid_count_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("COUNT", value)
    with pytest.raises(SystemExit, match="COUNT is "):
        env.count("COUNT", 0)


def test_a_list_is_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMES", " a.example, .b.example ,,")
    assert env.listing("NAMES", "c") == ["a.example", ".b.example"]
    assert env.listing("NOT_SET", "c,d") == ["c", "d"]


@pytest.mark.parametrize(
    "value", ["nonsense", "foo://x/y", "postgres://me:secret@host:port/name"]
)
def test_an_invalid_database_url_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", value)
    with pytest.raises(SystemExit, match="DATABASE_URL is not a valid") as refused:
        env.database("DATABASE_URL", "sqlite:///db")
    assert "secret" not in str(refused.value)


def test_the_defaults_are_safe_and_for_this_machine() -> None:
    found = settings()
    assert found["DEBUG"] is False
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert "SECURE_PROXY_SSL_HEADER" not in found
    for name in (
        "SECURE_SSL_REDIRECT",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_HSTS_SECONDS",
    ):
        assert found[name]


def test_debug_allows_plain_http() -> None:
    found = settings(DEBUG="1")
    for name in (
        "SECURE_SSL_REDIRECT",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_HSTS_SECONDS",
    ):
        assert not found[name]


def test_x_forwarded_proto_is_trusted_only_behind_a_proxy() -> None:
    assert "SECURE_PROXY_SSL_HEADER" not in settings(TRUSTED_PROXIES="0")
    assert settings(TRUSTED_PROXIES="1")["SECURE_PROXY_SSL_HEADER"] == [
        "HTTP_X_FORWARDED_PROTO",
        "https",
    ]


def test_an_empty_variable_counts_as_not_set() -> None:
    nothing = dict.fromkeys(
        ["DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "TRUSTED_PROXIES"], ""
    )
    assert settings(**nothing) == settings()


def test_an_invalid_environment_is_reported_in_one_sentence() -> None:
    done = run("manage.py", "check", DEBUG="maybe")
    assert (done.returncode, done.stdout) == (1, "DEBUG is 'maybe'; use 1 or 0.\n")


def test_the_web_server_refuses_the_built_in_key() -> None:
    for environment in ({}, {"SECRET_KEY": ""}):
        done = run("-c", "import mnistsite.wsgi", **environment)
        assert done.returncode == 1
        assert done.stdout.startswith("SECRET_KEY is not set.")


@pytest.mark.parametrize(
    "environment", [{"SECRET_KEY": "a secret of one's own"}, {"DEBUG": "1"}]
)
def test_the_web_server_starts_with_its_own_key_or_with_debug(
    environment: dict[str, str],
) -> None:
    done = run("-c", "import mnistsite.wsgi", **environment)
    assert done.returncode == 0, done.stdout


def test_errors_are_written_to_the_log_once() -> None:
    script = (
        "import django, logging; django.setup(); "
        "logging.getLogger('{}').error('a lost page')"
    )
    for name in ("django.request", "recognizer.access.errors"):
        done = run(
            "-c", script.format(name), DJANGO_SETTINGS_MODULE="mnistsite.settings"
        )
        assert done.stdout.count("a lost page") == 1


def test_other_commands_need_no_environment(tmp_path: Path) -> None:
    for command in (["check"], ["predict", "--help"], ["predict", "data/three.png"]):
        assert run("manage.py", *command).returncode == 0
    elsewhere = f"sqlite:///{tmp_path}/db.sqlite3"  # not the developer's database
    assert (
        run(
            "manage.py",
            "makemigrations",
            "--check",
            "--dry-run",
            DATABASE_URL=elsewhere,
        ).returncode
        == 0
    )


def test_deployment_checks_refuse_the_built_in_key_and_accept_another() -> None:
    refused = run("manage.py", "check", "--deploy")
    assert refused.returncode == 1
    assert "recognizer.E001" in refused.stdout
    passed = run(
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        SECRET_KEY="a secret of one's own, long enough and found nowhere else",
    )
    assert passed.returncode == 0, passed.stdout
