"""Imports of the product stand in the fixtures: this file is read before Django is ready."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client

if TYPE_CHECKING:
    from zhike.teams.models import User


@pytest.fixture
def boss(db: None) -> "User":
    from tests.teams.company import administrator

    return administrator(language="en")


@pytest.fixture
def li(db: None) -> "User":
    from tests.web.record import seller

    return seller("li")


@pytest.fixture
def office(client: Client, boss: "User") -> Client:
    client.force_login(boss)
    return client


@pytest.fixture
def desk(li: "User") -> Client:
    client = Client()
    client.force_login(li)
    return client
