"""One small SVG chart: text stays text, a white ground for dark screens, the same bytes for the same numbers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from zhike_insight.charts import GRID, INK

Ticks = Mapping[float, str]
WIDTH, TOP, TALL, RIGHT, FOOT = 720, 76, 224, 32, 48
BLUE, ORANGE, GREEN, VIOLET, GREY = "#1f6feb", "#c2410c", "#15803d", "#7e22ce", "#9ca3af"
QUIET = "#555"


class Chart:
    """Axes from `x` and `y` (lowest, highest); everything is drawn in their units."""

    def __init__(
        self,
        title: str,
        *,
        x: tuple[float, float],
        y: tuple[float, float],
        x_ticks: Ticks | None = None,
        y_ticks: Ticks | None = None,
        names: tuple[str, str] = ("", ""),
        left: int = 64,
        grid: bool = True,
    ) -> None:
        self.title, self.x, self.y, self.left = title, x, y, left
        self.parts: list[str] = []
        self.over: list[str] = []
        self.legend: list[tuple[str, str, str]] = []
        for at, text in (y_ticks or {}).items():
            if grid:
                self.parts.append(_line(left, self._down(at), WIDTH - RIGHT, self._down(at), GRID))
            self.parts.append(_text(left - 8, self._down(at) + 4, text, "end"))
        for at, text in (x_ticks or {}).items():
            self.parts.append(_text(self._across(at), TOP + TALL + 18, text, "middle"))
        if names[0]:
            self.parts.append(_text(WIDTH - RIGHT, TOP + TALL + 38, names[0], "end"))
        if names[1]:
            self.parts.append(_text(12, TOP - 12, names[1], "start"))

    def line(self, xs: Iterable[float], ys: Iterable[float], colour: str, name: str = "", *, dash: str = "") -> None:
        points = " ".join(self._at(px, py) for px, py in zip(xs, ys, strict=True))
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"{dashed}/>')
        self._named(name, colour, "dash" if dash else "line")

    def steps(self, xs: Sequence[float], ys: Sequence[float], colour: str, name: str = "") -> None:
        """Each y holds until the next x."""
        across = [px for px in xs for _ in (0, 1)][1:]
        down = [py for py in ys for _ in (0, 1)][:-1]
        self.line(across, down, colour, name)

    def band(self, xs: Sequence[float], low: Sequence[float], high: Sequence[float], colour: str, name: str = "") -> None:
        edge = [*zip(xs, high, strict=True), *reversed([*zip(xs, low, strict=True)])]
        points = " ".join(self._at(px, py) for px, py in edge)
        self.parts.append(f'<polygon points="{points}" fill="{colour}" fill-opacity=".15"/>')
        self._named(name, colour, "band")

    def dots(self, xs: Iterable[float], ys: Iterable[float], colour: str, name: str = "", *, radius: float = 3.5) -> None:
        for px, py in zip(xs, ys, strict=True):
            across, down = self._across(px), self._down(py)
            self.parts.append(f'<circle cx="{across:.1f}" cy="{down:.1f}" r="{radius:.1f}" fill="{colour}" stroke="#fff"/>')
        self._named(name, colour, "dot")

    def box(self, x: tuple[float, float], y: tuple[float, float], colour: str, *, strength: float = 1.0) -> None:
        left, right = sorted(self._across(v) for v in x)
        top, bottom = sorted(self._down(v) for v in y)
        faint = f' fill-opacity="{strength:.2f}"' if strength < 1 else ""
        size = f'width="{right - left:.1f}" height="{bottom - top:.1f}"'
        self.parts.append(f'<rect x="{left:.1f}" y="{top:.1f}" {size} fill="{colour}"{faint}/>')

    def rule(self, *, x: float | None = None, y: float | None = None, colour: str = QUIET) -> None:
        """A dashed line across the whole chart."""
        xs = self.x if x is None else (x, x)
        ys = self.y if y is None else (y, y)
        self.line(xs, ys, colour, dash="4 4")

    def note(self, x: float, y: float, text: str, *, anchor: str = "start", up: float = 0.0) -> None:
        """Words beside what they speak of, `up` pixels above the place; a white rim keeps lines from crossing them."""
        rim = ' stroke="#fff" stroke-width="3" paint-order="stroke"'
        self.over.append(_text(self._across(x), self._down(y) - up, text, anchor, INK, rim))

    def cell(self, column: int, row: int, strength: float, text: str) -> None:
        """A square of a table, the deeper the stronger."""
        self.box((column + 0.02, column + 0.98), (row + 0.04, row + 0.96), BLUE, strength=0.08 + 0.92 * strength)
        across, down = self._across(column + 0.5), self._down(row + 0.5)
        self.over.append(_text(across, down + 4, text, "middle", "#fff" if strength > 0.5 else INK))

    def named(self, name: str, colour: str) -> None:
        """A word in the legend for boxes."""
        self._named(name, colour, "box")

    def svg(self) -> str:
        tall = TOP + TALL + FOOT
        ground = f'<rect width="{WIDTH}" height="{tall}" fill="#fff"/>'
        head = f'<text x="12" y="22" font-size="14" font-weight="600" fill="{INK}">{_said(self.title)}</text>'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" width="{WIDTH}" role="img" '
            f'font-family="system-ui, sans-serif" aria-label="{_said(self.title)}">\n'
            + "\n".join([ground, head, *self._legend(), *self.parts, *self.over])
            + "\n</svg>\n"
        )

    def _legend(self) -> Iterable[str]:
        x = 12.0
        for name, colour, kind in self.legend:
            if kind == "dot":
                yield f'<circle cx="{x + 6:.1f}" cy="38" r="3.5" fill="{colour}"/>'
            elif kind == "dash":
                yield _line(x, 38, x + 14, 38, colour, ' stroke-width="1.8" stroke-dasharray="4 4"')
            else:
                faint = ' fill-opacity=".15"' if kind == "band" else ""
                high = 3 if kind == "line" else 9
                yield f'<rect x="{x:.1f}" y="{38 - high / 2:.1f}" width="13" height="{high}" fill="{colour}"{faint}/>'
            yield _text(x + 18, 42, name, "start")
            x += 36 + 6.6 * len(name)

    def _named(self, name: str, colour: str, kind: str) -> None:
        if name:
            self.legend.append((name, colour, kind))

    def _across(self, value: float) -> float:
        low, high = self.x
        return self.left + (float(value) - low) / (high - low) * (WIDTH - self.left - RIGHT)

    def _down(self, value: float) -> float:
        low, high = self.y
        return TOP + (1 - (float(value) - low) / (high - low)) * TALL

    def _at(self, x: float, y: float) -> str:
        return f"{self._across(x):.1f},{self._down(y):.1f}"


def numbers(values: Iterable[float], form: str = "{:,.0f}") -> dict[float, str]:
    """Ticks that say their own value."""
    return {float(value): form.format(value) for value in values}


def shares(values: Iterable[float] = (0, 0.25, 0.5, 0.75, 1)) -> dict[float, str]:
    return {float(value): f"{value:.0%}".replace("%", " %") for value in values}


def places(names: Sequence[str]) -> dict[float, str]:
    """Ticks of a row of names, at 0.5, 1.5 …"""
    return {i + 0.5: name for i, name in enumerate(names)}


def paired(chart: Chart, series: Mapping[str, tuple[str, Sequence[Any]]]) -> None:
    """Upright bars side by side: name → (colour, heights), a group at each place."""
    width = 0.8 / len(series)
    for j, (name, (colour, heights)) in enumerate(series.items()):
        for i, height in enumerate(heights):
            chart.box((i + 0.1 + width * j, i + 0.1 + width * (j + 1)), (0, height), colour)
        chart.named(name, colour)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, more: str = "") -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{more}/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = QUIET, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" text-anchor="{anchor}" fill="{colour}"{more}>{_said(text)}</text>'


def _said(text: str) -> str:
    """With the sign of a negative number as it is set."""
    return escape(re.sub(r"(?<!\d)-(?=\d)", "−", text))
