"""What an administrator may change about customers while the product runs (see `core.settings_store`)."""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class RevealRules:
    NAME: ClassVar[str] = "customers.reveal"
    __dataclass_fields__: ClassVar[dict[str, Any]]
    daily_limit: int = 30  # reveals of masked fields a person and day


@dataclass(frozen=True)
class DuplicateRules:
    NAME: ClassVar[str] = "customers.duplicates"
    __dataclass_fields__: ClassVar[dict[str, Any]]
    tell_hidden: bool = True  # say "exists with another owner" for the same phone or credit code, nothing more
    least_probability: float = 0.9  # of a pair that the search puts into the queue
    largest_group: int = 20  # more customers than this with one phone are a shared switchboard or a made-up number


@dataclass(frozen=True)
class BinRules:
    NAME: ClassVar[str] = "customers.bin"
    __dataclass_fields__: ClassVar[dict[str, Any]]
    keep_days: int = 180  # shown with each deleted customer; nothing is removed before


@dataclass(frozen=True)
class ImportRules:
    NAME: ClassVar[str] = "customers.imports"
    __dataclass_fields__: ClassVar[dict[str, Any]]
    keep_days: int = 90  # the files of finished and discarded imports, and their rows left out
