"""Does the model foresee what came? Fit on the past, compare with the hold-out, next to forecasts that need no model."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import numpy as np
from ibis.expr.types import Table

from zhike_insight.lifetime.buying import BuyingModel
from zhike_insight.lifetime.forecast import KINDS, forecast_purchases
from zhike_insight.lifetime.triples import BadInput, Floats, checked
from zhike_insight.tables import calibration_and_holdout, repeat_purchases_by_period
from zhike_insight.time_units import unit_days

BASELINES = ("same_rate", "last_period", "all_equal")
TOP_GROUP = 7  # frequencies from here on are one group


@dataclass(frozen=True)
class Forecast:
    """How one forecast did.

    Attributes
    ----------
    expected : float
        Purchases in the hold-out, summed over customers.
    bias : float
        expected / actual − 1.
    mae : float
        Mean absolute error per customer.
    gini : float
        Order of the customers: 1 as good as knowing, 0 as good as chance; ties count half.
    top_decile : float
        Share of the purchases made by the tenth of the customers that the forecast puts first.
    """

    expected: float
    bias: float
    mae: float
    gini: float
    top_decile: float


@dataclass(frozen=True)
class HoldoutReport:
    """Result of `holdout_report` and `back_test`.

    Attributes
    ----------
    customers : int
    length : float
        Of the hold-out, in the unit of the times.
    actual : float
        Purchases that came.
    models, baselines : dict of str to Forecast
    by_frequency : list of dict
        `frequency` (the last one: and more), `customers`, `actual` and one mean expectation for each forecast.
    by_period : list of dict
        Cumulative repeat purchases: `period`, `actual`, and one expectation for each model (empty from `holdout_report`).
    baseline_wins : list of str
        Measures ("bias", "mae", "gini", "top_decile") in which the best baseline beats every model.
    parameters : dict
        Fitted parameters and log-likelihood by model (empty from `holdout_report`).
    """

    customers: int
    length: float
    actual: float
    models: dict[str, Forecast]
    baselines: dict[str, Forecast]
    by_frequency: list[dict[str, float]]
    by_period: list[dict[str, float]] = field(default_factory=list)
    baseline_wins: list[str] = field(default_factory=list)
    parameters: dict[str, dict[str, float]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, ready for JSON."""
        return asdict(self)


def judge(expected: Any, actual: Any) -> Forecast:
    """Compare a forecast with what came.

    Parameters
    ----------
    expected, actual : array, shape (n,)
        Purchases (or money) of each customer, not negative.

    Returns
    -------
    Forecast
        `bias` is not a number where nothing came; `gini` and `top_decile` likewise.

    Raises
    ------
    BadInput
        Lengths differ or are zero, or a value is not finite.

    Notes
    -----
    Gini and share of the best tenth as in Blattberg, Kim & Neslin (2008), *Database Marketing*.

    Examples
    --------
    >>> found = judge([3, 1, 0], [2, 2, 0])
    >>> found.expected, found.bias, round(found.mae, 3), round(found.top_decile, 3)
    (4.0, 0.0, 0.667, 0.15)
    """
    e, a = np.asarray(expected, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    if e.shape != a.shape or not e.size or not (np.isfinite(e).all() and np.isfinite(a).all()):
        raise BadInput("expected and actual must be finite and of one length, at least one")
    total = float(a.sum())
    captured, perfect = _curve(e, a), _curve(a, a)
    best = _area(*perfect)
    return Forecast(
        expected=float(e.sum()),
        bias=float(e.sum()) / total - 1 if total else float("nan"),
        mae=float(np.mean(np.abs(e - a))),
        gini=_area(*captured) / best if best > 1e-12 else float("nan"),
        top_decile=float(np.interp(0.1, *captured)) if total else float("nan"),
    )


def baselines(frequency: Any, age: Any, length: float, before: Any = None) -> dict[str, Floats]:
    """Forecasts that need no model.

    Parameters
    ----------
    frequency, age : array, shape (n,)
        As in the fits.
    length : float
        Of the future.
    before : array, shape (n,), optional
        Purchases of the last period of that length.

    Returns
    -------
    dict
        "same_rate": everybody goes on at the own rate, frequency / age; "last_period": the last period comes again;
        "all_equal": everybody buys as all together did.

    Raises
    ------
    BadInput
        A frequency or an age is missing or not finite.

    Notes
    -----
    Wübben & von Wangenheim (2008), *Journal of Marketing* 72(3), who found such rules hard to beat.

    Examples
    --------
    >>> found = baselines([2, 0], [10.0, 10.0], 5.0, before=[1, 0])
    >>> {name: values.tolist() for name, values in found.items()}
    {'same_rate': [1.0, 0.0], 'all_equal': [0.5, 0.5], 'last_period': [1.0, 0.0]}
    """
    x, T = np.asarray(frequency, dtype=np.float64), np.asarray(age, dtype=np.float64)
    if not (np.isfinite(x).all() and np.isfinite(T).all()):
        raise BadInput("every frequency and age must be a finite number")
    found = {
        "same_rate": np.divide(x, T, out=np.zeros_like(x), where=T > 0) * length,
        "all_equal": np.full(x.shape, x.sum() / T.sum() * length if T.sum() > 0 else 0.0),
    }
    if before is not None:
        found["last_period"] = np.asarray(before, dtype=np.float64)
    return found


def holdout_report(
    models: Mapping[str, BuyingModel],
    frequency: Any,
    recency: Any,
    age: Any,
    actual: Any,
    length: float,
    *,
    before: Any = None,
    forecasts: Mapping[str, Any] | None = None,
) -> HoldoutReport:
    """Compare fitted models with the purchases of the hold-out and with the baselines.

    Parameters
    ----------
    models : mapping
        Name → fitted model.
    frequency, recency, age : array, shape (n,)
        At the end of calibration.
    actual : array, shape (n,)
        Purchase days in the hold-out.
    length : float
        Of the hold-out, in the unit of the times.
    before : array, optional
        Purchase days in the equally long period before, for the baseline "last_period".
    forecasts : mapping, optional
        Name → purchases expected of each customer, of forecasts made otherwise; they are judged with the models.

    Returns
    -------
    HoldoutReport

    Raises
    ------
    BadInput
        Lengths differ or a value is impossible.

    Notes
    -----
    As for `back_test`.

    Examples
    --------
    >>> from zhike_insight import BetaGeoNBD
    >>> model = BetaGeoNBD.from_parameters(r=0.2426, alpha=4.4136, a=0.7929, b=2.4259)
    >>> found = holdout_report({"bgnbd": model}, [2, 0, 5], [30.4, 0, 30.0], [38.9, 38.9, 38.9], [1, 0, 3], 39.0)
    >>> round(found.models["bgnbd"].expected, 2), found.actual
    (4.11, 4.0)
    """
    x, tx, T = (np.atleast_1d(v) for v in checked(frequency, recency, age))
    came = np.asarray(actual, dtype=np.float64)
    by_model = {name: model.expected_purchases(length, x, tx, T) for name, model in models.items()}
    by_model |= {name: np.asarray(values, dtype=np.float64) for name, values in (forecasts or {}).items()}
    naive = baselines(x, T, length, before)
    judged = {name: judge(values, came) for name, values in by_model.items()}
    judged_naive = {name: judge(naive[name], came) for name in BASELINES if name in naive}
    return HoldoutReport(
        customers=len(x),
        length=float(length),
        actual=float(came.sum()),
        models=judged,
        baselines=judged_naive,
        by_frequency=_by_frequency(x, came, {**by_model, **naive}),
        baseline_wins=_baseline_wins(judged, judged_naive),
    )


def back_test(
    transactions: Table,
    calibration_end: date,
    holdout_end: date,
    *,
    time_unit: str | float = "week",
    models: Mapping[str, type[BuyingModel]] | None = None,
) -> HoldoutReport:
    """Fit on what was known at `calibration_end` and report on the time until `holdout_end`.

    Parameters
    ----------
    transactions : Ibis table
        As `zhike_insight.transactions` gives it.
    calibration_end, holdout_end : date
        Customers who come later than the first take no part.
    time_unit : {"day", "week", "month", "year"} or float
    models : mapping, optional
        Name → class. By default BG/NBD, modified BG/NBD and Pareto/NBD, and "stacked", the forecast made of the three by
        `forecast_purchases`; with classes given, these alone.

    Returns
    -------
    HoldoutReport
        With `by_period` (calibration and hold-out; not of "stacked", which has no curve for new customers) and `parameters`.

    Raises
    ------
    ValueError
        The hold-out is empty.
    NotEnoughData
        Nobody bought again before `calibration_end`.

    Notes
    -----
    Fader, Hardie & Lee (2005), *Marketing Science* 24(2), for tracking and conditional expectations on a hold-out.
    """
    unit = unit_days(time_unit)
    rows = calibration_and_holdout(transactions, calibration_end, holdout_end, time_unit=time_unit)
    rows = rows.order_by("customer_id").to_pyarrow()
    names = ("frequency", "recency", "age", "holdout_frequency", "before_frequency")
    x, tx, T, came, before = (rows[name].to_numpy().astype(np.float64) for name in names)
    fitted = {name: kind().fit(x, tx, T) for name, kind in (models or KINDS).items()}
    length = (holdout_end - calibration_end).days / unit
    stacked = {} if models else {"stacked": forecast_purchases(transactions, calibration_end, holdout_end).table["expected"]}
    report = holdout_report(fitted, x, tx, T, came, length, before=before, forecasts=stacked)
    periods = _by_period(transactions, fitted, T, calibration_end, holdout_end, unit)
    parameters = {name: {**model.parameters_, "log_likelihood": model.log_likelihood_} for name, model in fitted.items()}
    return HoldoutReport(**{**vars(report), "by_period": periods, "parameters": parameters})


def _curve(order: Floats, amount: Floats) -> tuple[Floats, Floats]:
    """Share of the amount held by the first share of customers; customers of equal rank share alike."""
    _, place = np.unique(-order, return_inverse=True)
    customers, held = np.bincount(place), np.bincount(place, amount)
    total = max(float(held.sum()), 1e-300)
    return (
        np.concatenate([[0.0], np.cumsum(customers) / len(order)]),
        np.concatenate([[0.0], np.cumsum(held) / total]),
    )


def _area(share: Floats, held: Floats) -> float:
    return float(np.sum(np.diff(share) * (held[1:] + held[:-1]) / 2)) - 0.5


def _by_frequency(x: Floats, actual: Floats, forecasts: Mapping[str, Floats]) -> list[dict[str, float]]:
    group = np.minimum(x, TOP_GROUP).astype(np.intp)
    count = np.bincount(group)
    columns = {name: np.bincount(group, values) for name, values in {"actual": actual, **forecasts}.items()}
    return [
        {"frequency": k, "customers": int(count[k]), **{name: float(sums[k] / count[k]) for name, sums in columns.items()}}
        for k in range(len(count))
        if count[k]
    ]


def _baseline_wins(models: Mapping[str, Forecast], naive: Mapping[str, Forecast]) -> list[str]:
    measures = {
        "bias": lambda f: -abs(f.bias),
        "mae": lambda f: -f.mae,
        "gini": lambda f: f.gini,
        "top_decile": lambda f: f.top_decile,
    }
    if not models:
        return []
    return [name for name, of in measures.items() if max(map(of, naive.values())) > max(map(of, models.values()))]


def _by_period(
    transactions: Table, models: Mapping[str, BuyingModel], T: Floats, end: date, holdout_end: date, unit: float
) -> list[dict[str, float]]:
    oldest = float(T.max())
    start = date.fromordinal(end.toordinal() - round(oldest * unit))
    table = repeat_purchases_by_period(transactions, start, holdout_end, time_unit=unit, first_by=end).to_pyarrow()
    periods = np.arange(1, int(np.ceil((holdout_end - start).days / unit)) + 1)
    actual = np.zeros(len(periods))
    actual[table["period"].to_numpy() - 1] = table["purchases"].to_numpy()
    born, customers = np.unique(oldest - T, return_counts=True)
    lived = np.maximum(np.minimum(periods, (holdout_end - start).days / unit)[:, None] - born, 0.0)
    curves = {name: model.expected_purchases_of_new(lived) @ customers for name, model in models.items()}
    total = np.cumsum(actual)
    return [
        {"period": int(k), "actual": float(total[i]), **{name: float(curve[i]) for name, curve in curves.items()}}
        for i, k in enumerate(periods)
    ]
