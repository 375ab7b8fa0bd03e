"""All customers compared with each other: names however they are written, phones, addresses, weighed by the analytics library."""

import json
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

AT_ONCE = 20_000
MOST_CUSTOMERS = 400_000  # about 1.5 GB while they are compared
SPEAKS = 0.5  # bits: what weighs less is not worth saying
# the finding of the library → the word that the exact search uses for the same
_EXACT = {
    "phone.same": "phone", "email.same": "email", "code.same": "credit_code", "birthday.same": "birthday", "person.same": "name",
    "company.same": "name",
}  # fmt: skip
_COLUMNS = ("id", "kind", "name", "phone", "email", "code", "birthday", "address")
_CUSTOMERS = """
    SELECT c.id, c.kind, c.name, concat_ws(',', nullif(c.phone, ''), i.phones), c.email, c.credit_code,
           CASE WHEN c.birthday_is_lunar OR extract(year FROM c.birthday) = 1904 THEN '' ELSE c.birthday::text END,
           (SELECT region || detail FROM zhike_address a WHERE a.customer_id = c.id ORDER BY is_main DESC, id LIMIT 1)
    FROM zhike_customer c LEFT JOIN (
        SELECT customer_id, string_agg(value, ',') AS phones FROM zhike_identifier WHERE kind = 'phone' GROUP BY customer_id
    ) i ON i.customer_id = c.id
    WHERE c.deleted_at IS NULL ORDER BY c.id"""
_NOTE = """
    INSERT INTO zhike_duplicatepair (first_id, second_id, reasons, against, probability, state, found_at)
    SELECT p.first, p.second, p.reasons, p.against, p.probability, 'open', now()
    FROM jsonb_to_recordset(%s::jsonb) AS p(first bigint, second bigint, reasons jsonb, against jsonb, probability float8)
    JOIN zhike_customer a ON a.id = p.first AND a.deleted_at IS NULL
    JOIN zhike_customer b ON b.id = p.second AND b.deleted_at IS NULL
    ON CONFLICT (first_id, second_id) DO UPDATE SET
        probability = EXCLUDED.probability, against = EXCLUDED.against,
        reasons = (
            SELECT jsonb_agg(DISTINCT one) FROM jsonb_array_elements(zhike_duplicatepair.reasons || EXCLUDED.reasons) AS one
        )
    WHERE zhike_duplicatepair.state = 'open'
    RETURNING (xmax = 0) AS is_new"""


class TooMany(Exception):
    """More customers than are compared at once."""


def compare_all(least_probability: float, progress: Callable[[float], object]) -> tuple[int, int]:
    """Puts likely pairs into the queue; decided ones stay decided. Gives how many customers were compared, and new pairs."""
    from zhike_insight.matching.duplicates import find_duplicates

    columns = _read()
    ids = columns.pop("id")
    found = find_duplicates(columns, threshold=least_probability, progress=progress)
    new = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for start in range(0, found.num_rows, AT_ONCE):
            pairs = [_pair(ids, row) for row in found.slice(start, AT_ONCE).to_pylist()]
            cursor.execute(_NOTE, [json.dumps(pairs)])
            new += sum(is_new for (is_new,) in cursor.fetchall())
    return len(ids), new


def _read() -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_CUSTOMERS)
        while rows := cursor.fetchmany(AT_ONCE):
            for name, values in zip(_COLUMNS, zip(*rows, strict=True), strict=True):
                columns[name] += values
            if len(columns["id"]) > MOST_CUSTOMERS:
                raise TooMany
    return columns


def _pair(ids: list[int], row: dict[str, Any]) -> dict[str, Any]:
    """Rows are in the order of the ids, so the first one has the smaller id."""
    findings = [(f"{one['evidence']}.{one['finding']}", one["bits"]) for one in row["evidence"]]
    return {
        "first": ids[row["first"]], "second": ids[row["second"]], "probability": row["probability"],
        "reasons": [_EXACT.get(name, name) for name, bits in findings if bits > SPEAKS],
        "against": [name for name, bits in findings if bits < -SPEAKS],
    }  # fmt: skip
