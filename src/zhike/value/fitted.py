"""What a run learned: the models of buying and spending, as numbers that can be stored and used again for one customer."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhike.value.rules import Assumptions
from zhike_insight import BetaGeoNBD, GammaGamma, NotEnoughData, discounted_purchases, lifetime_value

Floats = NDArray[np.float64]

WEEK = 7.0
YEAR_WEEKS = 365.25 / WEEK
CONFIDENCE = 0.9


@dataclass(frozen=True)
class Customers:
    """What the models need to know of customers; arrays of one length. Times in days."""

    frequency: Floats
    recency: Floats
    age: Floats
    mean_spend: Floats  # nan where there is no repeat purchase
    revenue: Floats
    margin: Floats

    def __len__(self) -> int:
        return len(self.frequency)


@dataclass(frozen=True)
class Fitted:
    """Two fitted models, or why there are none. Times of the models are weeks."""

    buying: dict[str, Any] = field(default_factory=dict)  # parameters, log_likelihood, standard_errors, log_covariance, …
    spending: dict[str, Any] = field(default_factory=dict)
    margin_share: float = 0.0  # of everybody's revenue

    @property
    def complete(self) -> bool:
        return "parameters" in self.buying and "parameters" in self.spending

    def buying_model(self) -> BetaGeoNBD:
        return BetaGeoNBD.from_parameters(**self.buying["parameters"], log_covariance=self.buying["log_covariance"])

    def spending_model(self) -> GammaGamma:
        return GammaGamma.from_parameters(**self.spending["parameters"], log_covariance=self.spending["log_covariance"])


def fit(customers: Customers, triples: tuple[Floats, Floats, Floats, Floats], clock: str) -> Fitted:
    """`triples`: frequency, recency, age in weeks, and how many customers have them. The two models are fitted side by side."""
    x, tx, age, weights = triples
    again = customers.frequency > 0
    with ThreadPoolExecutor(1) as other:
        spending = other.submit(_learned, GammaGamma(), (customers.frequency[again], customers.mean_spend[again]), None)
        buying = _learned(BetaGeoNBD(), (x, tx, age), weights) | {"clock": clock, "triples": len(x)}
        revenue = float(customers.revenue.sum())
        share = float(customers.margin.sum()) / revenue if revenue > 0 else 0.0
        return Fitted(buying, spending.result(), share)


def predict(fitted: Fitted, customers: Customers, assumptions: Assumptions) -> dict[str, Floats]:
    """Columns of the scores: p_alive, expected_orders, expected_spend, clv, clv_low, clv_high. Not a number where unknown."""
    unknown = np.full(len(customers), np.nan)
    result = dict.fromkeys(("p_alive", "expected_orders", "expected_spend", "clv", "clv_low", "clv_high"), unknown)
    if "parameters" in fitted.buying:
        x, tx, age = customers.frequency, customers.recency / WEEK, customers.age / WEEK
        model = fitted.buying_model()
        result["p_alive"] = model.p_alive(x, tx, age)
        result["expected_orders"] = discounted_purchases(model, x, tx, age, horizon=YEAR_WEEKS, time_unit="week", discount_rate=0.0)
    if fitted.complete:
        result |= _money(fitted, customers, assumptions)
    return {name: np.round(values, 6 if name in ("p_alive", "expected_orders") else 4) for name, values in result.items()}


def margin_rates(fitted: Fitted, customers: Customers) -> Floats:
    """Each customer's own margin as a share of revenue, the company's where there is no revenue; never beyond the revenue."""
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(customers.revenue > 0, customers.margin / customers.revenue, fitted.margin_share)
    return np.clip(own, -1.0, 1.0)


def _money(fitted: Fitted, customers: Customers, assumptions: Assumptions) -> dict[str, Floats]:
    values = lifetime_value(
        fitted.buying_model(), fitted.spending_model(),
        customers.frequency, customers.recency / WEEK, customers.age / WEEK, customers.mean_spend,
        horizon=assumptions.horizon_months / 12 * YEAR_WEEKS, time_unit="week", discount_rate=assumptions.discount_rate,
        confidence=CONFIDENCE,
    )  # fmt: skip
    rate = margin_rates(fitted, customers)
    ends = values.low * rate, values.high * rate
    return {
        "expected_spend": values.expected_spend,
        "clv": values.value * rate,
        "clv_low": np.minimum(*ends),
        "clv_high": np.maximum(*ends),
    }


def _learned(model: Any, data: tuple[Floats, ...], weights: Floats | None) -> dict[str, Any]:
    """The fitted model as JSON, or {"problem": why}. A fit that found no optimum is not used."""
    try:
        model.fit(*data, weights=weights)
    except NotEnoughData as problem:
        return {"problem": "not_enough_data", "detail": str(problem)}
    if not model.converged_:
        return {"problem": "no_optimum", "detail": model.message_}
    likelihood = float(model.log_likelihood_)
    told = {
        "parameters": model.parameters_, "log_likelihood": likelihood if np.isfinite(likelihood) else None,
        "standard_errors": model.standard_errors_, "log_covariance": model.log_covariance_.tolist(),
        "customers": int(weights.sum() if weights is not None else len(data[0])),
    }  # fmt: skip
    if model.limit_:
        own = {"parameters": dict(model.limit_parameters_), "standard_errors": dict(model.limit_errors_)}
        told["limit"] = {"holds": list(model.limit_), **own}
    return told
