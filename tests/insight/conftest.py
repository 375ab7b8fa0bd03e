"""CDNOW as the archived wheel `lifetimes` carries it, read without importing that library."""

import csv
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

import zhike_insight as zi

settings.register_profile("insight", deadline=None)  # a busy machine is no failure
settings.load_profile("insight")


@dataclass(frozen=True)
class Customers:
    x: np.ndarray
    tx: np.ndarray
    T: np.ndarray
    spend: np.ndarray


def dataset(name: str) -> Path:
    spec = find_spec("lifetimes")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "datasets" / name


@pytest.fixture(scope="session")
def cdnow() -> Customers:
    """The published summary of the 1/10 sample: 2,357 customers, 39 weeks, times in weeks."""
    with dataset("cdnow_customers_summary_with_transactions.csv").open() as file:
        rows = [[float(v) for v in row[1:]] for row in list(csv.reader(file))[1:]]
    return Customers(*np.array(rows).T)


@pytest.fixture(scope="session")
def cdnow_transactions():
    """The 1/10 sample as transactions."""
    from datetime import date

    lines = [line.split() for line in dataset("CDNOW_sample.txt").read_text().splitlines()]
    return zi.transactions(
        {
            "customer_id": [int(line[1]) for line in lines],
            "date": [date.fromisoformat(line[2]) for line in lines],
            "amount": [float(line[4]) for line in lines],
        }
    )


@pytest.fixture(scope="session")
def bgnbd(cdnow):
    return zi.BetaGeoNBD().fit(cdnow.x, cdnow.tx, cdnow.T)


@pytest.fixture(scope="session")
def gamma_gamma(cdnow):
    return zi.GammaGamma().fit(cdnow.x, cdnow.spend)


def simulate(rng, customers, *, r, alpha, a, b, T):  # noqa: N803
    """Customers who live as BG/NBD says."""
    rate, leaving = rng.gamma(r, 1 / alpha, customers), rng.beta(a, b, customers)
    x, last = np.zeros(customers), np.zeros(customers)
    clock = np.zeros(customers)
    active = np.arange(customers)
    while len(active):
        clock[active] += rng.exponential(1 / rate[active])
        active = active[clock[active] <= T[active]]
        x[active] += 1
        last[active] = clock[active]
        active = active[rng.random(len(active)) >= leaving[active]]
    return x, last
