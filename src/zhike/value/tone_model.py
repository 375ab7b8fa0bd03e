"""The tone model that the analysis of voices learned, kept in the home as a table of pieces and weights: no code is in it.

The report of the analysis names it by a token, so that a file of another company, or of a failed analysis, is not taken.
"""

import secrets
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from zhike.core import home
from zhike.value.models import Analysis

if TYPE_CHECKING:
    import zhike_insight as zi

MOST_KEPT = 3


def keep(model: "zi.SentimentModel") -> str:
    """Its token. Older ones go, but for those that an analysis in work or just before may still name."""
    folder, token = home.folder("voice"), secrets.token_hex(8)
    pq.write_table(model.to_table(), folder / f"{token}.parquet")
    for old in sorted(folder.glob("*.parquet"), key=lambda file: -file.stat().st_mtime_ns)[MOST_KEPT:]:
        old.unlink(missing_ok=True)
    return token


def kept() -> "zi.SentimentModel | None":
    """That of the current analysis of voices; none where there is none, or its file is lost."""
    import zhike_insight as zi

    token = Analysis.objects.filter(kind="voice", is_current=True).values_list("report__model__token", flat=True).first()
    if not token:
        return None
    file = home.folder("voice") / f"{token}.parquet"
    return zi.SentimentModel.from_table(pq.read_table(file)) if file.exists() else None
