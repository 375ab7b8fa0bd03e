"""What somebody has worked on since an import wrote it. An undo keeps it, unless it is told otherwise."""

from collections.abc import Iterator

from zhike.core.choices import LOOKED_AT
from zhike.customers.imports import changes
from zhike.customers.models import Customer

DERIVED = {
    "duplicatepair",
    "suggestion",
    "score",
    "finding",
}  # made by the product from the record itself: no reason to keep a customer


class EditedMeanwhile(Exception):
    """Somebody saved one of the records in the very moment of the undo: to be begun anew, so that theirs is kept."""


def of_created(kind: str, table: str) -> str:
    """SELECT (id, why) of the records that the batch created and somebody changed by hand, or another import that stands."""
    return f"""
SELECT t.id, 'changed' AS why FROM {table} t WHERE t.batch_id = %(batch)s AND EXISTS (SELECT 1 FROM zhike_auditentry a
    WHERE a.object_type = '{kind}' AND a.object_id = t.id AND a.verb NOT IN {LOOKED_AT})
UNION ALL SELECT t.id, 'imported' FROM {table} t WHERE t.batch_id = %(batch)s AND EXISTS (SELECT 1 FROM zhike_importchange x
    JOIN zhike_importbatch b ON b.id = x.batch_id WHERE x.object_type = '{kind}' AND x.object_id = t.id
    AND x.batch_id <> %(batch)s AND b.state = 'done')"""


def customers(*, without: str = "true") -> str:
    """SELECT (id, why) of the batch's new customers that somebody has worked on, or on whom something of others hangs.
    `without`: a condition on the orders `r` that count; those of the batch itself may still stand."""
    found = [of_created("customer", "zhike_customer")]
    for table, column in references(derived=False):
        counts = without if table == "zhike_order" else "true"
        found.append(
            f"SELECT t.id, 'used' FROM zhike_customer t WHERE t.batch_id = %(batch)s AND EXISTS "
            f"(SELECT 1 FROM {table} r WHERE r.{column} = t.id AND {counts})"
        )
    return " UNION ALL ".join(found)


def values_of_customers() -> str:
    """SELECT (id, why) of the customers that the batch changed and in whom a value was changed again since."""
    differs = " OR ".join(
        f"(ch.after ? '{one.column}' AND to_jsonb(c.{one.column}) IS DISTINCT FROM ch.after->'{one.column}')"
        for one in changes.FROM_CUSTOMERS
    )
    return (
        "SELECT c.id, 'value' AS why FROM zhike_importchange ch JOIN zhike_customer c ON c.id = ch.object_id "
        f"WHERE ch.batch_id = %(batch)s AND ch.object_type = 'customer' AND c.deleted_at IS NULL AND ({differs})"
    )


def references(*, derived: bool) -> Iterator[tuple[str, str]]:
    """(table, column) of everything that points to a customer, in every domain."""
    for relation in [*Customer._meta.related_objects]:
        model = relation.related_model
        if relation.concrete or not hasattr(relation.field, "column") or relation.field.column is None:
            continue
        if (model._meta.model_name in DERIVED) == derived:
            yield model._meta.db_table, relation.field.column
