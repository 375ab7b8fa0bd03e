import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from zhike.customers.models import Customer
    from zhike.teams.models import User
    from zhike.value.models import Run


@pytest.fixture
def boss() -> "User":
    from zhike.teams.models import User

    return User.objects.create(username="boss", name="王芳", is_administrator=True)


@pytest.fixture
def seller() -> "User":
    from zhike.teams.models import Role, User

    role = Role.objects.create(name="sales", permissions=["customer.view", "customer.export"], scope="own", clearance="internal")
    person = User.objects.create(username="li", name="李雷")
    person.roles.add(role)
    return person


@pytest.fixture
def run() -> "Run":
    from zhike.value.models import Run

    return Run.objects.create(as_of=datetime.date(2026, 6, 1), state="done", is_current=True)


@pytest.fixture
def many(run: "Run") -> "list[Customer]":
    """Fourteen customers with ties, empty values, and two that the run does not know."""
    from tests.web.lists.world import customer, score

    moments = [datetime.datetime(2026, 5, day, tzinfo=datetime.UTC) for day in (1, 2, 3)]
    made = [
        customer(f"客户{at % 5}", region="上海" if at % 2 else "杭州", last_contact_at=None if at % 3 == 0 else moments[at % 3])
        for at in range(14)
    ]
    for at, one in enumerate(made[:12]):
        score(
            run, one, clv=None if at % 4 == 0 else float(at % 3 * 1000), grade=["key", "small"][at % 2], stage="stable",
            last_on=None if at == 1 else "2026-05-01", revenue=Decimal(at % 2), orders=at % 3, r_score=at % 5 + 1,
        )  # fmt: skip
    return made
