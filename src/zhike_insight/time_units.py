"""Names of time units, in days."""

from collections.abc import Mapping

DAYS: Mapping[str, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}


def unit_days(time_unit: str | float) -> float:
    """Days in a time unit.

    Parameters
    ----------
    time_unit : {"day", "week", "month", "year"} or positive float
        A name, or a number of days. A month is 30.4375 days, a year 365.25.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        The name is unknown or the number is not positive.

    Examples
    --------
    >>> unit_days("week")
    7.0
    """
    days = DAYS.get(time_unit) if isinstance(time_unit, str) else float(time_unit)
    if days is None or not 0 < days < float("inf"):
        raise ValueError(f"time_unit must be one of {', '.join(DAYS)} or a positive number of days, not {time_unit!r}")
    return days
