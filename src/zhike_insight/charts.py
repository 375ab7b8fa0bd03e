"""Plain SVG charts for reports: lines and grouped bars, without script, style sheet or another host."""

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 300, 64, 40, 14, 14
INK, GRID = "#222", "#ddd"
COLOURS = ("#222222", "#1f6feb", "#c2410c", "#15803d", "#7e22ce", "#0e7490", "#9ca3af")
Series = Mapping[str, Sequence[float]]
Gapped = Mapping[str, Sequence[float | None]]


def lines(title: str, x: Sequence[float], series: Gapped, *, mark: float | None = None, x_name: str = "") -> str:
    """Lines over a common x, without a point where a value is None; the first is drawn in ink, a vertical rule may mark a place."""
    high = _ceiling(max((value for values in series.values() for value in values if value is not None), default=0.0))
    low_x, high_x = min(x), max(max(x), min(x) + 1e-9)

    def at(px: float, py: float) -> str:
        across = LEFT + (px - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT)
        return f"{across:.1f},{_down(py, high):.1f}"

    parts = [_axes(high), _label(WIDTH - RIGHT, HEIGHT - 8, x_name, "end")]
    for step in range(5):
        value = low_x + (high_x - low_x) * step / 4
        across = LEFT + (WIDTH - LEFT - RIGHT) * step / 4
        parts.append(_label(across, HEIGHT - BOTTOM + 16, _along(value, high_x), "middle"))
    if mark is not None:
        start, end = at(mark, 0), at(mark, high)
        parts.append(f'<polyline points="{start} {end}" fill="none" stroke="{GRID}" stroke-width="2" stroke-dasharray="4 4"/>')
    for (_, values), colour in zip(series.items(), COLOURS, strict=False):
        points = " ".join(at(px, py) for px, py in zip(x, values, strict=True) if py is not None)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
    return _svg(title, parts, list(series))


def bars(title: str, groups: Sequence[str], series: Series) -> str:
    """Bars side by side for each group."""
    high = _ceiling(max((max(values, default=0.0) for values in series.values()), default=0.0))
    slot = (WIDTH - LEFT - RIGHT) / max(len(groups), 1)
    width = slot * 0.8 / max(len(series), 1)
    parts = [_axes(high)]
    for i, group in enumerate(groups):
        parts.append(_label(LEFT + slot * (i + 0.5), HEIGHT - BOTTOM + 16, group, "middle"))
        for j, (values, colour) in enumerate(zip(series.values(), COLOURS, strict=False)):
            top = _down(values[i], high)
            left = LEFT + slot * (i + 0.1) + width * j
            tall = max(HEIGHT - BOTTOM - top, 0)
            parts.append(f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{tall:.1f}" fill="{colour}"/>')
    return _svg(title, parts, list(series))


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """An HTML table; numbers to the right."""
    numeric = [bool(rows) and isinstance(value, (int, float)) for value in (rows[-1] if rows else head)]
    top = "".join(f"<th{' class=n' if n else ''}>{escape(name)}</th>" for name, n in zip(head, numeric, strict=True))
    body = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def page(title: str, sections: Sequence[tuple[str, str]], *, language: str) -> str:
    """A self-contained HTML page: heading and HTML of each section."""
    style = (
        "body{font:15px/1.5 system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;color:#222;max-width:760px;"
        "margin:32px auto;padding:0 16px}h1{font-size:22px}h2{font-size:16px;margin-top:32px}table{border-collapse:collapse}"
        "td,th{padding:3px 12px 3px 0;border-bottom:1px solid #e5e5e5;text-align:left}"
        "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}svg{max-width:100%;height:auto}"
    )
    body = "".join(f"<h2>{escape(name)}</h2>{html}" for name, html in sections)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>"
    )


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f'<td class="n">{value:,}</td>'
    if isinstance(value, float):
        digits = 0 if abs(value) >= 10_000 else 2 if abs(value) >= 10 else 4
        return f'<td class="n">{value:,.{digits}f}</td>'
    return f"<td>{escape(str(value))}</td>"


def _ceiling(value: float) -> float:
    if not value > 0:
        return 1.0
    power = 10.0 ** (len(f"{value:.0f}") - 1) if value >= 1 else 10.0 ** int(f"{value:e}".split("e")[1])
    return next(power * m for m in (1, 1.5, 2, 3, 4, 5, 7.5, 10) if power * m >= value)


def _down(value: float, high: float) -> float:
    return TOP + (1 - min(max(value, 0.0), high) / high) * (HEIGHT - TOP - BOTTOM)


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" text-anchor="{anchor}" fill="#555">{escape(text)}</text>'


def _along(value: float, high: float) -> str:
    """A place on the axis of x: shares as per cent, a few units with their part."""
    return f"{value:.0%}" if high <= 1 else f"{value:,.0f}" if high > 5 or value == round(value) else f"{value:,.1f}"


def _axes(high: float) -> str:
    parts = []
    for step in range(5):
        value = high * step / 4
        y = _down(value, high)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
        parts.append(_label(LEFT - 6, y + 4, f"{value:,.0f}" if high >= 10 else f"{value:.{2 if high >= 0.1 else 3}f}", "end"))
    return "".join(parts)


def _svg(title: str, parts: Sequence[str], names: Sequence[str]) -> str:
    legend, x = [], float(LEFT)
    for name, colour in zip(names, COLOURS, strict=False):
        legend.append(f'<rect x="{x:.0f}" y="{HEIGHT + 2}" width="12" height="4" fill="{colour}"/>')
        legend.append(_label(x + 17, HEIGHT + 9, name, "start"))
        x += 34 + sum(14 if ord(letter) > 255 else 7.5 for letter in name)
    inside = "".join(parts) + "".join(legend)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + 18}" width="{WIDTH}" role="img" '
        f'aria-label="{escape(title)}">{inside}</svg>'
    )
