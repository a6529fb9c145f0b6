"""Strokes of the ten digits.

A stroke is a polyline. Its points are fractions of the board's width and height. y
grows downwards.
"""

from math import cos, radians, sin

Point = tuple[float, float]
Stroke = list[Point]


def arc(centre: Point, radii: Point, start: int, end: int) -> Stroke:
    """Return part of an ellipse; degrees run clockwise from three o'clock."""
    step = 20 if end > start else -20
    return [
        (
            centre[0] + radii[0] * cos(radians(degrees)),
            centre[1] + radii[1] * sin(radians(degrees)),
        )
        for degrees in range(start, end + step, step)
    ]


DIGITS: dict[int, list[Stroke]] = {
    0: [arc((0.50, 0.50), (0.20, 0.31), -90, -450)],
    1: [[(0.53, 0.18), (0.51, 0.50), (0.49, 0.82)]],
    2: [[*arc((0.50, 0.36), (0.18, 0.17), 190, 380), (0.32, 0.80), (0.71, 0.80)]],
    3: [
        arc((0.48, 0.34), (0.17, 0.15), 200, 440)
        + arc((0.48, 0.66), (0.20, 0.17), -80, 150)
    ],
    4: [[(0.40, 0.20), (0.30, 0.56), (0.72, 0.55)], [(0.60, 0.34), (0.57, 0.83)]],
    5: [
        [
            (0.68, 0.20),
            (0.39, 0.21),
            (0.36, 0.48),
            *arc((0.48, 0.63), (0.20, 0.19), -115, 145),
        ]
    ],
    6: [
        [
            (0.60, 0.17),
            (0.43, 0.36),
            (0.35, 0.56),
            *arc((0.51, 0.66), (0.16, 0.16), 180, -180),
        ]
    ],
    7: [[(0.29, 0.23), (0.70, 0.22), (0.57, 0.50), (0.47, 0.82)]],
    8: [
        arc((0.50, 0.35), (0.14, 0.15), 90, 450)
        + arc((0.50, 0.66), (0.17, 0.16), -90, -450)
    ],
    9: [[*arc((0.49, 0.36), (0.16, 0.17), 0, -360), (0.64, 0.58), (0.59, 0.83)]],
}

DOWN: Stroke = [(0.3, 0.2), (0.3, 0.8)]
ACROSS: Stroke = [(0.5, 0.5), (0.8, 0.5)]
