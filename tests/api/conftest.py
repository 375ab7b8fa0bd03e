"""Imports stand in the fixtures: this file is read before Django is ready."""

import pytest


@pytest.fixture(autouse=True)
def _fresh_allowance(monkeypatch):
    """Every test begins with full buckets."""
    from zhike.api import limits

    monkeypatch.setattr(limits, "usual", limits.Limiter(limits.PER_MINUTE))
    monkeypatch.setattr(limits, "costly", limits.Limiter(limits.COSTLY_PER_MINUTE))


@pytest.fixture
def boss(db):
    from tests.teams.company import administrator

    return administrator()


@pytest.fixture
def api(boss):
    """A program with a token of the administrator for everything."""
    from tests.api.client import Api

    return Api.with_token(boss)
