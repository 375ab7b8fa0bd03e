"""Contacts and addresses that come with a file of customers. Logged one by one, so that the undo finds them again."""

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
