"""Charts as small SVG files that look the same on a light and on a dark page, written without any chart library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
from numpy.typing import ArrayLike

PAPER, INK, SOFT, LINE = "#fffdf9", "#1b2a2d", "#44545a", "#dcd3c3"
TEAL, RUST, PLUM, GOLD = "#0b565b", "#b4491f", "#6a4c93", "#8a6500"
MINUS = "\N{MINUS SIGN}"
WIDTH, HEIGHT = 760, 360
LEFT, RIGHT, TOP, BOTTOM = 72, 204, 20, 52
"""Room around the plot; to the right for the names of the lines."""


@dataclass(frozen=True)
class Axis:
    """What an axis shows: name, ends, ticks, and how a tick is written."""

    name: str
    low: float
    high: float
    ticks: Sequence[float]
    form: str = "{:g}"

    def share(self, value: ArrayLike) -> np.ndarray:
        """How far along the axis each value lies, 0 to 1."""
        return (np.asarray(value, dtype=np.float64) - self.low) / (self.high - self.low)


@dataclass
class Chart:
    """A chart that is drawn piece by piece.

    Parameters
    ----------
    title : str
        What there is to see, in one sentence; read out by screen readers.
    """

    title: str
    x: Axis
    y: Axis
    parts: list[str] = field(default_factory=list)

    def line(self, x: ArrayLike, y: ArrayLike, colour: str, *, dash: str = "", width: float = 2.5) -> None:
        """Draw a curve; what lies outside the plot is cut off."""
        points = " ".join(f"{px:.1f},{py:.1f}" for px, py in zip(self._x(x), self._y(y), strict=True))
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<polyline clip-path="url(#plot)" points="{points}" fill="none" stroke="{colour}" '
            f'stroke-width="{width:g}" stroke-linejoin="round"{dashed}/>'
        )

    def dots(self, x: ArrayLike, y: ArrayLike, colour: str, *, radius: float = 3.0, opacity: float = 1.0) -> None:
        """Draw points."""
        marks = "".join(
            f'<circle cx="{px:.1f}" cy="{py:.1f}" r="{radius:g}"/>'
            for px, py in zip(self._x(x), self._y(y), strict=True)
        )
        self.parts.append(f'<g clip-path="url(#plot)" fill="{colour}" fill-opacity="{opacity:g}">{marks}</g>')

    def name(self, y: float, text: str, colour: str, *, dash: str | None = None) -> None:
        """Name a line, to the right of the plot at this height, beside a piece of it (`dash`) where it is one."""
        left, middle = WIDTH - RIGHT + 12, float(self._y([y])[0])
        if dash is not None:
            drawn = f' stroke-dasharray="{dash}"' if dash else ""
            self.parts.append(f'<path d="M{left} {middle:.1f}h20" stroke="{colour}" stroke-width="2.5"{drawn}/>')
            left += 28
        for number, row in enumerate(text.split("\n")):
            self.parts.append(
                f'<text x="{left}" y="{middle + 5 + 17 * number:.1f}" fill="{colour}">{escape(row)}</text>'
            )

    def note(self, x: float, y: float, text: str, colour: str = SOFT, anchor: str = "middle") -> None:
        """Write inside the plot."""
        px, py = float(self._x([x])[0]), float(self._y([y])[0])
        self.parts.append(
            f'<text x="{px:.1f}" y="{py:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'
        )

    def svg(self) -> str:
        """The whole file."""
        wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
            f'role="img" font-family="system-ui, sans-serif" font-size="14">',
            f"<title>{escape(self.title)}</title>",
            f'<clipPath id="plot"><rect x="{LEFT}" y="{TOP}" width="{wide}" height="{high}"/></clipPath>',
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="10" fill="{PAPER}"/>',
        )
        return "\n".join([*head, *self._grid(), *self.parts, "</svg>", ""])

    def _x(self, values: ArrayLike) -> np.ndarray:
        return LEFT + self.x.share(values) * (WIDTH - LEFT - RIGHT)

    def _y(self, values: ArrayLike) -> np.ndarray:
        return HEIGHT - BOTTOM - self.y.share(values) * (HEIGHT - TOP - BOTTOM)

    def _grid(self) -> list[str]:
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        rows = []
        for tick, at in zip(self.y.ticks, self._y(self.y.ticks), strict=True):
            rows.append(f'<path d="M{LEFT} {at:.1f}H{right}" stroke="{LINE}"/>')
            shown = escape(_written(self.y, tick))
            rows.append(f'<text x="{LEFT - 8}" y="{at + 5:.1f}" fill="{SOFT}" text-anchor="end">{shown}</text>')
        for tick, at in zip(self.x.ticks, self._x(self.x.ticks), strict=True):
            shown = escape(_written(self.x, tick))
            rows.append(f'<text x="{at:.1f}" y="{bottom + 20}" fill="{SOFT}" text-anchor="middle">{shown}</text>')
        rows.append(f'<path d="M{LEFT} {bottom}H{right}" stroke="{SOFT}"/>')
        middle = (LEFT + right) / 2
        rows.append(
            f'<text x="{middle:g}" y="{HEIGHT - 10}" fill="{INK}" text-anchor="middle">{escape(self.x.name)}</text>'
        )
        centre = (TOP + bottom) / 2
        rows.append(
            f'<text transform="translate(17 {centre:g}) rotate(-90)" fill="{INK}" text-anchor="middle">'
            f"{escape(self.y.name)}</text>"
        )
        return rows


def _written(axis: Axis, tick: float) -> str:
    return axis.form.format(tick).replace("-", MINUS)
