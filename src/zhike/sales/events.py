"""What sales announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OrdersChanged:
    """Orders of these customers were entered, changed, returned or deleted one by one."""

    customer_ids: tuple[int, ...]


@dataclass(frozen=True)
class OrdersImported:
    """A file of orders came in, or such an import was undone: too many customers to name."""

    batch_id: int
