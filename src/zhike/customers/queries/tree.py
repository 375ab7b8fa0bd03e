"""The tree of parent companies."""

from django.db import connection


def ancestors(customer_id: int) -> set[int]:
    """The customer itself and all companies above it."""
    sql = """
        WITH RECURSIVE above(id, parent_id) AS (
            SELECT id, parent_id FROM zhike_customer WHERE id = %s
            UNION SELECT up.id, up.parent_id FROM zhike_customer up JOIN above ON up.id = above.parent_id
        ) SELECT id FROM above"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [customer_id])
        return {row[0] for row in cursor.fetchall()}
