"""Asking a running server for pages, as one person and as sixteen."""

import html
import http.client
import json
import multiprocessing
import random
import re
import statistics
import threading
import time
from dataclasses import dataclass
from typing import Any


@dataclass
class Timing:
    """Milliseconds of one kind of page, from sending the request to the last byte, on loopback."""

    name: str
    milliseconds: list[float]
    bytes: int = 0
    errors: int = 0

    def summary(self) -> dict[str, float]:
        ordered = sorted(self.milliseconds)
        at = lambda share: ordered[min(len(ordered) - 1, int(share * len(ordered)))]  # noqa: E731
        return {
            "p50": round(statistics.median(ordered), 1),
            "p95": round(at(0.95), 1),
            "p99": round(at(0.99), 1),
            "requests": len(ordered),
            "errors": self.errors,
            "kilobytes": round(self.bytes / 1024, 1),
        }


def alone(port: int, cookie: str, name: str, paths: list[str], times: int = 120, part: str | None = None) -> Timing:
    timing = Timing(name, [])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": f"sessionid={cookie}"} | ({"X-Part": part, "HX-Request": "true"} if part else {})
    for number in range(times + 5):
        began = time.perf_counter()
        connection.request("GET", paths[number % len(paths)], headers=headers)
        response = connection.getresponse()
        body = response.read()
        took = (time.perf_counter() - began) * 1000
        if number >= 5:  # the first ones warm the caches
            timing.milliseconds.append(took)
            timing.bytes = len(body)
            timing.errors += response.status != 200
    connection.close()
    return timing


def hundredth(port: int, cookie: str, path: str) -> str:
    """Where one arrives by asking for the next page 99 times."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(99):
        connection.request("GET", path, headers={"Cookie": f"sessionid={cookie}"})
        found = re.search(r'href="([^"]+)" rel="next"', connection.getresponse().read().decode())
        if found is None:
            break  # a smaller company has fewer pages
        path = html.unescape(found[1])
    connection.close()
    return path


def rescoring(port: int, token: str, customers: list[int]) -> Timing:
    """From sending a new order until the customer's score counts it, over the API."""
    timing = Timing("rescoring", [])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(method: str, path: str, body: object = None, **more: str) -> dict[str, Any]:
        connection.request(method, f"/api{path}", body=json.dumps(body) if body else None, headers=headers | more)
        answer = connection.getresponse()
        content = json.loads(answer.read())
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {content}")
        return content

    for number, customer in enumerate(customers):
        before = ask("GET", f"/customers/{customer}/score")["orders"]
        order = {"customer": customer, "ordered_at": "2026-06-30T10:00:00+08:00", "amount": "88.00"}
        began = time.perf_counter()
        ask("POST", "/orders", order, **{"Idempotency-Key": f"bench-{customer}"})
        while ask("GET", f"/customers/{customer}/score")["orders"] == before:
            time.sleep(0.005)
        if number >= 2:
            timing.milliseconds.append((time.perf_counter() - began) * 1000)
    connection.close()
    return timing


def together(port: int, cookie: str, paths: list[str], clients: int = 16, seconds: float = 20) -> dict[str, float]:
    """Sixteen clients, in four processes so that asking does not hold the answers up."""
    queue: multiprocessing.Queue[tuple[list[float], int]] = multiprocessing.Queue()
    processes = [
        multiprocessing.Process(target=_clients, args=(port, cookie, paths, clients // 4, seconds, seed, queue))
        for seed in range(4)
    ]
    for process in processes:
        process.start()
    results = [queue.get(timeout=seconds + 60) for _ in processes]
    for process in processes:
        process.join()
    timing = Timing("mixed", [took for taken, _ in results for took in taken], errors=sum(errors for _, errors in results))
    return timing.summary() | {"pages_per_second": round(len(timing.milliseconds) / seconds, 1)}


def _clients(
    port: int,
    cookie: str,
    paths: list[str],
    threads: int,
    seconds: float,
    seed: int,
    queue: "multiprocessing.Queue[tuple[list[float], int]]",
) -> None:
    taken: list[float] = []
    errors = [0]
    end = time.monotonic() + seconds

    def one(number: int) -> None:
        chosen = random.Random(seed * 100 + number)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < end:
            began = time.perf_counter()
            connection.request("GET", chosen.choice(paths), headers={"Cookie": f"sessionid={cookie}"})
            response = connection.getresponse()
            response.read()
            taken.append((time.perf_counter() - began) * 1000)
            errors[0] += response.status != 200

    workers = [threading.Thread(target=one, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    queue.put((taken, errors[0]))
