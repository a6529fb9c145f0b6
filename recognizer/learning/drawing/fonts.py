"""Printed letters and signs that resemble no digit.

The fonts are free and come with matplotlib.
"""

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
SIGNS = (
    "∀∃∈∋∪∩∧∨⊕⊗⊢⊣△▽◇⋈?&@#$%*+=<>~^{}«»"  # noqa: RUF001 - set theory, not letters
    "←→↑↓↔∂∏√∞≈≠≤≥★♥♣♠♦☺"
)
EUROPEAN = LATIN + GREEK + CYRILLIC
OTHERS = ARMENIAN + HEBREW + GEORGIAN + ARABIC + NKO + TIFINAGH + SYLLABICS
# Each font with the characters that it is used for. Every one of them is in the font.
TRAINING = {
    "DejaVuSans.ttf": EUROPEAN + OTHERS + SIGNS,
    "DejaVuSans-Oblique.ttf": EUROPEAN,
    "DejaVuSerif.ttf": EUROPEAN,
    "DejaVuSansMono.ttf": EUROPEAN,
}
FINAL = {
    "STIXGeneral.ttf": LATIN,
    "STIXGeneralItalic.ttf": LATIN,
    "cmr10.ttf": LATIN,
    "cmss10.ttf": LATIN,
}


def print_any(fonts: dict[str, str], rng: Generator, side: int) -> Grey:
    """Print a random letter of a random font on a board of side x side px."""
    name = list(fonts)[rng.integers(len(fonts))]
    letters = fonts[name]
    return print_one(name, letters[rng.integers(len(letters))], side)


def print_one(font: str, letter: str, side: int) -> Grey:
    """Print a letter in black in the middle of a white board of side x side px.

    `font` is the name of a file that comes with matplotlib.
    """
    board = Image.new("L", (side, side), 255)
    brush = ImageDraw.Draw(board)
    middle = (side / 2, side / 2)
    brush.text(middle, letter, fill=0, font=_font(font, side * 2 // 3), anchor="mm")
    return np.asarray(board)


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return ImageFont.truetype(folder / name, size)
