"""Photographs of paper, rendered: white, lined or squared paper under uneven light.

Everything is computed from rules and random numbers. No real photograph is used.
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
    """Return a photograph of a drawing on paper, as large as the drawing.

    Pencil or pen, light and shadow, blur, noise and JPEG are random. `drawing` is a
    square uint8 picture in black on white, `paper` one of PAPERS.
    """
    side = len(drawing)
    ink = (255 - drawing.astype(np.float32)) / 255 * _strength(side, rng)
    bare = rng.uniform(0.75, 0.97) * (1 - _ruling(side, paper, rng))
    bare = bare + _texture(side, rng)
    light = np.asarray(bare * (1 - ink) * _lighting(side, rng), np.float32)
    return _camera(light, rng)


def _strength(side: int, rng: Generator) -> _Levels | float:
    """Return the share of light that strokes absorb: a pencil's are grainy."""
    if rng.random() < 0.5:
        return float(rng.uniform(0.65, 0.95))
    grain = _smooth_noise(side, side // 2, rng)
    strength = np.clip(rng.uniform(0.42, 0.65) + 0.25 * grain, 0.2, 0.95)
    return np.asarray(strength, np.float32)


def _ruling(side: int, paper: str, rng: Generator) -> _Levels:
    """Return the darkness of the printed lines, which are slightly tilted."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    slope = rng.uniform(-0.04, 0.04)
    gap = side * rng.uniform(0.07, 0.14)
    width = side * 0.004
    directions = (y + slope * x, x - slope * y)  # across horizontal and vertical lines
    lines = np.zeros((side, side), np.float32)
    for across in directions[: PAPERS.index(paper)]:
        distance = np.abs((across + rng.uniform(0, gap)) % gap - gap / 2)
        lines = np.maximum(lines, np.clip(width + 0.5 - distance, 0, 1))
    return lines * np.float32(rng.uniform(0.08, 0.22))


def _texture(side: int, rng: Generator) -> _Levels:
    return np.float32(0.012) * _smooth_noise(side, side // 3, rng)


def _lighting(side: int, rng: Generator) -> _Levels:
    """Return light that decreases to one side, half of the time with a shadow."""
    y, x = np.mgrid[:side, :side].astype(np.float32) / side - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 + rng.uniform(0, 0.35) * (np.cos(angle) * x + np.sin(angle) * y)
    if rng.random() < 0.5:
        turn = rng.uniform(0, 2 * np.pi)
        edge = rng.uniform(-0.3, 0.3)
        softness = rng.uniform(0.01, 0.06)
        across = (np.cos(turn) * x + np.sin(turn) * y - edge) / softness
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
