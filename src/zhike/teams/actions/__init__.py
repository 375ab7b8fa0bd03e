"""Every write about people and their way in."""

from zhike.teams.actions.account import change_account, change_password, plan_absence, set_password
from zhike.teams.actions.company import change_settings, fetch_backup, make_ordered_backup, order_backup
from zhike.teams.actions.departments import change_department, create_department, delete_department
from zhike.teams.actions.exports import ask_for_export, decide_export, record_export
from zhike.teams.actions.notices import give_notice, read_notices
from zhike.teams.actions.people import change_person, create_person, end_employment, rejoin
from zhike.teams.actions.roles import change_role, create_role, delete_role
from zhike.teams.actions.second_factor import (
    begin_second_factor,
    confirm_second_factor,
    passes_second_factor,
    remove_second_factor,
    renew_recovery_codes,
)
from zhike.teams.actions.setup import found_company
from zhike.teams.actions.sign_in import end_session, end_sessions, forget_sessions, sign_in, unlock
from zhike.teams.actions.tokens import create_token, person_of_token, revoke_token
from zhike.teams.actions.training import add_training, remove_training
from zhike.teams.actions.views import delete_view, save_view

__all__ = [
    "add_training",
    "ask_for_export",
    "begin_second_factor",
    "change_account",
    "change_department",
    "change_password",
    "change_person",
    "change_role",
    "change_settings",
    "confirm_second_factor",
    "create_department",
    "create_person",
    "create_role",
    "create_token",
    "decide_export",
    "delete_department",
    "delete_role",
    "delete_view",
    "end_employment",
    "end_session",
    "end_sessions",
    "fetch_backup",
    "forget_sessions",
    "found_company",
    "give_notice",
    "make_ordered_backup",
    "order_backup",
    "passes_second_factor",
    "person_of_token",
    "plan_absence",
    "read_notices",
    "record_export",
    "rejoin",
    "remove_second_factor",
    "remove_training",
    "renew_recovery_codes",
    "revoke_token",
    "save_view",
    "set_password",
    "sign_in",
    "unlock",
]  # fmt: skip
