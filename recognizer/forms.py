import base64
import binascii
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recognizer.models import CLAIMS, Source
from recognizer.reading.glyphs import Drawing
from recognizer.reading.pictures import PictureError
from recognizer.uploads import read_drawing

PREFIX = "data:image/png;base64,"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def decode(data: bytes, *, may_be_blank: bool) -> Drawing:
    try:
        drawing = read_drawing(data)
    except PictureError as error:
        # Translated through the catalogue entry of the same template.
        raise forms.ValidationError(
            gettext(error.template) % error.params, code=error.code
        ) from error
    if drawing.glyph is None and not may_be_blank:
        raise forms.ValidationError(
            _("The picture is blank: there is no ink to read. Draw a digit."),
            code="blank",
        )
    return drawing


class DataURIField(forms.CharField):
    """The PNG in the data URI that a canvas gives; cleans to its bytes."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> bytes:
        text: str = super().clean(value)
        if len(text) > settings.DATA_URI_MAX_LENGTH:
            raise forms.ValidationError(
                _(
                    "The drawing is too detailed to send: %(size)d KiB, and at most %(limit)d KiB are taken."
                ),
                params={
                    "size": len(text) / 1024,
                    "limit": settings.DATA_URI_MAX_LENGTH / 1024,
                },
                code="too-long",
            )
        return self._decode(text) if text else b""

    @staticmethod
    def _decode(text: str) -> bytes:
        if text == "data:,":
            raise forms.ValidationError(
                _(
                    "The drawing board was empty in the browser. Reload the page and draw again."
                ),
                code="no-board",
            )
        if not text.startswith(PREFIX):
            raise forms.ValidationError(
                _("The drawing did not arrive as a PNG data URI."), code="prefix"
            )
        try:
            data = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError) as error:
            raise forms.ValidationError(
                _("The drawing arrived damaged: its base64 is broken."), code="base64"
            ) from error
        if not data.startswith(PNG_SIGNATURE):
            raise forms.ValidationError(
                _("What arrived as a drawing is not a PNG."), code="not-png"
            )
        return data


class PictureFileField(forms.FileField):
    """A PNG or JPEG file; cleans to its bytes."""

    default_error_messages = {"empty": _("The file is empty.")}

    def clean(self, value: Any, initial: Any = None) -> bytes:
        file: UploadedFile[bytes] | None = super().clean(value, initial)
        # One byte more than is allowed is enough to be refused.
        return file.read(settings.PICTURE_MAX_BYTES + 1) if file else b""


class GuessForm(forms.Form):
    """The drawing so far; cleans to `drawing`, which has ink."""

    image = DataURIField()

    def clean_image(self) -> bytes:
        data: bytes = self.cleaned_data["image"]
        self.cleaned_data["drawing"] = decode(data, may_be_blank=False)
        return data


class DrawingForm(forms.Form):
    """A drawing from the board or a picture from a file; cleans to `drawing`, which has ink, and `source`."""

    image = DataURIField(required=False)
    file = PictureFileField(
        label=_("or choose a picture of a digit"),
        required=False,
        widget=forms.FileInput(
            attrs={"accept": "image/png,image/jpeg", "autocomplete": "off"}
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        # A file is chosen on purpose; the board may hold an older drawing.
        data = cleaned["file"] or cleaned["image"]
        if not data:
            raise forms.ValidationError(
                _("There is nothing to read yet: draw a digit, or choose a picture."),
                code="nothing",
            )
        cleaned["source"] = Source.UPLOAD if cleaned["file"] else Source.CANVAS
        cleaned["drawing"] = decode(data, may_be_blank=False)
        return cleaned


class SendForm(forms.Form):
    """The API's: one uploaded picture; cleans to `drawing`, which may be blank."""

    image = PictureFileField(
        error_messages={
            "required": _(
                "Send a PNG or JPEG file in the field 'image' (multipart/form-data)."
            )
        }
    )

    def clean_image(self) -> bytes:
        data: bytes = self.cleaned_data["image"]
        self.cleaned_data["drawing"] = decode(data, may_be_blank=True)
        return data


class ClaimForm(forms.Form):
    """The visitor's word on it."""

    claim = forms.TypedChoiceField(
        label=_("Which digit was it?"),
        choices=CLAIMS,
        coerce=int,
        widget=forms.RadioSelect,
    )
