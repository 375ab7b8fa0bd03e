"""Every write of this domain."""

from zhike.customers.actions.comments import add_comment, change_comment, delete_comment, restore_comment
from zhike.customers.actions.consents import record_consent
from zhike.customers.actions.details import (
    add_identifier,
    delete_address,
    delete_contact,
    delete_identifier,
    save_address,
    save_contact,
)
from zhike.customers.actions.duplicates import carry_out_duplicate_search, keep_apart, request_duplicate_search
from zhike.customers.actions.facts import confirm_facts
from zhike.customers.actions.fields import add_field, apply_template, change_field, retire_field
from zhike.customers.actions.interactions import (
    cancel_interaction,
    change_interaction,
    complete_interaction,
    pin_interaction,
    plan_interaction,
    record_interaction,
    resolve_problem,
)
from zhike.customers.actions.looking import note_look
from zhike.customers.actions.many import ManyChanged, change_customers
from zhike.customers.actions.mass import cancel_mass, carry_out_mass, close_abandoned_mass, forget_mass, request_mass, undo_mass
from zhike.customers.actions.merging import merge_customers, unmerge
from zhike.customers.actions.ownership import share_customer, transfer_customers, unshare_customer
from zhike.customers.actions.records import (
    change_customer,
    create_customer,
    delete_customer,
    delete_customers,
    restore_customer,
    restore_customers,
)
from zhike.customers.actions.relationships import relate, set_parent, unrelate
from zhike.customers.actions.revealing import reveal_field
from zhike.customers.actions.sources import add_source, change_source
from zhike.customers.actions.tags import tag_customers
from zhike.customers.actions.undo import undo_change
from zhike.customers.actions.voice import label_words
from zhike.customers.keeping import Conflict
from zhike.customers.pairs import find_duplicates

__all__ = [
    "Conflict",
    "ManyChanged",
    "add_comment",
    "add_field",
    "add_identifier",
    "add_source",
    "apply_template",
    "cancel_interaction",
    "cancel_mass",
    "carry_out_duplicate_search",
    "carry_out_mass",
    "change_comment",
    "change_customer",
    "change_customers",
    "change_field",
    "change_interaction",
    "change_source",
    "close_abandoned_mass",
    "complete_interaction",
    "confirm_facts",
    "create_customer",
    "delete_address",
    "delete_comment",
    "delete_contact",
    "delete_customer",
    "delete_customers",
    "delete_identifier",
    "find_duplicates",
    "forget_mass",
    "keep_apart",
    "label_words",
    "merge_customers",
    "note_look",
    "pin_interaction",
    "plan_interaction",
    "record_consent",
    "record_interaction",
    "relate",
    "request_duplicate_search",
    "request_mass",
    "resolve_problem",
    "restore_comment",
    "restore_customer",
    "restore_customers",
    "retire_field",
    "reveal_field",
    "save_address",
    "save_contact",
    "set_parent",
    "share_customer",
    "tag_customers",
    "transfer_customers",
    "undo_change",
    "undo_mass",
    "unmerge",
    "unrelate",
    "unshare_customer",
]  # fmt: skip
