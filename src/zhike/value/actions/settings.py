"""The assumptions of the value analysis, changed by who may run it. The next run goes by them."""

from dataclasses import asdict, fields, replace
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.core import audit, settings_store
from zhike.core.choices import AuditVerb
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value.models import Decision, Run
from zhike.value.rules import Assumptions, CostRules, CreditRules, GradeRules, RfmRules, StageRules, problems

G = TypeVar("G", Assumptions, CostRules, GradeRules, RfmRules, StageRules, CreditRules)


def record_decision(*, actor: User, text: str) -> Decision:
    """Writes down what was decided about the customers who bring little, with the figures of the current run beside it."""
    access.require(actor, Permission.VALUE_RUN)
    words = text.strip()
    if not words:
        raise ValidationError({"text": [_("Write what was decided.")]})
    with transaction.atomic():
        run = Run.objects.get(is_current=True)
        curve = run.report.get("whale")
        figures = {"as_of": run.as_of.isoformat(), "customers": run.customers, "lower_half": 1 - curve[50][1] if curve else None}
        decision = Decision.objects.create(run=run, text=words[:2000], figures=figures, decided_by=actor)
        audit.record(actor=actor, verb=AuditVerb.CREATED, on=decision, note=words[:200])
    return decision


def change_assumptions(*, actor: User, group: type[G], **values: Any) -> G:
    """Changes one group of rules, such as the cuts of the grades. Refuses what makes no sense, with the field's name."""
    access.require(actor, Permission.VALUE_RUN)
    with transaction.atomic():
        before = settings_store.read(group)
        after = replace(before, **{field.name: values[field.name] for field in fields(group) if field.name in values})
        wrong = problems(after)
        if wrong:
            raise ValidationError(wrong)
        settings_store.write(after)
        old, new = asdict(before), asdict(after)
        changes = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=group.NAME, changes=changes)
    return after
