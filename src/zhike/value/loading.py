"""What scores single customers brings arrays and models with it: kept out of processes in which nobody enters orders."""

from functools import cache
from importlib import import_module
from threading import Thread


@cache
def expect_orders() -> None:
    """Somebody is about to enter one: what scores loads meanwhile (half a second, once a process), beside the pages."""
    Thread(target=import_module, args=["zhike.value.scoring_some"], daemon=True).start()
