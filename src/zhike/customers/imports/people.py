"""Owners and sources that a file of customers names."""

from zhike.customers.imports.staging import Staging
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User

PEOPLE = """
CREATE TEMP TABLE people ON COMMIT DROP AS
SELECT o.owner, min(u.id) AS id, count(u.id) AS found FROM (SELECT DISTINCT owner FROM who WHERE owner <> '') o
LEFT JOIN zhike_user u ON u.is_active AND (lower(u.username) = lower(o.owner) OR u.name = o.owner) GROUP BY o.owner"""
UNKNOWN = """
INSERT INTO rejected SELECT w.rowno, -1, 'unknown_owner', w.owner, 0 FROM who w JOIN people p USING (owner) WHERE p.found <> 1"""
OUT_OF_REACH = """
INSERT INTO rejected SELECT w.rowno, -1, 'owner_out_of_reach', w.owner, 0 FROM who w JOIN people p USING (owner)
WHERE p.found = 1 AND p.id <> ALL(%s)"""
UNFIT = "(p.found <> 1 OR p.id <> ALL(%s))"
LEFT_OUT = f"UPDATE who w SET reason = 'left_out' FROM people p WHERE p.owner = w.owner AND {UNFIT}"


def find_owners(stage: Staging, actor: User) -> None:
    """Make the table `people`. Somebody with a narrow scope gives customers only to people of that scope, or needs the right to
    hand customers over."""
    stage.run(PEOPLE)
    if "owner" not in stage.columns:
        return
    allowed = reachable(stage, actor)
    if stage.value(f"SELECT EXISTS (SELECT 1 FROM people p WHERE {UNFIT})", [allowed]):
        stage.run(UNKNOWN)
        stage.run(OUT_OF_REACH, [allowed])
        stage.run(LEFT_OUT, [allowed])


def reachable(stage: Staging, actor: User) -> list[int]:
    rights = rights_of(actor)
    if rights.everything or rights.allows(Permission.CUSTOMER_TRANSFER):
        return [row for (row,) in _rows(stage, "SELECT id FROM zhike_user WHERE is_active")]
    members = _rows(stage, "SELECT id FROM zhike_user WHERE is_active AND department_id = ANY(%s)", [list(rights.departments)])
    return [*rights.owners, *(row for (row,) in members)]


def _rows(stage: Staging, sql: str, parameters: list[list[int]] | None = None) -> list[tuple[int]]:
    stage.run(sql, parameters or [])
    return list(stage.cursor.fetchall())


def find_sources(stage: Staging) -> None:
    """Sources are named by whoever brings them: a new one is made."""
    if "source" not in stage.columns:
        return
    stage.run(
        "INSERT INTO zhike_source (name, cost, is_active) SELECT DISTINCT source, 0, true FROM who WHERE source <> '' "
        "AND reason = '' ON CONFLICT (name) DO NOTHING"
    )
