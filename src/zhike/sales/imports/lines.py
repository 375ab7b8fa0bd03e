"""Products and order lines of a file that names products."""

from zhike.customers.imports.keys import checked_together
from zhike.customers.imports.pipeline import Job
from zhike.customers.imports.progress import Progress
from zhike.customers.imports.staging import Staging

# a product is known by its code; without one its name is the code, shortened with a digest where it is too long
KEY = (
    "CASE WHEN s.product_code <> '' THEN s.product_code WHEN length(s.product) <= 60 THEN s.product "
    "ELSE left(s.product, 50) || '~' || left(md5(s.product), 8) END"
)
PRODUCTS = f"""
CREATE TEMP TABLE prod ON COMMIT DROP AS
SELECT {KEY} AS code, coalesce(nullif(mode() WITHIN GROUP (ORDER BY s.product) FILTER (WHERE s.product <> ''), ''), {KEY}) AS name,
    bool_and(s.product_code = '') AS by_name, NULL::bigint AS product_id
FROM stage s JOIN who w USING (ckey) WHERE w.reason = '' AND (s.product_code <> '' OR s.product <> '') GROUP BY 1, {KEY}"""
KNOWN_BY_CODE = "UPDATE prod SET product_id = p.id FROM zhike_product p WHERE p.code = prod.code"
KNOWN_BY_NAME = """
UPDATE prod SET product_id = m.id FROM (SELECT name, min(id) AS id FROM zhike_product GROUP BY name) m
WHERE prod.product_id IS NULL AND prod.by_name AND m.name = prod.name"""
NEW = """
INSERT INTO zhike_product (code, name, unit, variant_kind, is_active, batch_id)
SELECT code, name, '', '', true, %(batch)s FROM prod WHERE product_id IS NULL ORDER BY code ON CONFLICT (code) DO NOTHING"""

AMOUNT = "round(coalesce(s.amount, s.quantity * s.unit_price), 2)"
QUANTITY = "coalesce(s.quantity, 1)"
PRICE = f"coalesce(s.unit_price, round(abs({AMOUNT} / nullif({QUANTITY}, 0)), 4), 0)"
LINES = f"""
INSERT INTO zhike_orderline (order_id, product_id, quantity, unit_price, amount, cost)
SELECT coalesce(o.existing_id, o.id), p.product_id, {QUANTITY}, {PRICE}, {AMOUNT}, s.cost
FROM stage s JOIN ord o ON {{join}} JOIN prod p ON p.code = {KEY}
WHERE o.reason IN ('', 'updated') AND (s.product_code <> '' OR s.product <> '') AND {{slice}} ORDER BY s.rowno"""
POINTING = {
    "zhike_product": "SELECT product_id FROM prod",
    "zhike_order": "SELECT coalesce(existing_id, id) FROM ord WHERE reason IN ('', 'updated')",
}
BY_NUMBER = "s.order_no <> '' AND o.stated_no = s.order_no"
BY_ROW = "s.order_no = '' AND o.stated_no = '' AND o.rowno = s.rowno"


def insert_products_and_lines(stage: Staging, job: Job, progress: Progress) -> dict[str, int]:
    stage.run(PRODUCTS)
    stage.run(KNOWN_BY_CODE)
    stage.run(KNOWN_BY_NAME)
    created = {"products": stage.run(NEW, job.options), "lines": 0}
    stage.run(KNOWN_BY_CODE)
    stage.run("ANALYZE prod")
    single = stage.value("SELECT EXISTS (SELECT 1 FROM ord WHERE stated_no = '')")
    if single:
        stage.run("CREATE INDEX ON ord (rowno)")
    with checked_together(stage, POINTING, {}):
        for piece in stage.slices():
            for join in (BY_NUMBER, BY_ROW) if single else (BY_NUMBER,):
                created["lines"] += stage.run(LINES.format(join=join, slice=piece))
            progress.at("writing")
    return created
