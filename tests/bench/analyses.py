"""The analyses at the size of the company: it gets products, lines of a third of its orders, relationships and a survey, then each
kind is carried out in a process of its own."""

import json
import resource
from typing import Any

import psycopg

from tests.bench.installation import Installation

PRODUCTS, LINES = 400, 20
FIRST, SECOND, PICKED = 7, 13, 40  # what goes with a product; in so many of a hundred orders
SHEETS, ASPECTS = 300_000, 8  # answered, and rated on each
# Fixed, not drawn anew: the same company gives the same figures.
FILL = f"""
SET session_replication_role = replica;
INSERT INTO zhike_productline (name) SELECT '产品线' || n FROM generate_series(1, {LINES}) n;
INSERT INTO zhike_product (code, name, line_id, unit, variant_kind, price, is_active)
SELECT 'P' || n, '产品' || n, (SELECT min(id) FROM zhike_productline) + n / {PRODUCTS // LINES}, '', '', 20 + n % {LINES} * 15, true
FROM generate_series(0, {PRODUCTS - 1}) n;
INSERT INTO zhike_orderline (order_id, product_id, quantity, unit_price, amount)
WITH drawn AS (
    SELECT id, abs(hashint8extended(customer_id, 1)) % {PRODUCTS} AS mine, abs(hashint8extended(id, 2)) % 1000 AS mood,
           abs(hashint8extended(id, 3)) % 1000 AS luck, abs(hashint8extended(id, 4)) % 100 AS more
    FROM zhike_order WHERE kind = 'sale' AND id % 3 = 0
), first AS (
    SELECT id, more, CASE WHEN mood < 550 THEN mine WHEN mood < 800 THEN mine / {LINES} * {LINES} + luck % {LINES}
        ELSE floor((luck / 1000.0) ^ 3 * {PRODUCTS}) END::bigint AS product FROM drawn
), bought AS (
    SELECT id, product FROM first UNION ALL
    SELECT id, (product * {FIRST} + {SECOND}) % {PRODUCTS} FROM first WHERE more < {PICKED}
)
SELECT b.id, p.id, 1, p.price, p.price FROM bought b JOIN zhike_product p ON p.code = 'P' || b.product ORDER BY 1;
INSERT INTO zhike_relationship (customer_id, other_id, kind, note)
WITH people AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS many FROM zhike_customer),
drawn AS (
    SELECT t, many, abs(hashint8extended(t, 1)) % many AS a, abs(hashint8extended(t, 2)) % 40 AS near,
           (abs(hashint8extended(t, 3)) % 10000) / 10000.0 AS luck, abs(hashint8extended(t, 4)) % 10 AS mood
    FROM (SELECT max(many) AS many FROM people) p, generate_series(1, p.many / 5) t
)
SELECT one.id, other.id, CASE WHEN mood < 6 THEN 'refers' ELSE 'knows' END, ''
FROM drawn JOIN people one ON one.n = a
JOIN people other ON other.n = CASE WHEN mood % 3 > 0 THEN a / 40 * 40 + near ELSE floor(luck ^ 3 * drawn.many)::bigint END
WHERE one.id <> other.id ON CONFLICT DO NOTHING;
UPDATE zhike_customer SET tags = CASE WHEN id % 50 = 0 THEN ARRAY['held'] ELSE ARRAY['acted'] END WHERE id % 10 = 0;
INSERT INTO zhike_survey (name, created_at) VALUES ('满意度调查', now());
INSERT INTO zhike_surveyquestion (survey_id, role, number, title, low, high)
SELECT v.id, q.role, q.n, q.title, q.low, q.high FROM zhike_survey v, (
    SELECT 'rating' AS role, n, '方面' || n AS title, 1 AS low, 5 AS high FROM generate_series(1, {ASPECTS}) n
    UNION ALL VALUES ('overall', 0, '总体满意', 1, 5), ('recommend', 0, '愿意推荐', 0, 10)) q;
INSERT INTO zhike_answersheet (survey_id, row, customer_id, day, shop, product, person, words, satisfaction, recommend)
SELECT v.id, row_number() OVER (ORDER BY c.id), c.id, date '2026-06-30' - (c.id % 300)::int, '门店' || c.id % 20, '', '', '',
       25 * (abs(hashint8extended(c.id, 1)) % 5),
       (abs(hashint8extended(c.id, 1)) % 5 * 3 + abs(hashint8extended(c.id, 2)) % 3) * 10 / 14
FROM zhike_survey v, (SELECT id FROM zhike_customer WHERE id % 3 = 0 ORDER BY id LIMIT {SHEETS}) c;
INSERT INTO zhike_answer (sheet_id, question_id, value)
SELECT a.id, q.id, CASE q.role WHEN 'recommend' THEN a.recommend WHEN 'overall' THEN 1 + a.satisfaction / 25
    ELSE 1 + (a.satisfaction / 25 + abs(hashint8extended(a.id * 16 + q.number, 3)) % 3)::int % 5 END
FROM zhike_answersheet a JOIN zhike_surveyquestion q USING (survey_id);
SET session_replication_role = origin;
VACUUM ANALYZE zhike_orderline;
ANALYZE zhike_answersheet;
ANALYZE zhike_answer;
ANALYZE zhike_product;
ANALYZE zhike_relationship;
"""
ASKED = """
import datetime, json
from zhike.value import queries
from zhike.value.analyses.kinds import KINDS
print(json.dumps([list(KINDS), str(queries.current_run().as_of - datetime.timedelta(days=60))]))
"""


def fill(connection: psycopg.Connection[Any]) -> dict[str, int]:
    for statement in FILL.strip().removesuffix(";").split(";\n"):
        connection.execute(statement)  # type: ignore[arg-type]
    counts = {}
    for table in ("orderline", "relationship"):
        row = connection.execute(f"SELECT count(*) FROM zhike_{table}").fetchone()  # type: ignore[arg-type]
        counts[table] = row[0] if row else 0
    return counts


def measured(product: Installation, scan: float) -> dict[str, dict[str, Any]]:
    """By kind: seconds, CPU seconds of the process (the database's are not in them), peak memory, and how many times the bare
    scan-and-group of the orders that is. A kind for which the company has too little says so."""
    kinds, day = json.loads(product.shell(ASKED).strip().splitlines()[-1])
    asked = {"effect": [f"--option={one}" for one in ("treated=acted", "control=held", f"day={day}")]}
    found = {}
    for kind in kinds:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = product.run("value", "analyse", kind, *asked.get(kind, []), may_fail=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found[kind] = {
            "seconds": done["wall"],
            "cpu": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
            "peak_mib": done["peak_mib"],
            "ratio": round(done["wall"] / scan, 1),
            "customers": done["customers"],
            "ended": done["problem"] or done["state"],
        }
    return found
