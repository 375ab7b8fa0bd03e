import pytest

from zhike import reactions


@pytest.fixture(autouse=True)
def _reactions_as_shipped() -> object:
    """Tests may listen to events themselves; afterwards the shipped table is back."""
    yield
    reactions.connect()
