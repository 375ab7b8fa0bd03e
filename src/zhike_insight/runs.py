"""Whole analyses of a table of transactions, as the command line runs them: a table and a result of plain data."""

import math
import warnings
from datetime import date
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

from zhike_insight.basket import association_rules, hit_rates
from zhike_insight.churn import ChurnModel
from zhike_insight.lifetime.forecast import KINDS
from zhike_insight.lifetime.gamma_gamma import GammaGamma
from zhike_insight.lifetime.holdout import back_test
from zhike_insight.lifetime.value import lifetime_value
from zhike_insight.network.measures import influence
from zhike_insight.rfm import EIGHT_CLASSES, ELEVEN_SEGMENTS, rfm
from zhike_insight.tables import summaries
from zhike_insight.time_units import unit_days
from zhike_insight.uplift import UpliftModel

STRAY = 366  # days between the last two days of a table that make the last one suspect


def last_day(transactions: Table) -> date:
    """The latest date in the table.

    Raises
    ------
    ValueError
        The table is empty.

    Warns
    -----
    UserWarning
        It is more than a year behind the date before it: probably mistyped, and everybody would seem to be gone.
    """
    days = transactions.select("date").distinct().order_by(ibis.desc("date")).limit(2).to_pyarrow()["date"].to_pylist()
    if not days:
        raise ValueError("there is no transaction")
    day: date = days[0]
    if len(days) > 1 and (day - days[1]).days > STRAY:
        warnings.warn(f"the last order, of {day}, is {(day - days[1]).days} days behind all others; give --as-of", stacklevel=2)
    return day


def rfm_run(transactions: Table, as_of: date | None = None) -> tuple[pa.Table, dict[str, Any]]:
    """RFM of all customers.

    Returns
    -------
    (Arrow table, dict)
        The table of `rfm`, ordered by customer, and
        {"as_of", "customers", "classes": {name: {"customers", "monetary"}}, "segments": {…}}.
    """
    day = as_of or last_day(transactions)
    table = rfm(summaries(transactions, day)).order_by("customer_id").to_pyarrow()
    bought = table.filter(pa.compute.is_valid(table["rfm_class"]))
    if not bought.num_rows:
        raise ValueError(f"nobody bought anything until {day}")
    result = {
        "as_of": day.isoformat(),
        "customers": bought.num_rows,
        "classes": _groups(bought, "rfm_class", tuple(EIGHT_CLASSES.values())),
        "segments": _groups(bought, "segment", ELEVEN_SEGMENTS),
    }
    return table, result


def clv_run(
    transactions: Table,
    *,
    time_unit: str = "day",
    as_of: date | None = None,
    calibration_end: date | None = None,
    horizon_years: float = 1.0,
    discount_rate: float = 0.1,
    margin: float = 1.0,
) -> tuple[pa.Table, dict[str, Any]]:
    """Fit every model of purchases and of spend, value every customer, and, with `calibration_end`, test on the rest.

    Returns
    -------
    (Arrow table, dict)
        One row a customer as of `calibration_end` or `as_of` (by default the last day); and the models' parameters,
        "customer_equity" (sum of the values, by BG/NBD), "holdout".
    """
    end = as_of or last_day(transactions)
    day = calibration_end or end
    rows = summaries(transactions, day, time_unit=time_unit)
    rows = rows.filter(rows.first_on.notnull()).order_by("customer_id").to_pyarrow()
    if not rows.num_rows:
        raise ValueError(f"nobody bought anything until {day}")
    x, tx, T, spend = (_numbers(rows, name) for name in ("frequency", "recency", "age", "mean_spend"))
    fitted = {name: kind().fit(x, tx, T) for name, kind in KINDS.items()}
    money = GammaGamma().fit(x, spend)
    horizon = horizon_years * unit_days("year") / unit_days(time_unit)
    values = lifetime_value(
        fitted["bgnbd"], money, x, tx, T, spend, horizon=horizon, time_unit=time_unit, discount_rate=discount_rate, margin=margin
    )
    table = rows
    for name in ("p_alive", "expected_purchases", "expected_spend", "value", "low", "high"):
        table = table.append_column(name, pa.array(getattr(values, name)))
    result: dict[str, Any] = {"as_of": day.isoformat(), "time_unit": time_unit, "customers": rows.num_rows}
    result |= {name: _parameters(model) for name, model in fitted.items()} | {"gamma_gamma": _parameters(money)}
    result["customer_equity"] = float(values.value.sum())
    if calibration_end is not None:
        report = back_test(transactions, calibration_end, end, time_unit=time_unit).as_dict()
        report["calibration_length"] = float(T.max())
        report["expected"] = {name: forecast["expected"] for name, forecast in report["models"].items()}
        report.pop("parameters")
        result["holdout"] = report
    return table, plain(result)


def network_run(edges: pa.Table, *, directed: bool = False, seed: int = 0) -> tuple[pa.Table, dict[str, Any]]:
    """Influence of everybody in an edge list.

    Returns
    -------
    (Arrow table, dict)
        The table of `influence`; {"people", "edges", "communities", "top": the ten first}.
    """
    table = influence(edges, directed=directed, seed=seed)
    groups = pa.compute.max(table["community"]).as_py()
    return table, {
        "people": table.num_rows,
        "edges": edges.num_rows,
        "communities": groups + 1,
        "top": plain(table.slice(0, 10).to_pylist()),
    }


def basket_run(baskets: list[list[Any]], *, support: float, confidence: float, seed: int = 0) -> tuple[pa.Table, dict[str, Any]]:
    """Rules of all baskets, and how rules from four fifths of them do on the rest.

    Returns
    -------
    (Arrow table, dict)
        The table of `association_rules`, its antecedent as one text; {"baskets", "items", "rules", "holdout": `hit_rates`,
        "top": the ten first}.
    """
    rules = association_rules(baskets, support=support, confidence=confidence)
    order = np.random.default_rng(seed).permutation(len(baskets))
    cut = len(baskets) * 4 // 5
    train, test = [baskets[i] for i in order[:cut]], [baskets[i] for i in order[cut:]]
    learned = association_rules(train, support=support, confidence=confidence)
    left = pa.array([" + ".join(map(str, items)) for items in rules["antecedent"].to_pylist()], pa.string())
    table = rules.set_column(0, "antecedent", left)
    result = {
        "baskets": len(baskets),
        "items": len({item for basket in baskets for item in basket}),
        "rules": rules.num_rows,
        "holdout": dict(hit_rates(train, test, learned)),
        "top": table.slice(0, 10).to_pylist(),
    }
    return table, result


POSITIVE = ("1", "1.0", "yes", "true", "y", "是", "流失", "churned")


def churn_run(
    features: dict[str, Any], target: str, positive: str | None = None, seed: int = 0, *, treated: str | None = None
) -> tuple[pa.Table, dict[str, Any]]:
    """Fit a churn model on a table of features, one of which is the target.

    Returns
    -------
    (Arrow table, dict)
        `row` (from 1), `probability`, and with `treated`, the column that says who was contacted (the others, drawn by lot, were
        left alone), `uplift`: how much more likely a contact makes it that they stay;
        {"rows", "left", "auc", "log_loss", "base_log_loss", "brier", "kind", "compared", "calibration", "drivers": the ten
        strongest, "left_out": columns of texts that nearly all differ, "uplift" of the trial}.

    Raises
    ------
    ValueError
        There is no such column, or it does not hold two values.
    """
    left, positive = outcome_of(features, target, positive)
    texts = [name for name, column in features.items() if column.dtype == object]
    names = [name for name in texts if name != target and len(set(features[name].tolist())) > len(left) / 2]
    used = {name: column for name, column in features.items() if name not in (target, treated, *names)}
    model = ChurnModel(seed=seed).fit(used, left)
    result = {
        "rows": len(left),
        "left": int(left.sum()),
        "positive": positive,
        **{
            name: getattr(model, name + "_")
            for name in ("auc", "log_loss", "base_log_loss", "brier", "kind", "compared", "calibration")
        },
        "drivers": [{"feature": name, "strength": strength} for name, strength in model.drivers_[:10]],
        "left_out": names,
    }
    columns = {"row": np.arange(1, len(left) + 1), "probability": model.predict_left(used)}
    if treated:
        columns["uplift"], result["uplift"] = _uplift(used, outcome_of(features, treated)[0], 1 - left, seed)
    return pa.table(columns), plain(result)


def _uplift(used: dict[str, Any], treated: Any, stayed: Any, seed: int) -> tuple[Any, dict[str, Any]]:
    """Of each row, and what the trial says of all: effect, bands, curve, what raises it."""
    model = UpliftModel(seed=seed).fit(used, treated, stayed)
    effect, qini = model.effect_, {"value": model.qini_, "low": model.qini_low_, "high": model.qini_high_}
    told = {
        "treated": int(treated.sum()), "control": int(len(treated) - treated.sum()), "balance": model.balance_,
        "effect": {"value": effect.value, "low": effect.low, "high": effect.high}, "qini": qini, "bands": model.bands_,
        "curve": model.curve_, "drivers": [{"feature": name, "strength": strength} for name, strength in model.drivers_[:10]],
    }  # fmt: skip
    return model.predict_uplift(used), told


def outcome_of(features: dict[str, Any], target: str, positive: str | None = None) -> tuple[Any, str]:
    """A column of two values as 0 and 1, and which value is 1: the one asked for, else 1, yes, true, 是, or the rarer one.

    Raises
    ------
    ValueError
        There is no such column, or it does not hold two values.
    """
    if target not in features:
        raise ValueError(f"there is no column {target!r}; there are: {', '.join(features)}")
    outcomes = np.array([str(value) for value in features[target]])
    values = sorted(set(outcomes))
    if len(values) != 2:
        raise ValueError(f"{target!r} must hold two values, not {len(values)}: {', '.join(values[:5])}")
    known = [value for value in values if value.lower() in POSITIVE]
    positive = positive or (known[0] if known else min(values, key=lambda value: int((outcomes == value).sum())))
    found = (outcomes == positive).astype(np.float64) if positive in values else (outcomes == f"{positive}.0").astype(np.float64)
    return found, positive


def plain(value: Any) -> Any:
    """The same with numbers that JSON has no word for (not a number, infinite) as None."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def _numbers(rows: pa.Table, name: str) -> Any:
    return rows[name].to_numpy().astype(np.float64)


def _parameters(model: Any) -> dict[str, Any]:
    found: dict[str, Any] = {**model.parameters_, "log_likelihood": model.log_likelihood_, "converged": model.converged_}
    if model.limit_:
        found |= {"limit": list(model.limit_), "limit_parameters": dict(model.limit_parameters_)}
    return found if model.converged_ else found | {"message": model.message_}


def _groups(table: pa.Table, column: str, names: tuple[str, ...]) -> dict[str, dict[str, float]]:
    sums = table.group_by(column).aggregate([("customer_id", "count"), ("monetary", "sum")]).to_pylist()
    found = {row[column]: {"customers": row["customer_id_count"], "monetary": row["monetary_sum"]} for row in sums}
    return {name: found.get(name, {"customers": 0, "monetary": 0.0}) for name in names}
