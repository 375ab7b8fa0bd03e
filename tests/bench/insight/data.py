"""Files to measure on: customers who live as BG/NBD says, segments in a cloud of numbers, baskets, a graph; all from one seed."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20260630
DAYS = 728  # two years; everybody comes in the first one
RATE, LEAVING = (1.0, 5.25), (0.6, 9.0)  # r and alpha (weeks), a and b: about ten purchases a customer
FEATURES = 10


def transactions(path: Path, customers: int) -> None:
    """One row a purchase (customer_id, date, amount), in the order of time as a shop writes them."""
    rng = np.random.default_rng(SEED)
    born = rng.uniform(0, DAYS / 2, customers)
    rate, leaving = rng.gamma(RATE[0], 1 / (7 * RATE[1]), customers), rng.beta(*LEAVING, customers)
    spend = rng.gamma(3.0, 1.0, customers) * 10
    who, when = [np.arange(customers)], [born]
    clock, active = born.copy(), np.arange(customers)
    while len(active):
        clock[active] += rng.exponential(1 / np.maximum(rate[active], 1e-12))
        active = active[clock[active] < DAYS]
        who.append(active)
        when.append(clock[active])
        active = active[rng.random(len(active)) >= leaving[active]]
    people, times = np.concatenate(who), np.concatenate(when)
    order = np.argsort(times, kind="stable")
    people, days = people[order], times[order].astype(np.int32)
    amount = np.round(spend[people] * rng.gamma(4.0, 0.25, len(people)), 2)
    day = pa.array(days + np.int32(19723), pa.int32()).cast(pa.date32())  # from 2024-01-01
    table = pa.table({"customer_id": people.astype(np.int64), "date": day, "amount": amount})
    pq.write_table(table, path, compression="zstd")


def cloud(rows: int) -> np.ndarray:
    """Eight overlapping groups in ten dimensions."""
    rng = np.random.default_rng(SEED)
    centres = rng.normal(0, 2, (8, FEATURES))
    return centres[rng.integers(0, 8, rows)] + rng.normal(0, 1.5, (rows, FEATURES))


def baskets(rows: int) -> list[list[int]]:
    """Five items a basket of a thousand products whose popularity falls as by Zipf, some of them bought in pairs."""
    rng = np.random.default_rng(SEED)
    weight = 1 / np.arange(1, 1001)
    items = rng.choice(1000, size=(rows, 4), p=weight / weight.sum())
    together = np.where(rng.random(rows) < 0.3, (items[:, 0] * 7 + 3) % 1000, items[:, 0])
    return np.column_stack([items, together]).tolist()


def graph(edges: int) -> dict[str, np.ndarray]:
    """Acquaintances: a third as many people as edges, some with very many."""
    rng = np.random.default_rng(SEED)
    people = max(edges // 3, 10)
    ends = (people * rng.random((2, edges)) ** 2).astype(np.int64)
    return {"source": ends[0], "target": ends[1]}
