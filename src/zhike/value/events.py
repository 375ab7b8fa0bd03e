from dataclasses import dataclass


@dataclass(frozen=True)
class RunFinished:
    """A run became the current one."""

    run_id: int


@dataclass(frozen=True)
class CustomersRescored:
    """These customers have new scores in the current run."""

    customer_ids: tuple[int, ...]
