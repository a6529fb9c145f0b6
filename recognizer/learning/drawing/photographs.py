"""Photographs of paper, rendered: a drawing on white, lined or squared paper under uneven light.

Everything here is drawn by rule and chance; no picture of anyone's is used.
"""

import io

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from recognizer.reading.pictures import Grey

PAPERS = ("white", "lined", "squared")
_Levels = NDArray[np.float32]


def photograph(drawing: Grey, paper: str, rng: Generator) -> Grey:
    """Return what a camera makes of a drawing on paper: pencil or pen, light and shadow, blur, noise, JPEG.

    `drawing` is a square uint8 picture in black on white, `paper` one of PAPERS; the photograph is as large.
    """
    side = len(drawing)
    ink = (255 - drawing.astype(np.float32)) / 255 * _strength(side, rng)
    paper_light = rng.uniform(0.75, 0.97) * (1 - _ruling(side, paper, rng)) + _texture(
        side, rng
    )
    light = np.asarray(paper_light * (1 - ink) * _lighting(side, rng), np.float32)
    return _camera(light, rng)


def _strength(side: int, rng: Generator) -> _Levels | float:
    """Return how much light the strokes take: a pen evenly, a pencil grain by grain."""
    if rng.random() < 0.5:
        return float(rng.uniform(0.65, 0.95))
    grain = _smooth_noise(side, side // 2, rng)
    return np.asarray(
        np.clip(rng.uniform(0.42, 0.65) + 0.25 * grain, 0.2, 0.95), np.float32
    )


def _ruling(side: int, paper: str, rng: Generator) -> _Levels:
    """Return the darkness of the printed lines, tilted a little as the sheet lies."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    slope, gap, width = (
        rng.uniform(-0.04, 0.04),
        side * rng.uniform(0.07, 0.14),
        side * 0.004,
    )
    lines = np.zeros((side, side), np.float32)
    for axis in ((y + slope * x), (x - slope * y))[: PAPERS.index(paper)]:
        distance = np.abs((axis + rng.uniform(0, gap)) % gap - gap / 2)
        lines = np.maximum(lines, np.clip(width + 0.5 - distance, 0, 1))
    return lines * np.float32(rng.uniform(0.08, 0.22))


def _texture(side: int, rng: Generator) -> _Levels:
    return np.float32(0.012) * _smooth_noise(side, side // 3, rng)


def _lighting(side: int, rng: Generator) -> _Levels:
    """Return light that falls off to one side, and a shadow with a soft edge across half of the pages."""
    y, x = np.mgrid[:side, :side].astype(np.float32) / side - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 + rng.uniform(0, 0.35) * (np.cos(angle) * x + np.sin(angle) * y)
    if rng.random() < 0.5:
        turn, edge, soft = (
            rng.uniform(0, 2 * np.pi),
            rng.uniform(-0.3, 0.3),
            rng.uniform(0.01, 0.06),
        )
        across = (np.cos(turn) * x + np.sin(turn) * y - edge) / soft
        light *= 1 - rng.uniform(0.2, 0.45) / (1 + np.exp(-np.clip(across, -30, 30)))
    return np.asarray(light, np.float32)


def _camera(light: _Levels, rng: Generator) -> Grey:
    noisy = light * 235 + rng.normal(0, rng.uniform(1, 5), light.shape)
    image = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    blurred = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, len(light) / 250)))
    buffer = io.BytesIO()
    blurred.save(buffer, "JPEG", quality=int(rng.integers(50, 92)))
    return np.asarray(Image.open(buffer))


def _smooth_noise(side: int, grains: int, rng: Generator) -> _Levels:
    coarse = Image.fromarray(rng.normal(0, 1, (grains, grains)).astype(np.float32))
    return np.asarray(coarse.resize((side, side), Image.Resampling.BILINEAR))
