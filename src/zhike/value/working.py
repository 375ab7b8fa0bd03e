"""A run at work. Apart from the asking, because it brings the engine and the fits, which take seconds to load."""

import datetime

from django.db import transaction
from django.db.models import Q

from zhike.core import events, settings_store
from zhike.value import locks, rules, snapshot, undertaking, writeback
from zhike.value.catching_up import catch_up, changed_since
from zhike.value.choices import RunState, Step
from zhike.value.events import RunFinished
from zhike.value.journal import Journal, Listener
from zhike.value.models import Analysis, Run

MANY_TOUCHED = 0.2  # of all customers: from then on a whole run is quicker


def score_touched(current: Run, today: datetime.date) -> bool:
    """Scores whose orders changed since the run; False when a whole run is quicker."""
    facts = snapshot.refresh()
    customers = changed_since(current, facts)
    if customers is None or len(customers) > MANY_TOUCHED * current.customers:
        return False
    catch_up(current, facts, customers, today)
    _orders_meanwhile(current, today)
    current.refresh_from_db()
    return True


def work(run: Run, progress: Listener | None) -> Run:
    """Marks as failed whatever a killed process left behind, then does this one. A failure leaves the current run as it is."""
    undertaking.give_up(Run.objects.exclude(pk=run.pk))
    journal = Journal(run.pk, progress)
    undertaking.carry_through(run, journal, lambda: _score(run, journal))
    return run


def _score(run: Run, journal: Journal) -> None:
    from zhike.value import scoring  # the engine and the fits take longer to load than a few customers take to score

    with journal.step(Step.FACTS) as progress:
        manifest = snapshot.refresh(progress)
    result = scoring.score_everybody(run, manifest, journal)
    with journal.step(Step.WRITE) as progress, transaction.atomic():
        total = result.scores.num_rows * 2  # the indexes take as long as the rows
        writeback.store(run.pk, result.scores, lambda rows: progress(rows, total))
        snapshot.pin(manifest)
        locks.nobody_rescores()
        Run.objects.filter(is_current=True).update(is_current=False)
        Run.objects.filter(pk=run.pk).update(is_current=True, **result.fields)
        events.announce(RunFinished(run.pk))
    undertaking.end(run, RunState.DONE, journal)
    _tidy(run)
    _orders_meanwhile(run, run.as_of)


def _orders_meanwhile(run: Run, today: datetime.date) -> None:
    """Orders that came since the copy was made are not in the scores that were written from it: score their customers again."""
    run.refresh_from_db()
    facts = snapshot.refresh()
    customers = changed_since(run, facts)
    if customers:
        catch_up(run, facts, customers, today)


def _tidy(run: Run) -> None:
    """Keeps the scores and facts of the last runs, and the facts of the analyses that are current or kept; lets go of older ones,
    and of what nobody knows any more. Copies share the parts that did not change."""
    kept = settings_store.read(rules.Assumptions).runs_kept
    keep = set(Run.objects.filter(state=RunState.DONE).values_list("pk", flat=True)[: max(kept, 2)]) | {run.pk}
    for old in writeback.partitions() - keep:
        writeback.drop(old)
    tokens = Run.objects.filter(pk__in=keep).values_list("report__facts__token", flat=True)
    analysed = Analysis.objects.filter(Q(is_current=True) | Q(is_kept=True)).values_list("facts", flat=True)
    snapshot.tidy({token for token in (*tokens, *analysed) if token})
