"""The file of rows left out, as it is given out: without what reads and checks files, so that a page need not load that."""

import csv
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import get_language, gettext as _

from zhike.core import home
from zhike.customers.imports import meanings
from zhike.customers.imports.tables import Reading

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"[+-]?[\d.,]+")


def safe(cell: str) -> str:
    """A cell that a spreadsheet will not run as a formula. The import takes the apostrophe off again."""
    return f"'{cell}" if cell.startswith(_DANGEROUS) and not _PLAIN_NUMBER.fullmatch(cell) else cell


def told(kept: Path, *, reading: Reading, mapping: Mapping[str, int]) -> IO[bytes]:
    """The kept file with titles and reasons in the language of now. One of an earlier version has them in that of its import."""
    languages = [code for code, _name in settings.LANGUAGES]
    mine = languages.index(get_language() or languages[0]) - len(languages)
    with kept.open(encoding="utf-8-sig", newline="") as source, tempfile.TemporaryDirectory(dir=home.folder("incoming")) as folder:
        rows = csv.reader(source)
        if len(next(rows)) != len(reading.columns) + 1 + len(languages):
            return kept.open("rb")
        target = Path(folder) / "rejected.csv"
        with target.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow([*(safe(title) for title in titles(reading, mapping)), _("Row"), _("Reason")])
            writer.writerows([*row[: -len(languages)], row[mine]] for row in rows)
        return target.open("rb")


def titles(reading: Reading, mapping: Mapping[str, int]) -> list[str]:
    """The titles, or in a file without a header what the columns were taken for."""
    taken = {position: meanings.label(code) for code, position in mapping.items()}
    return [taken.get(at, title) if title.startswith("#") else title for at, title in enumerate(reading.columns)]
