"""Numbers in the sentences of analyses, as the reader's language writes them."""

from django.utils.translation import get_language, gettext as _


def number(value: float, digits: int = 0) -> str:
    return f"{value:,.{digits}f}"


def percent(value: float, digits: int = 0) -> str:
    return f"{value * 100:,.{digits}f}%"


def money(value: float) -> str:
    """Short: 1.2万 or 12k."""
    steps = ((1e8, "亿"), (1e4, "万")) if (get_language() or "zh").startswith("zh") else ((1e6, "M"), (1e3, "k"))
    for step, unit in steps:
        if abs(value) >= step:
            return f"¥{value / step:,.1f}{unit}"
    return f"¥{value:,.0f}"


def listed(parts: list[str]) -> str:
    return _(", ").join(parts)
