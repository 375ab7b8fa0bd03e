"""Defaults that an administrator changes in the product. A domain declares its own; the store keeps only what differs."""

from dataclasses import asdict, fields
from typing import Any, ClassVar, Protocol, TypeVar

from zhike.core.models import Setting
from zhike.core.prepared import Shelf

_STORED = Shelf(64)
G = TypeVar("G", bound="Group")


class Group(Protocol):
    """A frozen dataclass with a `NAME` and defaults for every field, such as `value.rules.GradeRules`."""

    NAME: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


def read(group: type[G]) -> G:
    found: G = read_all(group)[0]
    return found


def read_all(*groups: type[Group]) -> list[Any]:
    """Several at once, in one query."""
    names = tuple(group.NAME for group in groups)
    stored = dict(_STORED.get(names, lambda: Setting.objects.filter(pk__in=names).values_list("pk", "value"))())
    return [made(group, stored.get(group.NAME, {})) for group in groups]


def made(group: type[G], stored: dict[str, Any]) -> G:
    known = {field.name for field in fields(group)}
    return group(**{name: _frozen(value) for name, value in stored.items() if name in known})


def write(value: Group) -> None:
    Setting.objects.update_or_create(pk=value.NAME, defaults={"value": asdict(value)})


def _frozen(value: Any) -> Any:
    """JSON knows no tuples; the groups have no lists."""
    return tuple(value) if isinstance(value, list) else value
