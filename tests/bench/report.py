"""Which pages are measured, and how the figures are written down."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

TARGET = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def page_kinds() -> list[tuple[str, list[str], str | None]]:
    """Name, addresses, and the named part when only that is fetched, as while typing."""
    names = ["张伟", "王芳", "李娜", "建国", "晨曦", "志强", "玉萍", "刘洋"]
    return [
        ("list", ["/customers/"], None),
        ("list_by_value", ["/customers/?sort=-clv"], None),
        (
            "list_filtered",
            ["/customers/?grade=key&sort=-clv", "/customers/?stage=declining&sort=-clv", "/customers/?grade=key&stage=stable"],
            None,
        ),
        ("search_two_characters", [f"/customers/?q={quote(name)}" for name in names], "results"),
        ("search_initials", [f"/customers/?q={initials}" for initials in ("zw", "wf", "ln", "jg", "zq")], "results"),
        ("search_pinyin", [f"/customers/?q={pinyin}" for pinyin in ("zhangwei", "wangfang", "lina", "liuyang")], "results"),
        ("search_phone_tail", [f"/customers/?q={tail}" for tail in ("8000", "1234", "5678", "4321")], "results"),
        ("today", ["/"], None),
        ("value", ["/value/"], None),
    ]


def write(results: list[dict[str, Any]]) -> None:
    raise NotImplementedError
