"""From any picture to a glyph: the one way, whoever asks (web, command, training, evaluation).

The glyph follows the steps of MNIST's authors (http://yann.lecun.com/exdb/mnist/): cut the margin, fit into
20 x 20 keeping the proportions, place by the centre of mass in 28 x 28. What comes before makes these steps
hold for what people really send: ink is told from paper, specks are dropped, thin strokes thickened.
No Django, no Chainer.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recognizer.pictures import Grey, PictureError, encode_png, read_picture

__all__ = [
    "PREPROCESSING_VERSION",
    "Glyph",
    "Grey",
    "Ink",
    "PictureError",
    "centre",
    "cut_margin",
    "drop_specks",
    "encode_png",
    "find_ink",
    "fit",
    "make_glyph",
    "read_picture",
]

Ink = NDArray[np.uint8]  # H x W, 0 paper to 255 ink
Glyph = NDArray[np.uint8]  # 28 x 28, 0 paper to 255 ink
Mask = NDArray[np.bool_]
_Levels = NDArray[np.float32]

PREPROCESSING_VERSION = 1
GLYPH_SIDE = 28
BOX_SIDE = 20
FINE = 4  # strokes are thickened on a grid this much finer than the box
THINNEST = 1.8  # what strokes are thickened to, in pixels of the box: the lower end of MNIST's
FAINTEST = 0.12  # ink reflects at least this much less light than paper
EDGE = 0.3  # of the strongest ink: more is ink, less is paper, ruled lines or blur
WORKING_SIDE = 512
PAPER_SIDE = 64  # the resolution at which the light on the paper is measured
SPECK_SIDE = 70  # and at which parts of the drawing are told apart
DARKEST_PAPER = 110  # anything darker may be a blackboard
LIGHT_INK = 40  # levels: by how much light ink is lighter than paper


def make_glyph(picture: Grey) -> Glyph | None:
    """Return the 28 x 28 uint8 glyph (0 paper, 255 ink) of an H x W grey picture, None without ink."""
    ink = find_ink(picture)
    return centre(fit(cut_margin(drop_specks(ink)))) if ink.any() else None


def find_ink(picture: Grey) -> Ink:
    """Tell ink from paper: 0 for paper of whatever shade, 255 for the strongest ink, edges kept soft.

    Returns an array of the picture's proportions, with at most 512 px a side. All 0: there is no ink.
    """
    light = _reduce(_dark_on_light(picture))
    contrast = np.maximum(1 - light / _paper(light), 0)
    smooth = _blur(contrast)
    strongest = float(smooth.max())
    if strongest < FAINTEST:
        return np.zeros(contrast.shape, np.uint8)
    near = _grow(smooth > EDGE * strongest)
    return _stretch(np.where(near, contrast, 0))


def drop_specks(ink: Ink) -> Ink:
    """Set to 0 what is no part of the drawing: the edge of the sheet, stray dots and dust."""
    scale = -(-max(ink.shape) // SPECK_SIDE)
    labels = _components(_pool(ink > 127, scale) if (ink > 127).any() else _pool(ink > 0, scale))
    keep = _drawing(_without_rim(labels))
    fine = keep.repeat(scale, axis=0).repeat(scale, axis=1)[: ink.shape[0], : ink.shape[1]]
    return np.where(fine, ink, 0)


def cut_margin(ink: Ink) -> Ink:
    """Cut off the rows and columns around the drawing that hold no ink; some there must be."""
    rows, columns = (np.flatnonzero((ink > 0).any(axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fit(ink: Ink) -> Ink:
    """Fit a drawing without margin into 20 x 20, keeping its proportions and thickening thin strokes.

    Some of it must be ink.
    """
    side = BOX_SIDE * FINE
    width = stroke_width(ink) * side / max(ink.shape)
    radius = max(0, round((THINNEST * FINE - width) / 2))
    fine = np.zeros((side, side), np.uint8)
    drawing = _resize(ink, side - 2 * radius)
    top, left = ((side - extent) // 2 for extent in drawing.shape)
    fine[top : top + drawing.shape[0], left : left + drawing.shape[1]] = drawing
    thick = _thicken(fine, radius)
    return _stretch(thick.reshape(BOX_SIDE, FINE, BOX_SIDE, FINE).mean((1, 3)))


def centre(box: Ink) -> Glyph:
    """Place the 20 x 20 box in 28 x 28 so that the centre of mass of its ink comes to the middle."""
    glyph = np.zeros((GLYPH_SIDE, GLYPH_SIDE), np.uint8)
    top, left = (_offset(box.sum(axis, dtype=np.int64)) for axis in (1, 0))
    glyph[top : top + BOX_SIDE, left : left + BOX_SIDE] = box
    return glyph


def stroke_width(ink: Ink) -> float:
    """Return the mean width of the strokes in pixels: twice the area by the length of the outline.

    The length of a soft outline is the total variation of the ink (coarea formula).
    """
    levels = np.pad(ink.astype(np.float32), 1)
    outline = np.hypot(np.diff(levels, axis=0)[:, :-1], np.diff(levels, axis=1)[:-1]).sum()
    return float(2 * levels.sum() / outline)


def _dark_on_light(picture: Grey) -> Grey:
    rim = max(1, min(picture.shape) // 16)
    edge = np.concatenate(
        [picture[:rim].ravel(), picture[-rim:].ravel(), picture[:, :rim].ravel(), picture[:, -rim:].ravel()]
    )
    dark, middle, light = _percentiles(picture, 1, 50, 99)
    ground = max(middle, *_percentiles(edge, 50))  # a dark table's edge is no blackboard
    lighter, darker = light - ground, ground - dark
    if ground >= DARKEST_PAPER:  # white on grey or brown is told by there being nothing dark at all
        return 255 - picture if lighter > LIGHT_INK and darker < FAINTEST * ground else picture
    return 255 - picture if lighter >= darker else picture  # black all over is dark paper


def _percentiles(levels: Grey, *percents: int) -> list[int]:
    counts = np.bincount(levels.ravel(), minlength=256).cumsum()  # 20 times as fast as sorting
    return [int(np.searchsorted(counts, counts[-1] * percent / 100)) for percent in percents]


def _reduce(picture: Grey) -> _Levels:
    scale = -(-max(picture.shape) // WORKING_SIDE)
    return np.asarray(Image.fromarray(picture).reduce(scale), np.float32)


def _paper(light: _Levels) -> _Levels:
    """Return the light that the bare paper would reflect at each pixel: the picture without its strokes.

    A grey closing (maximum, then minimum) with a window wider than any stroke takes the strokes out and
    leaves the edge of a shadow where it is.
    """
    small = np.asarray(Image.fromarray(light).reduce(-(-max(light.shape) // PAPER_SIDE)))
    window = max(small.shape) // 8 * 2 + 1
    # What is beyond the rim is taken to go on as it comes, or light falling off would look like ink there.
    beyond = np.pad(small, window - 1, "reflect", reflect_type="odd").clip(0, small.max())
    closed = _extreme(_extreme(beyond, window, np.maximum), window, np.minimum)
    paper = np.maximum(closed, max(1.0, 0.4 * float(np.median(closed))))
    size = light.shape[1], light.shape[0]
    return np.asarray(Image.fromarray(paper).resize(size, Image.Resampling.BILINEAR))


def _extreme(levels: _Levels, window: int, choose: np.ufunc) -> _Levels:
    """Return the extreme of each window x window px; a window less one px are lost in each direction.

    By doubling: the extreme of 2n neighbours is that of two times n.
    """
    for _axis in (0, 1):
        run, length = levels, 1
        while length < window:
            step = min(length, window - length)
            run, length = choose(run[:-step], run[step:]), length + step
        levels = run.T
    return levels


def _blur(levels: _Levels) -> _Levels:
    padded = np.pad(levels, 1, "edge")
    rows: _Levels = padded[:-2] + padded[1:-1] + padded[2:]
    return (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / np.float32(9)


def _grow(mask: Mask) -> Mask:
    padded = np.pad(mask, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    return np.asarray(rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:], np.bool_)


def _stretch(levels: NDArray[np.floating]) -> Ink:
    full = np.percentile(levels[levels > 0], 90) if levels.any() else 1
    return (np.minimum(levels / full, 1) * 255).round().astype(np.uint8)


def _pool(mask: Mask, scale: int) -> Mask:
    height, width = (-(-extent // scale) for extent in mask.shape)
    padded = np.pad(mask, ((0, height * scale - mask.shape[0]), (0, width * scale - mask.shape[1])))
    return np.asarray(padded.reshape(height, scale, width, scale).any((1, 3)), np.bool_)


def _components(mask: Mask) -> NDArray[np.intp]:
    """Label the 8-connected components of a mask: equal labels are connected, -1 is none.

    Each cell takes the least label around it until nothing changes (Shiloach, Vishkin 1982, in NumPy).
    """
    cells = np.pad(np.where(mask, np.arange(mask.size).reshape(mask.shape), -1), 1, constant_values=-1)
    core = cells[1:-1, 1:-1]
    around = (cells[1:-1, 2:], cells[2:, :-2], cells[2:, 1:-1], cells[2:, 2:])
    pairs = [(core[both], near[both]) for near in around for both in [mask & (near >= 0)]]
    first, second = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    labels = np.arange(mask.size)
    while (labels[first] != labels[second]).any():
        one, other = labels[first], labels[second]
        np.minimum.at(labels, one, other)
        np.minimum.at(labels, other, one)
        labels = labels[labels]
    return np.where(mask, labels.reshape(mask.shape), -1)


def _without_rim(labels: NDArray[np.intp]) -> NDArray[np.intp]:
    """Leave out what runs along the rim of the picture (table, thumb, shadow), if anything else is left."""
    rims = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    along = [name for rim in rims for name in np.unique(rim[rim >= 0]) if (rim == name).mean() > 1 / 3]
    inner = np.where(np.isin(labels, along), -1, labels)
    return inner if (inner >= 0).sum() > labels.size / 500 else labels


def _drawing(labels: NDArray[np.intp]) -> Mask:
    """Return which cells belong to the drawing: its largest component and all that is no speck beside it."""
    names, areas = np.unique(labels[labels >= 0], return_counts=True)
    main = _bounds(labels == names[areas.argmax()])
    reach = max(main[1] - main[0], main[3] - main[2]) + 1
    keep = np.zeros(labels.shape, bool)
    for name, area in zip(names, areas, strict=True):
        part = labels == name
        distance = _gap(main, _bounds(part))
        share = area / areas.max()
        keep |= part & (share > 0.06 or (distance < 0.2 * reach and share > 0.01))
    return _grow(keep)


def _bounds(mask: Mask) -> tuple[int, int, int, int]:
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def _gap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> int:
    return max(b[0] - a[1], a[0] - b[1], b[2] - a[3], a[2] - b[3], 0)


def _resize(ink: Ink, longest: int) -> Ink:
    scale = longest / max(ink.shape)
    height, width = (max(1, round(extent * scale)) for extent in ink.shape)
    return np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.BOX))


def _thicken(ink: Ink, radius: int) -> Ink:
    padded = np.pad(ink, radius)
    height, width = ink.shape
    thick = ink.copy()
    for dy in range(-radius, radius + 1):
        reach = int((radius * (radius + 0.5) - dy * dy) ** 0.5) if radius * (radius + 0.5) >= dy * dy else 0
        for dx in range(-reach, reach + 1):
            y, x = radius + dy, radius + dx
            np.maximum(thick, padded[y : y + height, x : x + width], out=thick)
    return thick


def _offset(profile: NDArray[np.int64]) -> int:
    middle = float((profile * np.arange(BOX_SIDE)).sum() / profile.sum())
    return int(np.clip(round(GLYPH_SIDE / 2 - middle), 0, GLYPH_SIDE - BOX_SIDE))  # as in MNIST itself
