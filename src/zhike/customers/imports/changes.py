"""Existing customers that a file says something new about: updated where it says so, with what stood there before."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zhike.customers import tokens

if TYPE_CHECKING:  # undoing needs this list too, and no Arrow
    from zhike.customers.imports.staging import Staging

PAGE = 20_000


@dataclass(frozen=True)
class Change:
    """How one column of a customer follows from `c` (the record) and `w` (what the file says)."""

    column: str
    value: str
    restore: str = "ch.before->>'{column}'"  # the value before, out of the log


def _text(column: str, given: str = "") -> Change:
    source = given or column
    return Change(column, f"CASE WHEN w.{source} <> '' THEN w.{source} ELSE c.{column} END")


def _blank_only(column: str, given: str = "") -> Change:
    source = given or column
    return Change(column, f"CASE WHEN c.{column} = '' THEN w.{source} ELSE c.{column} END")


def _careful(change: Change, hidden: frozenset[str]) -> Change:
    if change.column == "profile":
        fixed = ", ".join(f"'{code.removeprefix('profile:')}'" for code in sorted(hidden) if code.startswith("profile:"))
        filled = "coalesce(w.profile, '{}')"
        return (
            Change(
                "profile",
                f"c.profile || ({filled} - ARRAY(SELECT k FROM jsonb_object_keys(c.profile) k WHERE k IN ({fixed})))",
                change.restore,
            )
            if fixed
            else change
        )
    if change.column == "birthday" and "birthday" in hidden:
        return Change("birthday", "coalesce(c.birthday, w.birthday)", change.restore)
    if change.column == "birthday_is_lunar" and "birthday" in hidden:
        return Change(
            change.column, f"CASE WHEN c.birthday IS NULL THEN {change.value} ELSE c.birthday_is_lunar END", change.restore
        )
    if change.column in hidden and change.column not in ("tags", "owner_id", "source_id"):
        return _blank_only(change.column, "customer_region" if change.column == "region" else "")
    return change


BIGINT = "(ch.before->>'{column}')::bigint"
LIST = "ARRAY(SELECT jsonb_array_elements_text(ch.before->'{column}'))"

FROM_CUSTOMERS = (
    _text("name"), _blank_only("number"), _text("phone"), _text("email"), _text("credit_code"), _text("member_no"), _text("wechat"),
    Change("birthday", "coalesce(w.birthday, c.birthday)", "(ch.before->>'{column}')::date"),
    Change("birthday_is_lunar", "CASE WHEN w.birthday IS NOT NULL THEN w.birthday_is_lunar ELSE c.birthday_is_lunar END",
           "(ch.before->>'{column}')::boolean"),
    _text("region", "customer_region"), _text("note"),
    Change("owner_id", "coalesce(w.owner_id, c.owner_id)", BIGINT),
    Change("source_id", "coalesce(c.source_id, w.source_id)", BIGINT),
    Change("tags", "CASE WHEN w.tags <@ c.tags OR w.tags IS NULL THEN c.tags "
                   "ELSE c.tags || ARRAY(SELECT t FROM unnest(w.tags) t WHERE t <> ALL(c.tags)) END", LIST + "::varchar(30)[]"),
    Change("profile", "c.profile || coalesce(w.profile, '{}')", "ch.before->'{column}'"),
)  # fmt: skip
# a file of orders only fills what is not known yet
FROM_ORDERS = (
    *(_blank_only(column) for column in ("number", "phone", "email", "credit_code", "member_no")),
    _blank_only("region", "customer_region"),
)  # fmt: skip
KEPT_ALONG = (Change("provenance", "", "ch.before->'{column}'"), Change("search", "", LIST + "::varchar(20)[]"))
ALL = FROM_CUSTOMERS + KEPT_ALONG
FOUND = (
    "SELECT DISTINCT ON (customer_id) * FROM who WHERE customer_id IS NOT NULL AND NOT is_new AND reason = '' "
    "ORDER BY customer_id, rowno DESC"
)


def update_customers(stage: "Staging", *, batch_id: int, options: dict[str, Any], kind: str, hidden: frozenset[str]) -> int:
    """Apply `who` to the customers it found. Rows are locked, compared, logged, changed: what does not differ is not touched.
    `hidden`: what the importer may not see in plain; they fill it where it is empty, but overwrite nothing."""
    fields = FROM_ORDERS if kind == "orders" else tuple(_careful(one, hidden) for one in FROM_CUSTOMERS)
    old = ", ".join(f"c.{one.column} AS old_{one.column}" for one in fields)
    new = ", ".join(f"{one.value} AS new_{one.column}" for one in fields)
    differs = " OR ".join(f"c.{one.column} IS DISTINCT FROM {one.value}" for one in fields)
    stage.run(
        f"CREATE TEMP TABLE changed ON COMMIT DROP AS SELECT c.id, c.search AS old_search, c.search AS new_search, "
        f"c.provenance AS old_provenance, c.provenance AS new_provenance, {old}, {new} FROM ({FOUND}) w "
        f"JOIN zhike_customer c ON c.id = w.customer_id WHERE {differs} FOR UPDATE OF c"
    )
    if not stage.value("SELECT count(*) FROM changed"):
        return 0
    _searchable(stage, fields)
    _provenance(stage, fields, batch_id, options)
    everything = (*fields, *KEPT_ALONG)
    stage.run(_log(everything), {"batch": batch_id})
    assigned = ", ".join(f"{one.column} = ch.new_{one.column}" for one in everything)
    since = ", owner_since = CASE WHEN ch.new_owner_id IS DISTINCT FROM ch.old_owner_id THEN %(today)s ELSE c.owner_since END"
    return stage.run(
        f"UPDATE zhike_customer c SET {assigned}{since if kind == 'customers' else ''}, version = c.version + 1, "
        "updated_at = %(now)s FROM changed ch WHERE c.id = ch.id",
        options,
    )


def _log(fields: tuple[Change, ...]) -> str:
    def side(which: str) -> str:
        return " || ".join(
            f"CASE WHEN old_{one.column} IS DISTINCT FROM new_{one.column} "
            f"THEN jsonb_build_object('{one.column}', {which}_{one.column}) ELSE '{{}}' END"
            for one in fields
        )

    return (
        "INSERT INTO zhike_importchange (batch_id, object_type, object_id, before, after) "
        f"SELECT %(batch)s, 'customer', id, {side('old')}, {side('new')} FROM changed"
    )


def _searchable(stage: "Staging", fields: tuple[Change, ...]) -> None:
    """New search tokens where the name or a number changed."""
    known = {one.column for one in fields}
    columns = ", ".join(f"ch.new_{one}" if one in known else f"c.{one}" for one in tokens.SEARCHED) + f", {tokens.BESIDE}"
    differs = " OR ".join(f"old_{one} <> new_{one}" for one in tokens.SEARCHED if one in known)
    stage.run("CREATE TEMP TABLE retold (id bigint, search text[]) ON COMMIT DROP")
    stage.run("CREATE INDEX ON changed (id)")
    last = 0
    while True:
        stage.run(
            f"SELECT c.id, {columns} FROM changed ch JOIN zhike_customer c ON c.id = ch.id WHERE ch.id > %s AND ({differs}) "
            "ORDER BY ch.id LIMIT %s",
            [last, PAGE],
        )
        page = stage.cursor.fetchall()
        if not page:
            break
        last = page[-1][0]
        rows = [tokens.Told(*row) for row in page]
        with stage.cursor.copy("COPY retold FROM STDIN") as copy:
            for one, pieces in zip(rows, tokens.of_many(rows), strict=True):
                copy.write_row((one.id, pieces))
    stage.run("UPDATE changed ch SET new_search = r.search FROM retold r WHERE r.id = ch.id")


def _provenance(stage: "Staging", fields: tuple[Change, ...], batch_id: int, options: dict[str, Any]) -> None:
    facts = [
        one.column
        for one in fields
        if one.column not in ("tags", "note", "profile", "owner_id", "source_id", "name", "birthday_is_lunar")
    ]
    pairs = ", ".join(f"'{one}', CASE WHEN old_{one} IS DISTINCT FROM new_{one} THEN p.origin END" for one in facts)
    profile = ""
    if any(one.column == "profile" for one in fields):
        profile = (
            " || coalesce((SELECT jsonb_object_agg(n.key, p.origin) FROM jsonb_each(new_profile) n "
            "WHERE n.value IS DISTINCT FROM old_profile->n.key), '{}')"
        )
    stage.run(
        f"UPDATE changed SET new_provenance = old_provenance || "
        f"jsonb_strip_nulls(jsonb_build_object({pairs})){profile} FROM (SELECT "
        "jsonb_strip_nulls(jsonb_build_object('on', %(today)s::date, 'batch', %(batch)s::bigint, 'source', %(source)s::bigint, "
        "'by', %(created_by)s::bigint)) AS origin) p",
        options | {"batch": batch_id},
    )


def restore_sql() -> str:
    """Every logged column back to what it was, where what the import wrote still stands; in the customers of `anyway` always."""
    still = "ch.after ? '{c}' AND (to_jsonb(c.{c}) = ch.after->'{c}' OR c.id = ANY(%(anyway)s::bigint[]))"
    assigned = ", ".join(
        f"{one.column} = CASE WHEN {still.format(c=one.column)} THEN {one.restore.format(column=one.column)} ELSE "
        f"c.{one.column} END"
        for one in ALL
    )
    return (
        f"UPDATE zhike_customer c SET {assigned}, version = c.version + 1, updated_at = %(now)s FROM zhike_importchange ch "
        "WHERE ch.batch_id = %(batch)s AND ch.object_type = 'customer' AND c.id = ch.object_id"
    )
