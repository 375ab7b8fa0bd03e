"""Contacts and addresses that come with a file of customers. Logged one by one, so that the undo finds them again."""

from zhike.core.search import MOST_PIECES, tokens_for
from zhike.customers.imports.staging import Staging

CONTACTS = """
INSERT INTO zhike_contact (customer_id, name, phone, email, wechat, position, is_main, note)
SELECT DISTINCT ON (w.customer_id, w.contact) w.customer_id, w.contact, '', '', '', '',
    NOT EXISTS (SELECT 1 FROM zhike_contact k WHERE k.customer_id = w.customer_id AND k.is_main)
    AND row_number() OVER (PARTITION BY w.customer_id ORDER BY w.rowno) = 1, ''
FROM who w WHERE w.contact <> '' AND w.reason = '' AND w.customer_id IS NOT NULL AND w.contact <> w.name
    AND NOT EXISTS (SELECT 1 FROM zhike_contact k WHERE k.customer_id = w.customer_id AND k.name = w.contact)
RETURNING id, customer_id, name"""
ADDRESSES = """
INSERT INTO zhike_address (customer_id, label, region, detail, is_main)
SELECT DISTINCT ON (w.customer_id, w.address) w.customer_id, '', w.customer_region, w.address,
    NOT EXISTS (SELECT 1 FROM zhike_address a WHERE a.customer_id = w.customer_id)
FROM who w WHERE w.address <> '' AND w.reason = '' AND w.customer_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM zhike_address a WHERE a.customer_id = w.customer_id AND a.detail = w.address)
RETURNING id, customer_id, detail"""

PHONES = """
INSERT INTO zhike_identifier (customer_id, kind, value)
SELECT DISTINCT w.customer_id, 'phone', p.value FROM stage s JOIN who w USING (ckey) JOIN zhike_customer c ON c.id = w.customer_id
CROSS JOIN LATERAL unnest(string_to_array(s.phone || ' ' || s.phone_more, ' ')) AS p(value)
WHERE {which} AND (s.phone_more <> '' OR w.several_phones) AND w.reason = '' AND p.value NOT IN ('', c.phone)
ON CONFLICT DO NOTHING RETURNING id, customer_id, value"""
LOG = """
INSERT INTO zhike_importchange (batch_id, object_type, object_id, before, after)
SELECT %s, %s, id, '{{}}', jsonb_build_object('customer_id', customer_id, 'said', said) FROM ({added}) a"""
PAGE = 5000


def insert_further_phones(stage: Staging, *, batch_id: int, policy: str) -> None:
    """The second and further numbers of a cell, and those that other orders of the customer name: kept beside the record's own,
    found by search and by who looks a caller up."""
    if "phone_more" not in stage.columns and not stage.value("SELECT EXISTS (SELECT 1 FROM who WHERE several_phones)"):
        return
    which = "true" if policy == "update" else "w.is_new"
    stage.run(
        f"WITH added (id, customer_id, said) AS ({PHONES.format(which=which)}) {LOG.format(added='SELECT * FROM added')}",
        [batch_id, "identifier"],
    )
    last = 0
    while True:
        stage.run(
            "SELECT customer, string_agg(said, ' ') FROM (SELECT (after->>'customer_id')::bigint AS customer, "
            "after->>'said' AS said FROM zhike_importchange WHERE batch_id = %s AND object_type = 'identifier') a "
            "WHERE customer > %s GROUP BY 1 ORDER BY 1 LIMIT %s",
            [batch_id, last, PAGE],
        )
        page = stage.cursor.fetchall()
        if not page:
            return
        last = page[-1][0]
        tokens = [tokens_for("", phones=said.split()) for _customer, said in page]
        stage.cursor.executemany(
            "UPDATE zhike_customer SET search = (search || ARRAY(SELECT t FROM unnest(%s::varchar[]) t WHERE t <> ALL(search)))"
            "[:%s] WHERE id = %s",
            [(words, MOST_PIECES, customer) for words, (customer, _said) in zip(tokens, page, strict=True)],
        )


def insert_contacts_and_addresses(stage: Staging, *, batch_id: int, policy: str) -> None:
    """For new customers always; for existing ones where the policy lets the file say something about them."""
    only_new = "" if policy == "update" else " AND w.is_new"
    for kind, insert in (("contact", CONTACTS), ("address", ADDRESSES)):
        if kind not in stage.columns:
            continue
        stage.run(
            f"WITH added (id, customer_id, said) AS ({insert.replace('FROM who w WHERE', f'FROM who w WHERE true{only_new} AND')}) "
            "INSERT INTO zhike_importchange (batch_id, object_type, object_id, before, after) "
            "SELECT %s, %s, id, '{}', jsonb_build_object('customer_id', customer_id, 'said', said) FROM added",
            [batch_id, kind],
        )
