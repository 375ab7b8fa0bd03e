"""What must be true of the whole company's data and no single constraint can say."""

from dataclasses import dataclass

from django.db import connection

from zhike.core import audit_chain

# Each gives the ids of the rows that break the rule.
RULES = {
    "owners work here": """
        SELECT c.id FROM zhike_customer c JOIN zhike_user u ON u.id = c.owner_id WHERE c.deleted_at IS NULL AND NOT u.is_active""",
    "promises have somebody who works here": """
        SELECT i.id FROM zhike_interaction i JOIN zhike_user u ON u.id = i.staff_id
        JOIN zhike_customer c ON c.id = i.customer_id WHERE i.state = 'planned' AND c.deleted_at IS NULL AND NOT u.is_active""",
    "departments form a tree": """
        WITH RECURSIVE up(start, place, path) AS (
            SELECT id, parent_id, ARRAY[id] FROM zhike_department WHERE parent_id IS NOT NULL
            UNION ALL SELECT up.start, d.parent_id, up.path || d.id FROM up JOIN zhike_department d ON d.id = up.place
            WHERE d.id <> ALL (up.path)
        ) SELECT DISTINCT start FROM up WHERE place = ANY (path)""",
    "managers do not go round in a circle": """
        WITH RECURSIVE up(start, place, path) AS (
            SELECT id, manager_id, ARRAY[id] FROM zhike_user WHERE manager_id IS NOT NULL
            UNION ALL SELECT up.start, u.manager_id, up.path || u.id FROM up JOIN zhike_user u ON u.id = up.place
            WHERE u.id <> ALL (up.path)
        ) SELECT DISTINCT start FROM up WHERE place = ANY (path)""",
    "there is an administrator": """
        SELECT 0 WHERE EXISTS (SELECT 1 FROM zhike_user)
        AND NOT EXISTS (SELECT 1 FROM zhike_user WHERE is_administrator AND is_active)""",
    "who left has no way in": """
        SELECT u.id FROM zhike_user u WHERE NOT u.is_active AND (
            EXISTS (SELECT 1 FROM zhike_usersession s WHERE s.user_id = u.id)
            OR EXISTS (SELECT 1 FROM zhike_apitoken t WHERE t.user_id = u.id AND t.revoked_at IS NULL))""",
    "orders belong to living customers": """
        SELECT o.id FROM zhike_order o JOIN zhike_customer c ON c.id = o.customer_id WHERE c.merged_into_id IS NOT NULL""",
    "merged customers point to living ones": """
        SELECT c.id FROM zhike_customer c JOIN zhike_customer k ON k.id = c.merged_into_id
        WHERE k.deleted_at IS NOT NULL AND k.merged_into_id IS NULL""",
    "owners, departments and sources of customers are there": """
        SELECT c.id FROM zhike_customer c LEFT JOIN zhike_user u ON u.id = c.owner_id LEFT JOIN zhike_department d
        ON d.id = c.department_id LEFT JOIN zhike_source s ON s.id = c.source_id WHERE (c.owner_id IS NOT NULL AND u.id IS NULL)
        OR (c.department_id IS NOT NULL AND d.id IS NULL) OR (c.source_id IS NOT NULL AND s.id IS NULL)""",
    "orders have their customer and import": """
        SELECT o.id FROM zhike_order o LEFT JOIN zhike_customer c ON c.id = o.customer_id
        LEFT JOIN zhike_importbatch b ON b.id = o.batch_id WHERE c.id IS NULL OR (o.batch_id IS NOT NULL AND b.id IS NULL)""",
    "order lines have their order and product": """
        SELECT l.id FROM zhike_orderline l LEFT JOIN zhike_order o ON o.id = l.order_id
        LEFT JOIN zhike_product p ON p.id = l.product_id WHERE o.id IS NULL OR p.id IS NULL""",
    "scores belong to customers": """
        SELECT s.customer_id FROM zhike_score s LEFT JOIN zhike_customer c ON c.id = s.customer_id WHERE c.id IS NULL""",
    "customers can be found by name": """
        SELECT id FROM zhike_customer WHERE deleted_at IS NULL AND search = '{}' AND name ~ '[[:alnum:]]'""",
}


@dataclass(frozen=True)
class Finding:
    name: str
    count: int
    example: int | None


def check_all() -> list[Finding]:
    return [*(_broken(name, sql) for name, sql in RULES.items()), _audit_trail()]


def _broken(name: str, sql: str) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), min(broken.id) FROM ({sql}) AS broken(id)")  # noqa: S608  from RULES
        count, example = cursor.fetchone()
    return Finding(name, count, example)


def _audit_trail() -> Finding:
    verdict = audit_chain.verify()
    return Finding("the audit trail is as it was sealed", 0 if verdict.is_whole else 1, verdict.first_bad)
