from zhike.value.models import Decision

SHOWN = 20


def decisions() -> list[Decision]:
    """The last ones first."""
    return list(Decision.objects.select_related("decided_by")[:SHOWN])
