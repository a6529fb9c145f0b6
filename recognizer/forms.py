import base64
import binascii
from math import ceil
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


def decode_drawing(data: bytes, *, may_be_blank: bool) -> Drawing:
    """Return the drawing in a picture's bytes. Raises ValidationError."""
    try:
        drawing = read_drawing(data)
    except PictureError as error:
        # The catalogue has the template, without the numbers that this picture has.
        sentence = gettext(error.template) % error.params
        raise forms.ValidationError(sentence, code=error.code) from error
    if drawing.glyph is None and not may_be_blank:
        raise forms.ValidationError(
            _("The picture is blank: there is no ink to read. Draw a digit."),
            code="blank",
        )
    return drawing


class DataURIField(forms.CharField):
    """The PNG data URI of a canvas; cleans to the bytes of the PNG."""

    widget = forms.HiddenInput
    default_error_messages = {
        "too-long": _(
            "The drawing is too detailed to send: its size is %(size)d KiB, "
            "and the limit is %(limit)d KiB."
        ),
        "no-board": _(
            "The drawing board was empty in the browser. "
            "Reload the page and draw again."
        ),
        "prefix": _("The drawing did not arrive as a PNG data URI."),
        "base64": _("The drawing arrived damaged: its base64 encoding is invalid."),
        "not-png": _("The drawing is not a PNG picture."),
    }

    def clean(self, value: Any) -> bytes:
        text: str = super().clean(value)
        limit = settings.DATA_URI_MAX_LENGTH
        if len(text) > limit:
            # Rounded up: a size just above the limit must not look like the limit.
            raise self._error(
                "too-long", size=ceil(len(text) / 1024), limit=limit / 1024
            )
        return self._decode(text) if text else b""

    def _decode(self, text: str) -> bytes:
        if text == "data:,":
            raise self._error("no-board")
        if not text.startswith(PREFIX):
            raise self._error("prefix")
        try:
            data = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError) as error:
            raise self._error("base64") from error
        if not data.startswith(PNG_SIGNATURE):
            raise self._error("not-png")
        return data

    def _error(self, code: str, **params: float) -> forms.ValidationError:
        return forms.ValidationError(self.error_messages[code], code, params)


class PictureFileField(forms.FileField):
    """A PNG or JPEG file; cleans to its bytes."""

    default_error_messages = {"empty": _("The file is empty.")}

    def clean(self, value: Any, initial: Any = None) -> bytes:
        file: UploadedFile[bytes] | None = super().clean(value, initial)
        # One byte more than allowed is enough to refuse the file.
        return file.read(settings.PICTURE_MAX_BYTES + 1) if file else b""


class GuessForm(forms.Form):
    """An unfinished drawing; cleans to `drawing`, which has ink."""

    image = DataURIField()

    def clean_image(self) -> bytes:
        data: bytes = self.cleaned_data["image"]
        self.cleaned_data["drawing"] = decode_drawing(data, may_be_blank=False)
        return data


class DrawingForm(forms.Form):
    """A drawing or a picture file; cleans to `drawing` (with ink) and `source`."""

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
        # Visitors choose a file on purpose; the board may still have an older drawing.
        data = cleaned["file"] or cleaned["image"]
        if not data:
            raise forms.ValidationError(
                _("There is nothing to read yet: draw a digit, or choose a picture."),
                code="nothing",
            )
        cleaned["source"] = Source.UPLOAD if cleaned["file"] else Source.CANVAS
        cleaned["drawing"] = decode_drawing(data, may_be_blank=False)
        return cleaned


class SendForm(forms.Form):
    """One picture sent to the API; cleans to `drawing`, perhaps blank, `path` and `key`.

    The key is that of the header Idempotency-Key. It is long, so that no two clients
    choose the same.
    """

    key = forms.RegexField(
        "^[!-~]{16,200}$",
        required=False,
        error_messages={
            "invalid": _(
                "The Idempotency-Key must have 16 to 200 ASCII characters and no "
                "spaces, for example those of a random UUID."
            )
        },
    )
    image = PictureFileField(
        error_messages={
            "required": _(
                "Send a PNG or JPEG file in the field 'image' (multipart/form-data)."
            )
        }
    )

    def clean_image(self) -> bytes:
        data: bytes = self.cleaned_data["image"]
        self.cleaned_data["drawing"] = decode_drawing(data, may_be_blank=True)
        self.cleaned_data["path"] = str(self.files.getlist("image")[-1].name)
        return data


class ClaimForm(forms.Form):
    """What the visitor says that the drawing is."""

    claim = forms.TypedChoiceField(
        label=_("Which digit was it?"),
        choices=CLAIMS,
        coerce=int,
        widget=forms.RadioSelect,
    )
