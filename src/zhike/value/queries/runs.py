import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.sales.models import Order
from zhike.value import rules
from zhike.value.choices import RunState
from zhike.value.models import Run


def current_run() -> Run | None:
    """The run whose scores everybody sees."""
    return Run.objects.filter(is_current=True).first()


def under_way() -> Run | None:
    """The run that waits or works, if any."""
    return Run.objects.filter(state__in=[RunState.WAITING, RunState.RUNNING]).first()


def last_order_on() -> datetime.date | None:
    last = Order.objects.aggregate(last=Max("ordered_at"))["last"]
    return timezone.localtime(last).date() if last else None


def suggested_as_of(today: datetime.date) -> datetime.date:
    """As of when a run makes sense: today, or the day of the last order when the orders ended long ago."""
    return rules.default_as_of(today, last_order_on())


def expect_past(as_of: datetime.date, today: datetime.date) -> None:
    """Nobody is scored as of a day that has not come: everybody would have been silent until then."""
    if as_of > today:
        raise ValidationError({"as_of": [_("This day has not come yet. Today is %(today)s.") % {"today": today}]})


def summary_of(run: Run) -> dict[str, Any]:
    """A run in the words of the command line and the API: figures that scripts rely on."""
    buying, spending = (_model(run.models_fitted.get(name) or {}) for name in ("bgnbd", "gamma_gamma"))
    return {
        "as_of": run.as_of.isoformat(),
        "customers": run.customers,
        "bgnbd": buying,
        "gamma_gamma": spending and {name: value for name, value in spending.items() if name != "log_likelihood"},
        "customer_equity": None if run.customer_equity is None else float(run.customer_equity),
        "grades": run.report.get("grades", {}),
        "seconds": run.seconds,
    }


def _model(stored: dict[str, Any]) -> dict[str, Any] | None:
    """`limit`: what holds where a simpler model took the place of the full one; the parameters are then its own."""
    if "parameters" not in stored:
        return None
    limit = {"limit": stored["limit"]["holds"]} if "limit" in stored else {}
    return {**rules.told_parameters(stored), "log_likelihood": stored["log_likelihood"], **limit}
