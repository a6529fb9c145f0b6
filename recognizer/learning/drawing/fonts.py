"""Printed letters and signs that nobody takes for a digit, from the free fonts that come with matplotlib."""

from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFont

from recognizer.reading.pictures import Grey

LATIN = "AEFHKMNPRTUVWXYaefhkmnrtuwx"
GREEK = "ΓΔΛΞΠΣΥΦΨΩαημπτφχψω"
CYRILLIC = "ГДЖИЙКЛПФЦШЩЪЫЮЯджийклмнптфцшщюя"
ARMENIAN = "ԱԲԳԴԵԹԺԽԾԿՃՄՆՇՊՋՌՎՓ"
HEBREW = "אבגהחטכלמנעפצקשת"
GEORGIAN = "ადთილმნოჟრსტუფქღყშჩცძწჭჯ"
ARABIC = "بتثجحخدذسشصضعغفقكلمني"
NKO = "ߌߍߎߏߐߒߓߕߖߘߙߚߛߜߝߟߠߡߢߥߦ"
TIFINAGH = "ⴱⴲⴳⴵⴷⴹⴻⴼⴽⴾⵀⵂⵃⵄⵅⵇⵈⵉⵋⵌⵎⵐⵒⵕⵖⵗⵘⵛⵜⵝⵞⵟⵣⵤⵥ"
SYLLABICS = "ᐁᐃᐅᐊᐯᐱᐳᐸᑌᑎᑐᑕᒋᒍᒐᒥᒧᓂᓄᓇᓓᓕᓗᓚᔨᔪᔭᕂᕆᕈ"
SIGNS = "∀∃∈∋∪∩∧∨⊕⊗⊢⊣△▽◇⋈?&@#$%*+=<>~^{}«»←→↑↓↔∂∏√∞≈≠≤≥★♥♣♠♦☺"  # noqa: RUF001 - unions and wedges, no letters
TRAINING = {
    "DejaVuSans.ttf": "".join(
        (
            LATIN,
            GREEK,
            CYRILLIC,
            ARMENIAN,
            HEBREW,
            GEORGIAN,
            ARABIC,
            NKO,
            TIFINAGH,
            SYLLABICS,
            SIGNS,
        )
    ),
    "DejaVuSans-Oblique.ttf": LATIN + GREEK + CYRILLIC,
    "DejaVuSerif.ttf": LATIN + GREEK + CYRILLIC,
    "DejaVuSansMono.ttf": LATIN + GREEK + CYRILLIC,
}
FINAL = {
    "STIXGeneral.ttf": LATIN,
    "STIXGeneralItalic.ttf": LATIN,
    "cmr10.ttf": LATIN,
    "cmss10.ttf": LATIN,
}


def print_any(fonts: dict[str, str], rng: Generator, side: int) -> Grey:
    """Print one of the fonts' letters on a board of side x side px."""
    name = list(fonts)[rng.integers(len(fonts))]
    return print_one(name, fonts[name][rng.integers(len(fonts[name]))], side)


def print_one(font: str, letter: str, side: int) -> Grey:
    """Print a letter in black in the middle of a white board of side x side px."""
    board = Image.new("L", (side, side), 255)
    middle = (side / 2, side / 2)
    ImageDraw.Draw(board).text(
        middle, letter, fill=0, font=_font(font, side * 2 // 3), anchor="mm"
    )
    return np.asarray(board)


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(
        Path(matplotlib.get_data_path()) / "fonts/ttf" / name, size
    )
