"""Every `zhike insight` command on the tables that people really have: a finding in plain JSON, or one sentence."""

import json
import random

import pytest
from click.testing import CliRunner

from zhike.cli.insight import command

HEADER = "customer,date,amount,duration,left,score,text,name,phone"
RNG = random.Random(9)


def row(n):
    text = RNG.choice(("房间干净，服务热情", "太差了，等了半天", "还可以", "价格贵，环境吵"))
    day = f"2025-{RNG.randint(1, 12):02d}-{RNG.randint(1, 28):02d}"
    numbers = n % 23, day, RNG.randint(1, 400), 1 + n % 9, int(RNG.random() < 0.4), RNG.randint(1, 10)
    return ",".join(map(str, (*numbers, text, f"王小{n % 40}", 13800138000 + n % 40)))


PLAIN = [row(n) for n in range(90)]
FILES = {
    "empty": "",
    "only a header": HEADER + "\n",
    "one row": "\n".join([HEADER, PLAIN[0]]),
    "all alike": "\n".join([HEADER, *PLAIN[:1] * 40]),
    "each row twice": "\n".join([HEADER, *PLAIN, *PLAIN]),
    "missing cells": "\n".join([HEADER, *PLAIN, *[PLAIN[0].split(",")[0] + "," * 8] * 3, "," * 8]),
    "infinite and negative": "\n".join([HEADER, *PLAIN, "3,2025-03-03,-5,-1,0,-inf,好,李四,1", "4,2025-03-04,inf,inf,1,nan,差,,"]),
    "texts for numbers": "\n".join([HEADER, *PLAIN, "甲,昨天,很多,长,是,高,123,456,电话"]),
    "a line too short": "\n".join([HEADER, *PLAIN, "7,2025-01-01"]),
    "no text": b"\x00\xff\xfe\x9f" * 300,
}  # fmt: skip
COMMANDS = {
    "rfm": (),
    "clv": (),
    "patterns": (),
    "network": ("--map", "source=customer,target=phone"),
    "basket": ("--map", "basket=customer,item=amount"),
    "churn": ("--target", "left"),
    "survival": ("--duration", "duration", "--target", "left"),
    "segment": ("--segments", "2"),
    "scorecard": ("--target", "left"),
    "drivers": ("--outcome", "score", "--resamples", "20"),
    "sentiment": ("--text", "text", "--label", "left"),
    "match": ("--map", "name=name,phone=phone"),
}


def no_word_in_json(value):
    raise AssertionError(f"JSON has no {value}")


REFUSED = {"empty", "only a header", "a line too short", "no text"}
QUICK = {"rfm", "network", "basket", "drivers", "match"}


def cases():
    """Every command on every file; what is slow only on those that it refuses, unless asked for (`make test-long`)."""

    def marks(analysis, kind):
        return [] if kind in REFUSED or analysis in QUICK else [pytest.mark.long]

    pairs = [(analysis, kind) for analysis in COMMANDS for kind in FILES]
    return [pytest.param(*pair, marks=marks(*pair), id=": ".join(pair)) for pair in pairs]


@pytest.mark.parametrize(("analysis", "kind"), cases())
def test_a_finding_or_a_sentence(tmp_path, analysis, kind):
    path = tmp_path / "given.csv"
    content = FILES[kind]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    outcome = CliRunner().invoke(command, [analysis, str(path), *COMMANDS[analysis], "--json"])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
    assert outcome.stderr.count("\n") <= 6, outcome.stderr
    if outcome.exit_code == 0:
        json.loads(outcome.stdout.splitlines()[-1], parse_constant=no_word_in_json)
    else:
        assert outcome.stderr.startswith("Error: ")
        assert len(outcome.stderr) > 20


def test_every_command_is_here():
    assert set(command.commands) == set(COMMANDS)
