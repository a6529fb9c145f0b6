import base64
import binascii
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import submissions
from .imaging import Grey, PictureError
from .models import TRUTHS, Source

PREFIX = "data:image/png;base64,"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def read(data: bytes) -> Grey:
    try:
        return submissions.read(data)
    except PictureError as error:
        # Translated through the catalogue entry of the same template.
        raise forms.ValidationError(gettext(error.template) % error.params, code=error.code) from error


def drawing(picture: Grey) -> submissions.Drawing:
    if found := submissions.Drawing.of(picture):
        return found
    raise forms.ValidationError(
        _("The picture is blank: there is no ink to read. Draw a digit."), code="blank"
    )


class DataURIField(forms.CharField):
    """The PNG in the data URI that a canvas gives; cleans to its bytes."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> bytes:
        text: str = super().clean(value)
        if len(text) > settings.DATA_URI_MAX_LENGTH:
            raise forms.ValidationError(
                _("The drawing is too detailed to send: %(size)d KiB, and at most %(limit)d KiB are taken."),
                params={"size": len(text) / 1024, "limit": settings.DATA_URI_MAX_LENGTH / 1024},
                code="too-long",
            )
        return self._decode(text) if text else b""

    @staticmethod
    def _decode(text: str) -> bytes:
        if text == "data:,":
            raise forms.ValidationError(
                _("The drawing board was empty in the browser. Reload the page and draw again."),
                code="no-board",
            )
        if not text.startswith(PREFIX):
            raise forms.ValidationError(_("The drawing did not arrive as a PNG data URI."), code="prefix")
        try:
            data = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError) as error:
            raise forms.ValidationError(
                _("The drawing arrived damaged: its base64 is broken."), code="base64"
            ) from error
        if not data.startswith(PNG_SIGNATURE):
            raise forms.ValidationError(_("What arrived as a drawing is not a PNG."), code="not-png")
        return data


class PictureFileField(forms.FileField):
    """A PNG or JPEG file; cleans to its bytes."""

    default_error_messages = {"empty": _("The file is empty.")}

    def clean(self, value: Any, initial: Any = None) -> bytes:
        file: UploadedFile[bytes] | None = super().clean(value, initial)
        # One byte more than is allowed is enough to be refused.
        return file.read(settings.PICTURE_MAX_BYTES + 1) if file else b""


class GuessForm(forms.Form):
    """The drawing as it stands; cleans to a Drawing."""

    image = DataURIField()

    def clean_image(self) -> submissions.Drawing:
        return drawing(read(self.cleaned_data["image"]))


class DrawingForm(forms.Form):
    """A drawing from the board or a picture from a file; cleans to a Drawing and its source."""

    image = DataURIField(required=False)
    file = PictureFileField(
        label=_("or choose a picture of a digit"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        # A file is chosen on purpose; the board may hold an older drawing.
        data = cleaned["file"] or cleaned["image"]
        if not data:
            raise forms.ValidationError(
                _("There is nothing to read yet: draw a digit, or choose a picture."), code="nothing"
            )
        cleaned["source"] = Source.UPLOAD if cleaned["file"] else Source.CANVAS
        cleaned["drawing"] = drawing(read(data))
        return cleaned


class SendForm(forms.Form):
    """The API's: one uploaded picture; cleans to a Grey picture, which may be blank."""

    image = PictureFileField(
        error_messages={"required": _("Send a PNG or JPEG file in the field 'image' (multipart/form-data).")}
    )

    def clean_image(self) -> Grey:
        return read(self.cleaned_data["image"])


class ClaimForm(forms.Form):
    """The visitor's word on it."""

    claim = forms.TypedChoiceField(
        label=_("Which digit was it?"), choices=TRUTHS, coerce=int, widget=forms.RadioSelect
    )
