from dataclasses import dataclass


@dataclass(frozen=True)
class RunFinished:
    """A run became the current one."""

    run_id: int


@dataclass(frozen=True)
class AnalysisFinished:
    """An analysis became the current one of its kind."""

    analysis_id: int
    kind: str


@dataclass(frozen=True)
class CustomersRescored:
    """These customers have new scores in the current run."""

    customer_ids: tuple[int, ...]
