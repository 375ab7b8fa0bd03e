"""Customer value analytics: RFM, lifetime value, lifecycle, grades. Pure: reads no clock, no disk, no setting."""

from zhike_insight.rfm import EIGHT_CLASSES, ELEVEN_SEGMENTS, rfm, rfm_grid
from zhike_insight.tables import (
    BadTable,
    calibration_and_holdout,
    repeat_purchases_by_period,
    summaries,
    transactions,
    unit_days,
    unusable,
)

__all__ = [
    "EIGHT_CLASSES",
    "ELEVEN_SEGMENTS",
    "BadTable",
    "calibration_and_holdout",
    "repeat_purchases_by_period",
    "rfm",
    "rfm_grid",
    "summaries",
    "transactions",
    "unit_days",
    "unusable",
]
