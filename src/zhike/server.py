"""The web server: granian, with the product loaded before it forks its processes. They share what does not change, and it is
loaded once instead of by each of them. Takes granian's own options."""

import os
import sys

from granian.cli import entrypoint

import zhike.wsgi  # noqa: F401  opens no connection and starts no thread, see tests/architecture/test_loading.py

if __name__ == "__main__":
    if os.environ.pop("ZHIKE_SERVE", "") == "when told" and not sys.stdin.readline():  # who supervises has gone
        sys.exit()
    entrypoint()  # type: ignore[no-untyped-call]
