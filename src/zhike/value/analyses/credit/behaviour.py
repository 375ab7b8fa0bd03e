"""What was known of the payers on a day, from orders, payments and contacts until that day, and who defaulted afterwards."""

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from psycopg import sql

from zhike.value import arrow
from zhike.value.analyses.columns import parts, read_parts
from zhike.value.analyses.leaving.features import asked, looked_up
from zhike.value.analyses.material import Material, zone

Floats = NDArray[np.float64]
YEAR = datetime.timedelta(days=365)
BILLS = """
    SELECT o.customer_id, (o.ordered_at AT TIME ZONE {zone})::date, o.due_on, CASE WHEN o.paid_on <= {as_of} THEN o.paid_on END,
        o.amount::float8
    FROM zhike_order o JOIN zhike_customer c ON c.id = o.customer_id AND c.deleted_at IS NULL
    WHERE o.due_on IS NOT NULL AND o.kind = 'sale' AND o.amount > 0
        AND (o.ordered_at AT TIME ZONE {zone})::date <= {as_of} AND {part}"""
PAID = """
    WITH known AS (SELECT *, CASE WHEN paid_on <= $day THEN paid_on END AS paid FROM bills WHERE ordered_on <= $day),
         told AS (SELECT *, due_on < $day AND due_on >= $year AS is_due,
             greatest(coalesce(paid, $day) - due_on, 0) AS late FROM known)
    SELECT customer_id, count(*) FILTER (is_due)::DOUBLE AS due, count(*) FILTER (is_due AND late > 0)::DOUBLE AS late,
        avg(late) FILTER (is_due) AS late_days, max(late) FILTER (is_due)::DOUBLE AS worst,
        coalesce(sum(amount) FILTER (paid IS NULL), 0) AS open,
        coalesce(sum(amount) FILTER (paid IS NULL AND due_on < $day), 0) AS overdue,
        coalesce(max($day - due_on) FILTER (paid IS NULL AND due_on < $day), 0)::DOUBLE AS overdue_days
    FROM told GROUP BY 1 ORDER BY 1"""
BOUGHT = """
    SELECT customer_id, date_diff('day', min(date), $day)::DOUBLE AS tenure,
        count(*) FILTER (date > $year AND NOT is_return)::DOUBLE AS orders,
        coalesce(sum(amount) FILTER (date > $year), 0) AS revenue,
        coalesce(sum(margin) FILTER (date > $year), 0) AS margin, coalesce(sum(amount) FILTER (date > $half), 0) AS lately,
        count(*) FILTER (is_return)::DOUBLE / count(*) AS returned
    FROM orders SEMI JOIN candidates USING (customer_id) WHERE date <= $day GROUP BY 1 ORDER BY 1"""
RHYTHM = """
    WITH days AS (SELECT DISTINCT customer_id, date FROM orders SEMI JOIN candidates USING (customer_id)
                  WHERE NOT is_return AND date <= $day AND date > $year),
         gaps AS (SELECT customer_id, date - lag(date) OVER (PARTITION BY customer_id ORDER BY date) AS gap FROM days)
    SELECT customer_id, stddev_samp(gap) / avg(gap) AS unsteady FROM gaps WHERE gap IS NOT NULL
    GROUP BY 1 HAVING count(*) >= 3 ORDER BY 1"""
TALKS = """
    SELECT customer_id, count(*) FILTER (outcome = 'problem' OR mood = 'unhappy')::DOUBLE AS trouble,
        count(*) FILTER (outcome = 'problem' AND NOT is_resolved)::DOUBLE AS disputes
    FROM credit_talks WHERE date <= $day AND date > $year GROUP BY 1 ORDER BY 1"""
DEFAULTED = """
    SELECT customer_id,
        max(CASE WHEN paid_on IS NULL OR paid_on > due_on + $late::INTEGER THEN 1 ELSE 0 END)::DOUBLE AS bad FROM bills
    WHERE due_on + $late::INTEGER > $day AND due_on + $late::INTEGER <= $until GROUP BY 1 ORDER BY 1"""
SINCE_MANY = 4  # observation days to learn from besides the one that judges


@dataclass(frozen=True)
class Known:
    """On one day: every buyer, or everybody with an account; what was known of them."""

    day: datetime.date
    customers: NDArray[np.int64]
    features: dict[str, Floats]  # the characteristics, numbers
    words: dict[str, NDArray[np.object_]]  # and words
    facts: dict[str, Floats]  # beside the score: what is owed, bought, disputed

    def __len__(self) -> int:
        return len(self.customers)

    def only(self, which: NDArray[np.bool_]) -> "Known":
        features = {name: values[which] for name, values in self.features.items()}
        words = {name: values[which] for name, values in self.words.items()}
        facts = {name: values[which] for name, values in self.facts.items()}
        return Known(self.day, self.customers[which], features, words, facts)

    @property
    def characteristics(self) -> dict[str, Any]:
        return {**self.features, **self.words}

    @property
    def has_account(self) -> NDArray[np.bool_]:
        return np.asarray(~np.isnan(self.facts["open"]))


class Payers:
    """Reads what there is once, and tells what was known on any day."""

    def __init__(self, material: Material, fields: tuple[str, ...]) -> None:
        self.material = material
        types = {
            "customer_id": pa.int64(), "ordered_on": pa.date32(), "due_on": pa.date32(), "paid_on": pa.date32(),
            "amount": pa.float64(),
        }  # fmt: skip
        conditions = parts("zhike_order", "o.id")
        self.bills = read_parts(sql.SQL(BILLS), types, conditions, zone=zone(), as_of=sql.Literal(material.as_of))
        self._people = material.customers
        self._profile = material.profile({code: pa.string() for code in fields}) if fields else None
        firms = self._people.filter(pc.equal(self._people["kind"], "organisation"))["customer_id"]
        whom = np.union1d(self.bills["customer_id"].to_numpy(), firms.to_numpy())
        for name, table in (
            ("bills", self.bills), ("candidates", pa.table({"customer_id": whom})),
            ("credit_talks", material.interactions(datetime.date(1970, 1, 1))),
        ):  # fmt: skip
            material.con.register(name, table)
        self._fields = fields

    @property
    def first(self) -> datetime.date | None:
        first: datetime.date | None = pc.min(self.bills["ordered_on"]).as_py()
        return first

    def on(self, day: datetime.date) -> Known:
        days = {"day": day, "year": day - YEAR}
        bought = asked(self.material, BOUGHT, days | {"half": day - YEAR / 2})
        customers = np.asarray(bought["customer_id"].to_numpy(), dtype=np.int64)
        of = {name: arrow.plain(bought[name]) for name in bought.column_names[1:]}
        paid = asked(self.material, PAID, days)
        of |= {name: looked_up(customers, paid, name, np.nan) for name in paid.column_names[1:]}
        of["unsteady"] = looked_up(customers, asked(self.material, RHYTHM, days), "unsteady", np.nan)
        talks = asked(self.material, TALKS, days)
        of |= {name: looked_up(customers, talks, name) for name in ("trouble", "disputes")}
        yearly = np.maximum(of["revenue"], 1.0)
        due = np.where(of["due"] > 0, of["due"], np.nan)
        features = {
            "late_share": of["late"] / due,
            "late_days": np.where(of["due"] > 0, of["late_days"], np.nan),
            "worst": np.where(of["due"] > 0, of["worst"], np.nan),
            "overdue": of["overdue"] / yearly,
            "used": of["open"] / yearly,
            "tenure": of["tenure"],
            "orders": of["orders"],
            "unsteady": of["unsteady"],
            "volume": of["revenue"],
            "trend": (2 * of["lately"] - of["revenue"]) / yearly,
            "returned": of["returned"],
            "trouble": of["trouble"],
        }
        facts = {
            name: of[name]
            for name in ("due", "late", "worst", "open", "overdue", "overdue_days", "revenue", "margin", "disputes", "orders")
        }
        return Known(day, customers, features, self._words(customers), facts)

    def _words(self, customers: NDArray[np.int64]) -> dict[str, NDArray[np.object_]]:
        """Of the record as it is now: what it said then is not kept."""
        found = {"kind": _words_of(customers, self._people, "kind")}
        for code in self._fields:
            assert self._profile is not None
            found[f"f_{code}"] = _words_of(customers, self._profile, code)
        return found

    def defaulted(self, known: Known, late: int, until: datetime.date) -> Floats:
        """1 for those whom an order went unpaid for more than `late` days after it was due, within the time until then; 0 for those
        who paid what was due; nothing known of those who had nothing to pay, or were that late already."""
        days = {"late": late, "day": known.day, "until": until}
        bad = looked_up(known.customers, asked(self.material, DEFAULTED, days), "bad", np.nan)  # type: ignore[arg-type]
        return np.where(known.facts["overdue_days"] > late, np.nan, bad)


def _words_of(customers: NDArray[np.int64], table: pa.Table, name: str) -> NDArray[np.object_]:
    """Of living customers, as the table orders them; nothing where it is empty."""
    known = table["customer_id"].to_numpy()
    place = np.minimum(np.searchsorted(known, customers), len(known) - 1)
    return np.array([word or None for word in table[name].take(pa.array(place)).to_pylist()], dtype=object)
