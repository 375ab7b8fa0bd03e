from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _reactions_as_shipped() -> Iterator[None]:
    """Tests may listen to events themselves; afterwards the shipped table is back."""
    yield
    from zhike import reactions

    reactions.connect()
