"""Every operation of the API as somebody who may not. The list is the OpenAPI file: what has no expectation here fails."""

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.api.client import Answer, Api
from tests.api.operations import BY_NAME, OPERATIONS
from tests.teams.company import administrator, person
from zhike.api import limits
from zhike.customers.actions import create_customer
from zhike.teams.choices import Permission, Scope

pytestmark = pytest.mark.django_db

SIGNED_IN = """
    read_me change_me plan_my_absence change_my_password read_second_factor begin_second_factor confirm_second_factor
    renew_recovery_codes remove_my_second_factor list_sessions end_session end_other_sessions list_tokens create_token revoke_token
    list_notices read_all_notices read_notice list_views save_view delete_view list_colleagues list_departments read_department
    list_export_requests read_export_request cancel_export
    list_fields read_field list_sources
    list_mass_changes read_mass_change cancel_mass_change undo_mass_change
"""
# Which permission an operation needs. Written down here and not read from the code that it judges.
NEEDS = {
    Permission.CUSTOMER_VIEW: """
        list_customers read_customer list_contacts list_addresses list_identifiers list_shares list_consents list_relationships
        read_timeline read_completeness read_completeness_trend look_up_phone find_matches list_interactions read_interaction
        list_suggestions read_today read_suggestion list_suggestions_of_customer list_files fetch_file list_comments
        list_surveys list_answer_sheets read_answer_sheet
    """,
    Permission.CUSTOMER_CREATE: "create_customer",
    Permission.CUSTOMER_EDIT: """
        change_customer change_customers set_parent tag_customers add_contact change_contact delete_contact add_address
        change_address delete_address add_identifier delete_identifier share_customer unshare_customer record_consent
        relate unrelate confirm_facts undo_change ask_credit hold_back_customers
    """,
    Permission.CUSTOMER_DELETE: "delete_customer list_deleted_customers restore_customer delete_customers restore_customers",
    Permission.CUSTOMER_TRANSFER: "transfer_customers move_customers_to_department",
    Permission.CUSTOMER_MERGE: """
        list_duplicates request_duplicate_search list_duplicate_searches keep_apart merge_customers list_merges unmerge
    """,
    Permission.CUSTOMER_EXPORT: "export_customers export_orders fetch_export make_export_file",
    Permission.EXPORT_APPROVE: "decide_export_request",
    Permission.CUSTOMER_REVEAL: "reveal_field",
    Permission.INTERACTION_RECORD: """
        record_interaction plan_interaction change_interaction complete_interaction cancel_interaction resolve_problem
        add_comment change_comment delete_comment restore_comment list_mentionable
        read_words label_words
        pin_interaction complete_suggestion postpone_suggestion refuse_suggestion reopen_suggestion upload_file
    """,
    Permission.PEOPLE_EDIT: """
        create_department change_department delete_department list_roles read_role create_role change_role delete_role list_people
        read_person create_person change_person set_password unlock end_sessions_of_person remove_second_factor plan_absence
        end_employment rejoin list_trainings add_training remove_training
    """,
    Permission.SETTINGS_EDIT: """
        read_field_figures add_field change_field retire_field restore_field apply_template read_settings
        change_company_settings change_sign_in_settings change_reveal_settings change_duplicate_settings change_bin_settings
        change_import_settings change_export_settings change_care_settings preview_care_settings change_care_text_settings
        add_source change_source
    """,
    Permission.ORDER_VIEW: "list_orders read_order list_products read_product list_product_lines list_price_lists",
    Permission.ORDER_EDIT: "record_order change_order delete_order restore_order record_return",
    Permission.PRODUCT_EDIT: """
        create_product change_product set_bundle create_product_line change_product_line delete_product_line create_price_list
        change_price_list set_price
    """,
    Permission.CUSTOMER_IMPORT: """
        push_orders
        list_imports read_import upload_import read_import_again set_import_mapping check_import start_import cancel_import
        reopen_import undo_import fetch_import_errors list_edited_since_import
    """,
    Permission.CREDIT_APPROVE: "decide_credit end_credit",
    Permission.VALUE_VIEW: """
        read_credit list_credit_decisions
        list_analysis_kinds list_analyses read_analysis compare_analyses list_findings
        read_whale_curve read_spread read_movement read_matrix read_equity compare_runs read_score_history list_decisions
        list_runs read_current_run read_run read_report read_breakdown read_totals list_scores read_score read_assumptions
    """,
    Permission.VALUE_RUN: """
        record_decision change_cost_rules change_credit_rules
        request_analysis cancel_analysis keep_analysis name_group schedule_analysis
        request_run cancel_run rescore_customer change_assumptions change_rfm_rules change_grade_rules change_stage_rules
    """,
    Permission.AUDIT_VIEW: "list_audit",
    Permission.BACKUP_RUN: "list_backups order_backup fetch_backup",
}
EXPECTED = dict.fromkeys(SIGNED_IN.split()) | {name: needed for needed, names in NEEDS.items() for name in names.split()}
# What belongs to the whole company and not to an owner: seen with the permission, whatever the scope.
OF_THE_COMPANY = """
    read_department read_field change_field retire_field restore_field apply_template read_role change_source
    read_product change_product set_bundle change_product_line delete_product_line change_price_list set_price
"""
HASH = """
    SELECT md5(string_agg(part, '' ORDER BY part)) FROM ({}) AS parts
"""
CHANGES_BY_ITSELF = {"zhike_usersession"}  # being signed in is noted


def database() -> str:
    """A hash of every row of every table of ours."""
    tables = sorted(set(connection.introspection.table_names()) - CHANGES_BY_ITSELF)
    ours = [table for table in tables if table.startswith(("zhike_", "procrastinate_jobs", "otp_"))]
    parts = " UNION ALL ".join(
        f"SELECT '{table}' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS part FROM {table} t" for table in ours
    )
    with connection.cursor() as cursor:
        cursor.execute(HASH.format(parts))
        return cursor.fetchone()[0]


@pytest.fixture
def generous(monkeypatch):
    monkeypatch.setattr(limits, "costly", limits.Limiter(100_000))


@pytest.fixture
def others():
    """A customer of somebody else, and everything that the API names by an id."""
    boss = administrator("老板")
    customer = create_customer(actor=boss, values={"name": "别人的客户", "phone": "13912345678"}, at=timezone.now())
    api = Api.with_token(boss)
    address = f"/customers/{customer.pk}"
    for path, data in (
        (f"{address}/contacts", {"name": "司机"}), (f"{address}/addresses", {"detail": "中山路"}),
        (f"{address}/identifiers", {"kind": "plate", "value": "沪A1"}),
        ("/interactions", {"customer": customer.pk, "kind": "call"}), ("/departments", {"name": "x"}),
    ):  # fmt: skip
        assert api.post(path, data).status == 201
    return customer


def ask(api: Api, operation, key: int) -> Answer:
    return api.send(operation.method, operation.address(key), operation.body(key))


def test_every_operation_has_an_expectation():
    assert set(EXPECTED) == set(BY_NAME)


def test_what_the_file_says_is_what_is_expected():
    said = {one.name: one.details["x-permission"] for one in OPERATIONS}
    assert said == {name: [needed.value] if needed else [] for name, needed in EXPECTED.items()}


def test_nobody_gets_anything_without_signing_in(others):
    before, outside = database(), Api(Client(), {})
    answers = {one.name: ask(outside, one, others.pk).status for one in OPERATIONS}
    assert {name: status for name, status in answers.items() if status != 401} == {}
    assert database() == before


def test_without_the_permission_nothing_is_shown_and_nothing_changes(others, generous):
    wrong = {}
    for needed in NEEDS:
        almost = person(can=[one for one in Permission if one != needed], scope=Scope.ALL)
        api = Api.in_browser(almost)
        before = database()
        for name in NEEDS[needed].split():
            status = ask(api, BY_NAME[name], others.pk).status
            if status != 403 or database() != before:
                wrong[name] = status
    assert wrong == {}


def test_without_a_role_only_ones_own_affairs_are_open(others, generous):
    api = Api.in_browser(person())
    before = database()
    answers = {one.name: ask(api, one, others.pk).status for one in OPERATIONS if EXPECTED[one.name]}
    assert {name: status for name, status in answers.items() if status != 403} == {}
    assert database() == before


def test_what_belongs_to_others_does_not_exist_for_who_sees_their_own(others, generous):
    """All permissions, but only over own customers: an id of anything else is answered like one that never was."""
    api = Api.in_browser(person("新人", can=list(Permission), scope=Scope.OWN))
    before, wrong = database(), {}
    for one in OPERATIONS:
        if not one.takes_ids or one.name in OF_THE_COMPANY.split():
            continue
        theirs, nothing = ask(api, one, others.pk), ask(api, one, 10**12)
        if theirs.status not in (403, 404, 422) or theirs.status != nothing.status or database() != before:
            wrong[one.name] = (theirs.status, nothing.status)
    assert wrong == {}


def test_ids_inside_bodies_are_looked_up_among_what_one_may_see(others, generous):
    """The same for ids that hide in the body: refused, or without effect on the others."""
    newcomer = person("新人", can=list(Permission), scope=Scope.OWN)
    api = Api.in_browser(newcomer)
    for name in ("record_interaction", "plan_interaction", "merge_customers", "undo_change"):
        before = database()
        answer = ask(api, BY_NAME[name], others.pk)
        assert answer.status in (403, 404, 422), name
        assert database() == before, name
    before = database()
    for name in ("transfer_customers", "tag_customers", "delete_customers"):
        body = BY_NAME[name].body(newcomer.pk) | {"ids": [others.pk]} | ({"add": ["x"]} if name == "tag_customers" else {})
        assert api.post(BY_NAME[name].address(0), body)["changed"] == 0, name
    others.refresh_from_db()
    assert (others.tags, others.deleted_at, others.owner.name) == ([], None, "老板")


def test_the_hash_sees_every_change(others):
    """The control: without it the comparisons above prove nothing."""
    before = database()
    others.name = "x"
    others.save()
    assert database() != before
