"""Which settings an administrator sees, in which words and limits."""

from django.utils.translation import gettext_lazy as _

from zhike.care.rules import CareRules
from zhike.customers.settings import BinRules, DuplicateRules, RevealRules
from zhike.web.settings.rule_forms import Rule, Section

CARE = (
    Section(
        CareRules, _("Contact"),
        (
            Rule("cadence_key", _("Days between contacts at most: key customers"), most=3650, help=_("0: no cadence")),
            Rule("cadence_important", _("important customers"), most=3650),
            Rule("cadence_regular", _("regular customers"), most=3650),
            Rule("cadence_small", _("small customers"), most=3650),
            Rule("rest_days", _("Days of rest after a contact"), most=365),
            Rule("silence_from", _("Slipping from this many own intervals of silence"), "number", least=1, most=20),
            Rule("silence_until", _("and lost beyond"), "number", least=1, most=50),
            Rule("birthday_days", _("Days ahead of a birthday"), most=60),
            Rule("promise_days", _("Days ahead of a promise"), most=60),
            Rule("same_rule_days", _("Days before the same reason comes again"), most=365),
            Rule("refused_days", _("Days of silence about a reason that did not fit"), most=3650),
            Rule("not_now_days", _("Days after “not now”"), most=365),
            Rule("per_person", _("Open suggestions a person at most"), least=1, most=500),
        ),
    ),
)  # fmt: skip
PROTECTION = (
    Section(RevealRules, _("Masked fields"), (Rule("daily_limit", _("Reveals a person and day"), most=10_000),)),
    Section(
        DuplicateRules, _("Duplicates"),
        (
            Rule("tell_hidden", _("Say that a customer exists when somebody else owns it"), "yes_no"),
            Rule("largest_group", _("One phone of more customers than this is a switchboard"), least=2, most=1000),
        ),
    ),
    Section(BinRules, _("Recycle bin"), (Rule("keep_days", _("Days kept"), least=1, most=3650),)),
)  # fmt: skip
