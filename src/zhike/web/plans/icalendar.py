"""Plans as an iCalendar file (RFC 5545)."""

import datetime
from collections.abc import Callable, Iterable

from zhike.customers.models import Interaction

USUAL_MINUTES = 30
OCTETS = 73  # a line holds 75 with its break


def calendar_file(rows: Iterable[Interaction], *, now: datetime.datetime, link: Callable[[Interaction], str]) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Zhike//Plans//EN"]
    for row in rows:
        ends = row.at + datetime.timedelta(minutes=row.minutes or USUAL_MINUTES)
        lines += [
            "BEGIN:VEVENT", f"UID:plan-{row.pk}@zhike", f"DTSTAMP:{_moment(now)}", f"DTSTART:{_moment(row.at)}",
            f"DTEND:{_moment(ends)}", f"SUMMARY:{_text(f'{row.get_kind_display()} {row.customer.name}')}",
            f"DESCRIPTION:{_text(row.summary)}", f"URL:{link(row)}", "END:VEVENT",
        ]  # fmt: skip
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _moment(at: datetime.datetime) -> str:
    return f"{at.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}"


def _text(said: str) -> str:
    """Neither a line break nor a separator in it can begin another property."""
    for sign, instead in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        said = said.replace(sign, instead)
    return "".join(sign for sign in said if sign.isprintable())


def _folded(line: str) -> str:
    """Long lines go on after a break and a blank; no character is cut in two."""
    parts, part = [], ""
    for sign in line:
        if len((part + sign).encode()) > OCTETS:
            parts.append(part)
            part = ""
        part += sign
    return "\r\n ".join([*parts, part])
