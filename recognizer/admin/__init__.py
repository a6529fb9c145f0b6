"""The admin: operators review submissions, superusers promote models."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

# Importing registers them.
from recognizer.admin import models, predictions, submissions  # noqa: F401

admin.site.site_header = admin.site.site_title = _("Draw a digit: reviewing")
