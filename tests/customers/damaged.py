"""A corpus of damaged files: workbooks and texts in several encodings, with bytes changed, lost, added and cut off."""

import gzip
import random
from collections.abc import Iterator

from tests.customers.test_import_reading import HEADER, ROWS, SHEET, workbook


def damaged(number: int) -> Iterator[bytes]:
    rng = random.Random(20261122)
    whole = [workbook(SHEET), (HEADER + ROWS * 3).encode(), (HEADER + ROWS * 3).encode("gbk"), (HEADER + ROWS).encode("utf-16"),
             gzip.compress((HEADER + ROWS).encode())]  # fmt: skip
    for _ in range(number):
        data = bytearray(rng.choice(whole))
        for _wound in range(rng.randrange(1, 12)):
            data = _wounded(data, rng) or bytearray(b"\0")
        yield bytes(data)


def _wounded(data: bytearray, rng: random.Random) -> bytearray:
    kind, at = rng.randrange(4), rng.randrange(len(data))
    if kind == 0:
        data[at] = rng.randrange(256)
    elif kind == 1:
        del data[at : at + rng.randrange(1, 40)]
    elif kind == 2:
        data[at:at] = rng.randbytes(rng.randrange(1, 20))
    else:
        data = data[: max(at, 4)]
    return data
