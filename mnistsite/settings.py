"""The settings. Values that differ between machines come from the environment."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import django_stubs_ext
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from mnistsite import env

django_stubs_ext.monkeypatch()  # for ModelAdmin[Submission] and others at run time

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.flag("DEBUG")
BUILT_IN_SECRET_KEY = "django-insecure-built-in-key-for-development-only"  # noqa: S105
SECRET_KEY = env.text("SECRET_KEY", BUILT_IN_SECRET_KEY)
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
TRUSTED_PROXIES = env.count("TRUSTED_PROXIES", 0)

INSTALLED_APPS = [
    "recognizer",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "recognizer.access.middleware.drop_invalid_session_cookie",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    # After LocaleMiddleware, to answer in the visitor's language, and before the body
    # is read
    "recognizer.access.middleware.limit_body",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "recognizer.access.middleware.ExceptionPages",
]

ROOT_URLCONF = "mnistsite.urls"
WSGI_APPLICATION = "mnistsite.wsgi.application"
CSRF_FAILURE_VIEW = "recognizer.access.errors.csrf_failure"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def database() -> dict[str, Any]:
    sqlite_file = quote(str(BASE_DIR / "db.sqlite3"))
    config = env.database("DATABASE_URL", f"sqlite:///{sqlite_file}")
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # With WAL, readers do not wait for a writer. With IMMEDIATE, a writer takes its
        # lock at the start of a transaction: two submissions at the same moment wait
        # for each other and do not fail with 'database is locked'. With FULL, every
        # commit is on the disk before it is acknowledged, and a power cut loses none.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
        }
    return config


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Errors and warnings go to standard error, as the server's own log does. By default
# Django would mail them to the administrators, and there are none.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False}
    },
    "root": {"handlers": ["console"], "level": "INFO"},
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ja", _("Japanese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/drawingboard", NODE_MODULES / "drawingboard.js/dist"),
    ("vendor/jquery", NODE_MODULES / "jquery/dist"),
]
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Set here because tests turn DEBUG off later, without collected static files.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEBUG

# The defaults are safe: https only, except on a developer's machine with DEBUG.
SECURE_SSL_REDIRECT = not DEBUG
SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
SESSION_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_SECURE = not DEBUG
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# HSTS for subdomains and preloading affect more than this site. The owner of the domain
# decides about them.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # data: for the board's undo and the pictures of the result page
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# The largest uploads. A request may be larger than a picture, so that a visitor whose
# photograph is too large reads the reason beside the board and is not disconnected.
DATA_URI_MAX_LENGTH = 128 * 1024
PICTURE_MAX_BYTES = 10_000_000
PICTURE_MAX_PIXELS = 16_000_000
BODY_MAX_BYTES = 3 * PICTURE_MAX_BYTES
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * DATA_URI_MAX_LENGTH

# How many days a drawing without a label is kept. `manage.py purge` deletes older ones.
RETENTION_DAYS = env.count("RETENTION_DAYS", 365)

MODEL_FILE = BASE_DIR / "data/digits.model"
