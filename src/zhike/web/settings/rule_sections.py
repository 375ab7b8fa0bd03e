"""Which settings an administrator sees, in which words and limits."""

from django.utils.translation import gettext_lazy as _

from zhike.care.choices import Rule as Reason
from zhike.care.rules import CareRules, CareTexts
from zhike.customers.settings import BinRules, DuplicateRules, ImportRules, RevealRules
from zhike.teams.rules import ExportRules
from zhike.value.choices import GradeBasis, GradeMethod, RfmMethod
from zhike.value.rules import Assumptions, GradeRules, RfmRules, StageRules
from zhike.web.settings.rule_forms import Rule, Section

MONEY = [("revenue", _("revenue")), ("margin", _("margin"))]

VALUE = (
    Section(
        Assumptions, _("Assumptions"),
        (
            Rule("default_margin", _("Margin where the cost is unknown, %"), "percent", most=100),
            Rule("discount_rate", _("Discount rate a year, %"), "percent", most=100),
            Rule("horizon_months", _("Horizon in months"), least=1, most=60),
            Rule("runs_kept", _("Runs kept"), least=2, most=50),
        ),
        note=_("The next run goes by them."),
    ),
    Section(
        GradeRules, _("Grades"),
        (
            Rule("method", _("How grades are drawn"), "choice", choices=GradeMethod.choices),
            Rule("basis", _("by what"), "choice", choices=GradeBasis.choices),
            Rule("shares", _("Shares where key, important and regular end, %"), "percents", most=1),
            Rule("thresholds", _("Thresholds of key, important and regular, ¥"), "numbers", most=1e9),
            Rule("grace_days", _("Days a better grade is kept"), most=1000),
        ),
    ),
    Section(
        RfmRules, _("Recency, frequency, money"),
        (
            Rule("method", _("How scores are drawn"), "choice", choices=RfmMethod.choices),
            Rule("window_days", _("Days looked back"), most=3650, help=_("0: everything there is")),
            Rule("monetary", _("Money is"), "choice", choices=MONEY),
            Rule("recency_cuts", _("Cuts of recency, days"), "numbers", most=10_000),
            Rule("frequency_cuts", _("Cuts of frequency, purchase days"), "numbers", most=10_000),
            Rule("monetary_cuts", _("Cuts of money, ¥"), "numbers", most=1e9),
        ),
    ),
    Section(
        StageRules, _("Lifecycle stages"),
        (
            Rule("lost_silence", _("Lost from this many own intervals of silence"), "number", least=1, most=100),
            Rule("lost_alive", _("or below this chance of being a customer, %"), "percent", most=100),
            Rule("declining_silence", _("Declining from this many own intervals of silence"), "number", least=1, most=100),
            Rule("declining_alive", _("or below this chance, %"), "percent", most=100),
            Rule("declining_trend", _("or when half a year's spend changes by, %"), "percent", least=-100, most=0),
            Rule("forming_purchases", _("Forming until this many purchase days"), least=2, most=100),
            Rule("forming_days", _("and this many days since the first"), "number", most=3650),
            Rule("alarm_probability", _("Alarm at silences rarer than, %"), "percent", most=50),
        ),
    ),
)  # fmt: skip
_EFFECT = _("Share of the margin at stake that a contact brings, %")
CARE_BY_RULE: dict[str, tuple[Rule, ...]] = {
    "slipping": (
        Rule("silence_from", _("Slipping from this many own intervals of silence"), "number", least=1, most=20),
        Rule("silence_until", _("and lost beyond"), "number", least=1, most=50),
    ),
    "no_contact": (
        Rule("cadence_key", _("Days between contacts at most: key customers"), most=3650, help=_("0: no cadence")),
        Rule("cadence_important", _("important customers"), most=3650),
        Rule("cadence_regular", _("regular customers"), most=3650),
        Rule("cadence_small", _("small customers"), most=3650),
    ),
    "second_purchase": (),
    "promise": (Rule("promise_days", _("Days ahead of a promise"), most=60),),
    "birthday": (Rule("birthday_days", _("Days ahead of a birthday"), most=60),),
    "question": (),
}
CARE_PEACE = (
    Rule(
        "cap_contacts", _("Contacts of ours with one customer at most"), most=100, help=_("0: no cap; promises and birthdays go on")
    ),
    Rule("cap_days", _("within days"), least=1, most=365),
    Rule("rest_days", _("Days of rest after a contact"), most=365),
    Rule("same_rule_days", _("Days before the same reason comes again"), most=365),
    Rule("refused_days", _("Days of silence about a reason that did not fit"), most=3650),
    Rule("not_now_days", _("Days after “not now”"), most=365),
    Rule("per_person", _("Open suggestions a person at most"), least=1, most=500),
)
CARE = Section(
    CareRules, _("Reasons to contact somebody"),
    tuple(
        rule
        for name, own in CARE_BY_RULE.items()
        for rule in (Rule(f"on_{name}", _("suggest this"), "yes_no"), *own, Rule(f"effect_{name}", _EFFECT, "percent", most=100))
    )
    + CARE_PEACE,
)  # fmt: skip
CARE_TEXTS = Section(
    CareTexts, _("Own words"), tuple(Rule(reason.value, reason.label, "text", most=200) for reason in Reason),
    note=_("Said after the greeting instead of the product's words. Empty: the product's."),
)  # fmt: skip
PROTECTION = (
    Section(RevealRules, _("Masked fields"), (Rule("daily_limit", _("Reveals a person and day"), most=10_000),)),
    Section(
        DuplicateRules, _("Duplicates"),
        (
            Rule("tell_hidden", _("Say that a customer exists when somebody else owns it"), "yes_no"),
            Rule("least_probability", _("Searching: least probability of a pair"), "percent", least=50, most=99.9),
            Rule("largest_group", _("One phone of more customers than this is a switchboard"), least=2, most=1000),
        ),
    ),
    Section(
        ExportRules, _("Exports without asking, a person and day"),
        (
            Rule("secret", _("Rows with secret fields"), most=10_000_000),
            Rule("confidential", _("Rows with confidential fields, such as phones"), most=10_000_000),
            Rule("internal", _("Other rows"), most=10_000_000),
            Rule("valid_days", _("Days an approval is valid"), least=1, most=365),
        ),
        note=_("By the highest class that the file shows in plain. More rows need the approval of somebody with that right."),
    ),
    Section(BinRules, _("Recycle bin"), (Rule("keep_days", _("Days kept"), least=1, most=3650),)),
    Section(
        ImportRules, _("Imports"), (Rule("keep_days", _("Days kept"), least=1, most=3650),),
        note=_("The uploaded files of finished and discarded imports, and their rows left out. Undo needs no file."),
    ),
)  # fmt: skip
