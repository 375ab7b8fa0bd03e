"""A shop in which what comes next can be known."""

from datetime import date, timedelta

import numpy as np
import pytest

import zhike_insight as zi

START = date(2025, 1, 1)


def lines_of_a_shop(customers=160, days=540, seed=5):
    """Tea drinkers buy tea every month and a pot once; runners buy shoes twice a year, and socks at the visit after."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        clock, owes_socks = float(rng.uniform(0, 60)), False
        drinks = customer % 2 == 0
        while clock < days:
            day = START + timedelta(days=int(clock))
            if drinks:
                rows += [(customer, "tea", "drinks", day, 10.0)] + [(customer, "pot", "drinks", day, 40.0)] * (rng.random() < 0.1)
                clock += rng.gamma(9, 30 / 9)
            else:
                rows.append((customer, "socks" if owes_socks else "shoes", "sport", day, 5.0 if owes_socks else 80.0))
                owes_socks = not owes_socks
                clock += rng.gamma(9, 60 / 9)
            if rng.random() < 0.2:
                rows.append((customer, f"sundries {rng.integers(20)}", "sundries", day, 3.0))
    return dict(zip(("customer_id", "product", "category", "date", "price"), map(list, zip(*rows, strict=True)), strict=True))


@pytest.fixture(scope="session")
def shop_lines():
    return lines_of_a_shop()


@pytest.fixture(scope="session")
def shop(shop_lines):
    return zi.product_purchases(shop_lines)
