"""The queue of pairs that may be one customer: filled after a save, and set-based after an import."""

from django.db import connection, transaction

from zhike.core import settings_store
from zhike.customers.models import Customer, DuplicatePair, ImportBatch
from zhike.customers.queries import duplicates as looking
from zhike.customers.rules.duplicates import worth_reviewing
from zhike.customers.settings import DuplicateRules

# Each gives (id, key) of living customers; equal keys are a pair. Fixed texts, no parameter goes into them.
_KEYS = {
    "phone": "SELECT id, phone FROM zhike_customer WHERE deleted_at IS NULL AND phone <> ''",
    "email": "SELECT id, email FROM zhike_customer WHERE deleted_at IS NULL AND email <> ''",
    "credit_code": "SELECT id, credit_code FROM zhike_customer WHERE deleted_at IS NULL AND credit_code <> ''",
    "member_no": "SELECT id, member_no FROM zhike_customer WHERE deleted_at IS NULL AND member_no <> ''",
    "name": "SELECT id, lower(name) FROM zhike_customer WHERE deleted_at IS NULL AND kind = 'organisation'",
    "name+birthday": "SELECT id, name || ' ' || birthday FROM zhike_customer WHERE deleted_at IS NULL AND birthday IS NOT NULL",
}


def note(customer: Customer) -> None:
    """After a save: puts likely duplicates into the review queue, unless somebody already decided about the pair."""
    values = {code: getattr(customer, code) for code in (*looking.EXACT, "name", "birthday")}
    for match in looking.matches(Customer.objects.living(), values, but=customer.pk):
        if not worth_reviewing(match.reasons, customer.kind):
            continue
        first, second = sorted((customer.pk, match.customer.pk))
        DuplicatePair.objects.bulk_create(
            [DuplicatePair(first_id=first, second_id=second, reasons=sorted(match.reasons))], ignore_conflicts=True
        )


@transaction.atomic
def find_duplicates(batch: ImportBatch | int | None = None) -> int:
    """All pairs at once, of an import's customers with all others, or of everybody. Gives how many are new in the queue.

    Part of an import, which has asked for the right; set-based, one statement a reason.
    """
    batch_id = batch.pk if isinstance(batch, ImportBatch) else batch
    largest = settings_store.read(DuplicateRules).largest_group
    return sum(_pairs_by(reason, batch_id, largest) for reason in _KEYS)


def _pairs_by(reason: str, batch_id: int | None, largest: int) -> int:
    sql = f"""
        WITH keyed(id, key) AS ({_KEYS[reason]}),
        fresh(key) AS (
            SELECT DISTINCT key FROM keyed JOIN zhike_customer USING (id) WHERE %(batch)s::bigint IS NULL OR batch_id = %(batch)s
        ),
        grouped AS (SELECT id, key, count(*) OVER (PARTITION BY key) AS size FROM keyed JOIN fresh USING (key))
        INSERT INTO zhike_duplicatepair (first_id, second_id, reasons, against, state, found_at)
        SELECT a.id, b.id, to_jsonb(string_to_array(%(reason)s, '+')), '[]'::jsonb, 'open', now()
        FROM grouped a JOIN grouped b ON a.key = b.key AND a.id < b.id
        JOIN zhike_customer x ON x.id = a.id JOIN zhike_customer y ON y.id = b.id
        WHERE a.size BETWEEN 2 AND %(largest)s
          AND (%(batch)s::bigint IS NULL OR x.batch_id = %(batch)s OR y.batch_id = %(batch)s)
        ON CONFLICT (first_id, second_id) DO UPDATE SET reasons = (
            SELECT jsonb_agg(DISTINCT one) FROM jsonb_array_elements(zhike_duplicatepair.reasons || EXCLUDED.reasons) AS one
        ) WHERE zhike_duplicatepair.state = 'open' AND NOT zhike_duplicatepair.reasons @> EXCLUDED.reasons
        RETURNING (xmax = 0) AS is_new"""  # noqa: S608  the keys are the fixed texts above
    with connection.cursor() as cursor:
        cursor.execute(sql, {"batch": batch_id, "reason": reason, "largest": largest})
        return sum(is_new for (is_new,) in cursor.fetchall())
