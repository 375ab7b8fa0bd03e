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
BEST = ("bias_best", "mae_best", "gini_best", "top_decile_best")


@require_GET
@with_run
def lifetime(request: HttpRequest, run: Run) -> HttpResponse:
    user = signed_in_person(request)
    fitted, test = run.models_fitted, run.report["back_test"]
    context = {
        "totals": queries.totals(user, run), "spread": queries.spread(user, run),
        "assumptions": restored(Assumptions, run.assumptions), "bgnbd": fitted["bgnbd"], "gamma_gamma": fitted["gamma_gamma"],
        "problems": [problem_of(fitted[name]) for name in ("bgnbd", "gamma_gamma") if "problem" in fitted[name]],
        "test": test, "forecasts": _forecasts(test), "sentences": _sentences(run, test), "test_problem": problem_of(test),
        "forecast_names": forecast_names(),
    }  # fmt: skip
    return room(request, "lifetime.html", context, run)


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
