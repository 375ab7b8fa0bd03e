"""What `tools/mutation.py` tries: the code on which safety hangs, and the tests that speak of it."""

from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "zhike"
# modules (or all of a package, or some functions of a module), tests
TARGETS: dict[str, tuple[list[str], list[str]]] = {
    "rights": (
        [
            "teams.access", "teams.rules", "teams.actions.exports", "teams.actions.people", "teams.actions.roles",
            "teams.actions.tokens", "teams.queries:people_editable_by export_requests approvers_of_exports is_over saved_views",
            "api.door:door _admit _check_names identify _by_token", "customers.finding", "customers.entered",
            "customers.actions.ownership", "customers.models.customer:CustomerQuerySet _in",
            "customers.models.comments:CommentQuerySet", "customers.models.interactions:InteractionQuerySet.visible_to",
            "customers.models.surveys:AnswerSheetQuerySet", "customers.queries.comments",
            "customers.queries.attachments",
            "sales.models:OrderQuerySet.visible_to", "care.models:SuggestionQuerySet", "value.queries.scores",
        ],
        [
            "tests/teams", "tests/api/test_rights.py", "tests/api/test_door.py", "tests/api/test_teams.py",
            "tests/web/test_team.py",
            "tests/web/test_unsaid.py", "tests/customers/test_comments.py",
            "tests/customers/test_records.py", "tests/customers/test_interactions.py", "tests/customers/test_mass_history.py",
            "tests/sales/test_orders.py", "tests/api/test_idempotency.py", "tests/web/lists", "tests/web/test_settings.py",
            "tests/web/test_frame.py", "tests/web/test_accounts.py", "tests/web/test_comments.py",
        ],
    ),
    "masking": (["customers.masking", "customers.actions.revealing"], ["tests/customers/test_masking.py"]),
    "searching": (["customers.queries.in_plain"], ["tests/customers/test_masking.py"]),
    "ledger": (
        [
            "core.audit", "core.audit_chain", "core.idempotency", "core.queue", "web.once", "api.door:_write _once _whole _digest",
            "customers.actions.undo",
            "customers.queries.history", "customers.actions.many", "customers.actions.mass", "customers.mass_steps",
            "customers.actions.merging", "sales.imports.undo", "customers.imports.undo",
        ],
        [
            "tests/core/test_audit.py", "tests/core/test_audit_chain.py", "tests/core/test_queue.py",
            "tests/api/test_idempotency.py",
            "tests/web/test_once.py", "tests/customers/test_records.py", "tests/customers/test_undo.py",
            "tests/customers/test_mass.py", "tests/customers/test_mass_history.py", "tests/customers/test_concurrency.py",
            "tests/customers/test_merging.py", "tests/sales/test_import_undo.py",
        ],
    ),
    "import": (
        ["customers.imports.*", "sales.imports.*", "core.spreadsheet"],
        [
            "tests/customers/test_import_files.py", "tests/customers/test_import_tables.py",
            "tests/customers/test_import_rows.py", "tests/sales/test_import_matching.py",
            "tests/customers/test_import_reading.py", "tests/customers/test_import_values.py", "tests/core/test_spreadsheet.py",
            "tests/sales/test_import_answers.py", "tests/sales/test_import_aside.py", "tests/sales/test_import_beside.py",
            "tests/sales/test_import_keys.py", "tests/sales/test_import_old_workbooks.py", "tests/sales/test_import_orders.py",
            "tests/sales/test_import_running.py", "tests/sales/test_import_twice.py", "tests/sales/test_import_undo.py",
            "tests/sales/test_import_details.py", "tests/customers/test_import_cells.py", "tests/api/test_imports.py",
            "tests/web/test_imports.py",
        ],
    ),
}  # fmt: skip


def modules_of(target: str) -> dict[Path, tuple[str, ...]]:
    """The files, and what their functions must begin with: nothing for all of the file."""
    found: dict[Path, tuple[str, ...]] = {}
    for one in TARGETS[target][0]:
        module, _colon, functions = one.partition(":")
        path = SOURCE / f"{module.replace('.', '/')}.py"
        for each in sorted(path.parent.glob("*.py")) if path.stem == "*" else [path]:
            if each.stem != "__init__":
                found[each] = tuple(functions.split()) or ("",)
    return found
