"""What this domain announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CustomerCreated:
    customer_id: int


@dataclass(frozen=True)
class CustomerChanged:
    """Facts, owner, tags or consent of one customer changed; also announced after deleting and restoring."""

    customer_id: int
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class CustomersTransferred:
    customer_ids: tuple[int, ...]
    owner_id: int | None


@dataclass(frozen=True)
class CustomersMerged:
    kept_id: int
    gone_id: int


@dataclass(frozen=True)
class CustomersUnmerged:
    kept_id: int
    restored_id: int


@dataclass(frozen=True)
class PlanChanged:
    """A planned interaction was moved, given to somebody else or cancelled."""

    interaction_id: int
    customer_id: int


@dataclass(frozen=True)
class InteractionRecorded:
    """Done or completed, not planned."""

    interaction_id: int
    customer_id: int


@dataclass(frozen=True)
class InteractionPlanned:
    interaction_id: int
    customer_id: int
