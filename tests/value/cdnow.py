"""The CDNOW data set of the archived wheel `lifetimes`, brought into the database in bulk."""

import datetime
from importlib.util import find_spec
from pathlib import Path

from django.db import connection

_SPEC = find_spec("lifetimes")  # not imported: its code warns under today's pandas
assert _SPEC
assert _SPEC.origin
FOLDER = Path(_SPEC.origin).parent / "datasets"


def load_sample() -> None:
    """The published tenth: 2,357 customers, 6,919 purchases."""
    rows = []
    for line in (FOLDER / "CDNOW_sample.txt").read_text().splitlines():
        _, customer, day, _, amount = line.split()
        rows.append((int(customer), datetime.datetime.strptime(day, "%Y%m%d").date(), amount))  # noqa: DTZ007  a day, not a moment
    with connection.cursor() as cursor:
        with cursor.copy("COPY zhike_customer (id, kind, name, number, phone, email, credit_code, member_no, wechat,"
                         " birthday_is_lunar, region, tags, profile, provenance, preferred_channel, preferred_time, language,"
                         " do_not_disturb, note, search, version, created_at, updated_at) FROM STDIN") as copy:  # fmt: skip
            for customer in sorted({row[0] for row in rows}):
                copy.write_row((customer, "person", f"C{customer}", *[""] * 6, False, "", "{}", "{}", "{}", "", "", "en", False, "",
                                "{}", 1, "2026-01-01", "2026-01-01"))  # fmt: skip
        with cursor.copy(
            "COPY zhike_order (customer_id, kind, order_no, ordered_at, amount, channel, region, created_at) FROM STDIN"
        ) as copy:
            for customer, day, amount in rows:
                copy.write_row((customer, "sale", "", f"{day} 12:00+08", amount, "", "", "2026-01-01"))
