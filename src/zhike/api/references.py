"""Ids in a request that name other records: looked up among what the caller may see, else a problem of that field."""

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from zhike.api.problems import bad_field

M = TypeVar("M", bound=Model)


def named(rows: QuerySet[M], key: int | None, field: str) -> M | None:
    if key is None:
        return None
    found = rows.filter(pk=key).first()
    if found is None:
        raise bad_field(field, _("It does not exist, or you may not see it."))
    return found


def all_named(rows: QuerySet[M], keys: Sequence[int], field: str) -> list[M]:
    found = {row.pk: row for row in rows.filter(pk__in=list(keys))}
    if found.keys() != set(keys):
        raise bad_field(field, _("It does not exist, or you may not see it."))
    return [found[key] for key in dict.fromkeys(keys)]
