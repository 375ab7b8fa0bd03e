"""Lifetime value: how it is spread, and whether the models behind it can be trusted."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.value import queries
from zhike.value.models import Run
from zhike.value.rules import Assumptions, restored
from zhike.web import formats
from zhike.web.people import signed_in_person
from zhike.web.value.room import room, with_run

GOOD_BIAS, FAIR_BIAS = 0.1, 0.25
SIMPLER = {("nobody_leaves",): "NBD", ("one_rate", "nobody_leaves"): "Poisson"}
BEST = ("bias_best", "mae_best", "gini_best", "top_decile_best")


@require_GET
@with_run
def lifetime(request: HttpRequest, run: Run) -> HttpResponse:
    user = signed_in_person(request)
    fitted, test = run.models_fitted, run.report["back_test"]
    context = {
        "totals": queries.totals(user, run), "spread": queries.spread(user, run),
        "assumptions": restored(Assumptions, run.assumptions), "bgnbd": fitted["bgnbd"],
        "fits": [_fit(fitted[name], name) for name in ("bgnbd", "gamma_gamma") if "parameters" in fitted[name]],
        "simpler": _simpler(fitted),
        "problems": [problem_of(fitted[name]) for name in ("bgnbd", "gamma_gamma") if "problem" in fitted[name]],
        "test": test, "forecasts": _forecasts(test), "sentences": _sentences(run, test), "test_problem": problem_of(test),
        "forecast_names": forecast_names(),
    }  # fmt: skip
    return room(request, "lifetime.html", context, run)


def _fit(model: dict[str, Any], name: str) -> dict[str, Any]:
    """A fitted model for the analyst; where a simpler one took its place, that one."""
    usual = {"bgnbd": "BG/NBD", "gamma_gamma": "Gamma-Gamma"}[name]
    limit = model.get("limit")
    told = limit or model
    words = {
        "rate": _("purchases a week"), "leaving": _("chance of leaving after a purchase"), "mean": _("mean spend"),
        "scale": _("scale"),
    }  # fmt: skip
    rows = [(words.get(one, one), value, told["standard_errors"][one]) for one, value in told["parameters"].items()]
    called = SIMPLER.get(tuple(limit["holds"]), usual) if limit else usual
    return {"name": called, "rows": rows, "log_likelihood": model["log_likelihood"], "customers": model["customers"]}


def _simpler(fitted: dict[str, Any]) -> list[str]:
    """What the customers have in common, where a simpler model took the place of a full one."""
    words = {
        "nobody_leaves": _("The orders give no sign that anybody left, so everybody counts as active: likely active is 100% for "
            "all. That is what can be seen so far, not a promise that all will stay."),
        "nobody_stays": _("Who came back once was not seen again: repeat buyers count as gone."),
        "one_rate": _("Customers differ in how often they buy by no more than chance: all are expected to buy at one rate."),
        "one_chance_of_leaving": _("After each purchase all customers leave with the same probability."),
        "one_mean": _("Customers differ in what they spend by no more than chance: the company's mean is expected of all."),
        "own_means": _("Each customer spends always about the same: the own mean is expected of each repeat buyer."),
        "one_spend": _("All customers spend the same: the company's mean is expected of all."),
    }  # fmt: skip
    told = [words[one] for name in ("bgnbd", "gamma_gamma") for one in fitted[name].get("limit", {}).get("holds", [])]
    why = _("The customers are more alike than the full model assumes; a simpler one fits as well and is used.")
    return [why, *told] if told else []


def problem_of(told: dict[str, Any]) -> str:
    """Why there is no model, in words."""
    words = {
        "not_enough_data": _("Too few customers bought again: there is nothing to learn from yet."),
        "no_optimum": _("The customers are too alike for this model: no single set of parameters fits best."),
        "short_history": _("The orders span less than two months: too short to hold a part of them back."),
    }
    return words.get(told.get("problem", ""), "")


def forecast_names() -> dict[str, str]:
    return {
        "bgnbd": _("BG/NBD model"), "same_rate": _("everybody goes on at the own rate"),
        "last_period": _("the last period comes again"), "all_equal": _("everybody buys as all together did"),
    }  # fmt: skip


def _forecasts(test: dict[str, Any]) -> list[dict[str, Any]]:
    """Models first, then the naive forecasts; the best of each measure is marked."""
    names = forecast_names()
    rows = [
        {"name": names.get(code, code), "is_model": kind == "models", **dict.fromkeys(BEST, False), **figures}
        for kind in ("models", "baselines")
        for code, figures in test.get(kind, {}).items()
    ]
    for measure in ("bias", "mae", "gini", "top_decile"):
        ranks = [
            (-abs(row[measure]) if measure in ("bias", "mae") else row[measure], place)
            for place, row in enumerate(rows)
            if row[measure] is not None
        ]
        if ranks:
            rows[max(ranks)[1]][f"{measure}_best"] = True
    return rows


def _sentences(run: Run, test: dict[str, Any]) -> list[str]:
    """The model report for the owner."""
    model = test.get("models", {}).get("bgnbd")
    if not model or model["bias"] is None:
        return []
    off = abs(model["bias"])
    verdict = _("well") if off <= GOOD_BIAS else _("fairly") if off <= FAIR_BIAS else _("poorly")
    told = [
        _("Asked on %(day)s to foresee the following %(weeks)d weeks, the model expected %(expected)s repeat purchases; "
          "%(actual)s came. It foresaw the total %(verdict)s (%(bias)s).") % {
            "day": test["calibration_end"], "weeks": round(test["length"]), "expected": formats.number(model["expected"]),
            "actual": formats.number(test["actual"]), "verdict": verdict, "bias": formats.percent(model["bias"], 1),
        },
    ]  # fmt: skip
    if model["top_decile"] is not None:
        told.append(
            _("The tenth of the customers it put first made %(share)s of those purchases.")
            % {"share": formats.percent(model["top_decile"])}
        )
    wins = test.get("baseline_wins", [])
    told.append(
        _("A forecast without a model would have been better in some measure: see the table.") if wins
        else _("No forecast without a model was better in any measure.")
    )  # fmt: skip
    return told
