"""Why a score says what it says: one sentence for each, made of the run's own figures."""

from dataclasses import dataclass

from django.utils.translation import gettext as _, ngettext

from zhike.value.choices import Grade, RfmClass, Stage
from zhike.value.models import Score
from zhike.value.queries.analyses import Said
from zhike.web import formats


@dataclass(frozen=True)
class Why:
    name: str
    figure: str
    sentence: str


def why_boxes(score: Score) -> list[Why]:
    """For people who may see value analysis. Boxes without a figure are left out."""
    boxes = [
        _grade(score),
        _stage(score),
        _recency(score),
        _frequency(score),
        _money(score),
        _alive(score),
        _clv(score),
        _trend(score),
    ]
    return [box for box in boxes if box is not None]


def said_boxes(said: list[Said]) -> list[Why]:
    """What the analyses found: the group or the value, and the sentence of each."""
    return [Why(str(one.kind.title), _figure(one), one.sentence) for one in said]


def _figure(one: Said) -> str:
    """A share beside a group only says how sure it is; other values stand before it."""
    value, values = one.finding.value, one.kind.values
    if value is None or values is None or (one.label and values.unit == "percent"):
        return one.label or "–"
    if values.unit == "percent":
        return formats.percent(value, values.digits)
    text = formats.money_short(value) if values.unit == "money" else formats.number(value, values.digits)
    return f"{text} · {one.label}" if one.label else text


def _grade(score: Score) -> Why | None:
    if not score.grade:
        return None
    since = _("since %(day)s") % {"day": formats.date(score.grade_since)} if score.grade_since else ""
    if score.earned_grade and score.earned_grade != score.grade:
        text = _("By its figures it would now be “%(grade)s”; the grade is kept for a time of grace.") % {
            "grade": Grade(score.earned_grade).label
        }
    else:
        text = _("The lifetime value of %(clv)s puts it into this part of all customers.") % {"clv": formats.money_short(score.clv)}
    return Why(_("Grade"), str(Grade(score.grade).label), f"{text} {since}".strip())


def _stage(score: Score) -> Why | None:
    if not score.stage:
        return None
    days = (score.as_of - score.last_on).days if score.last_on else None
    if days is None:
        text = _("It has bought nothing yet.")
    elif score.stage == Stage.DECLINING and (score.trend or 0) < 0 and (score.silence_ratio or 0) < 1:
        text = _("It still comes, but in the last half year it spent %(share)s less than in the half year before.") % {
            "share": formats.percent(-(score.trend or 0))
        }
    elif score.rhythm_days and score.silence_ratio is not None:
        text = _(
            "By its own purchases, and where they are few by what is usual, it comes about every %(rhythm)s days; "
            "silent for %(days)s days, %(ratio)s times that."
        ) % {
            "rhythm": formats.number(score.rhythm_days), "days": formats.number(days),
            "ratio": formats.number(score.silence_ratio, 1),
        }  # fmt: skip
    else:
        bought = score.frequency + 1
        text = ngettext(
            "It has bought on %(n)s day, last %(days)s days ago.", "It has bought on %(n)s days, last %(days)s days ago.", bought
        ) % {"n": bought, "days": formats.number(days)}
    return Why(_("Stage"), str(Stage(score.stage).label), text)


def _recency(score: Score) -> Why | None:
    if score.r_score is None or score.last_on is None:
        return None
    text = _("The last purchase was on %(day)s, %(days)s days before the run.") % {
        "day": formats.date(score.last_on), "days": formats.number((score.as_of - score.last_on).days),
    }  # fmt: skip
    return Why(_("Recency R"), _fifth(score.r_score), text)


def _frequency(score: Score) -> Why | None:
    if score.f_score is None:
        return None
    text = ngettext(
        "%(orders)s order, %(repeats)s days of buying again.", "%(orders)s orders, %(repeats)s days of buying again.", score.orders
    ) % {"orders": formats.number(score.orders), "repeats": formats.number(score.frequency)}
    return Why(_("Frequency F"), _fifth(score.f_score), text)


def _money(score: Score) -> Why | None:
    if score.m_score is None:
        return None
    text = _("%(revenue)s spent so far, returns deducted.") % {"revenue": formats.money(score.revenue)}
    if score.rfm_class:
        text += " " + _("Class: %(name)s.") % {"name": RfmClass(score.rfm_class).label}
    return Why(_("Money M"), _fifth(score.m_score), text)


def _alive(score: Score) -> Why | None:
    if score.p_alive is None:
        return None
    text = _("%(repeats)s repeat purchases within %(recency)s days, observed for %(age)s days.") % {
        "repeats": formats.number(score.frequency), "recency": formats.number(score.recency), "age": formats.number(score.age),
    }  # fmt: skip
    if score.expected_orders is not None:
        text += " " + _("Expected in the next 12 months: %(orders)s purchases.") % {
            "orders": formats.number(score.expected_orders, 1)
        }
    return Why(_("Chance to be active"), formats.percent(score.p_alive), text)


def _clv(score: Score) -> Why | None:
    if score.clv is None:
        return None
    text = _("Discounted margin expected from this customer.")
    if score.expected_orders is not None and score.expected_spend is not None:
        text = _("About %(orders)s purchases of %(spend)s a year, times margin, discounted.") % {
            "orders": formats.number(score.expected_orders, 1), "spend": formats.money_short(score.expected_spend),
        }  # fmt: skip
    if score.clv_low is not None and score.clv_high is not None:
        text += " " + _("Likely between %(low)s and %(high)s.") % {
            "low": formats.money_short(score.clv_low), "high": formats.money_short(score.clv_high),
        }  # fmt: skip
    return Why(_("Lifetime value"), formats.money_short(score.clv), text)


def _trend(score: Score) -> Why | None:
    if score.trend is None:
        return None
    text = _("Spending of the last half year against the half year before.")
    return Why(_("Trend"), f"{'+' if score.trend > 0 else ''}{formats.percent(score.trend)}", text)


def _fifth(place: int) -> str:
    return _("%(n)s of 5") % {"n": place}
