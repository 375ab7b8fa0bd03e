"""`zhike insight` speaks the language of the terminal."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.architecture.test_house import SOURCE
from zhike.cli.insight_in_chinese import SENTENCES, in_chinese

TOLD = {"FileProblem", "BadTable", "NotEnoughData", "EngineProblem", "BadRecords"}


def sentences() -> Iterator[str]:
    """All that the library says of files and of too little data, with {} for what changes."""
    for path in (SOURCE / "zhike_insight").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TOLD and node.args:
                said = node.args[0]
                if isinstance(said, ast.Constant):
                    yield str(said.value)
                elif isinstance(said, ast.JoinedStr):
                    yield "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in said.values)


def test_every_sentence_has_its_chinese():
    found = set(sentences())
    assert len(found) > 40
    assert found - set(SENTENCES) == set()
    assert [english for english, chinese in SENTENCES.items() if english.count("{}") != chinese.count("{}")] == []


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("orders.csv is empty", "orders.csv 是空文件"),
        ("row 3: 'x' is not an amount; row 5: 'y' is not an amount; and 7 more",
         "第 3 行：'x' 不是金额；第 5 行：'y' 不是金额；另有 7 处"),
        ("--map: there is no column 'Preis'; there are: a, b", "--map：没有名为 'Preis' 的列；文件中有：a, b"),
        ("there are fewer different customers than the 2 segments asked for: n_samples = 1",
         "不同的客户少于要分的 2 群（共 1 行）"),
        ("'price' is the same in all rows", "'price' 在所有行中都相同"),
        ("something that nobody foresaw", "something that nobody foresaw"),
    ],
)  # fmt: skip
def test_sentences(english, chinese):
    assert in_chinese(english) == chinese


@pytest.mark.parametrize(("language", "said"), [("zh_CN.UTF-8", "是空文件"), ("C.UTF-8", "is empty")])
def test_the_command_speaks_as_the_terminal_does(tmp_path, language, said):
    (tmp_path / "orders.csv").write_text("")
    environment = {name: value for name, value in os.environ.items() if name not in ("LC_ALL", "LC_MESSAGES")}
    command = [sys.executable, "-m", "zhike.cli.main", "insight", "rfm", str(tmp_path / "orders.csv")]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment | {"LANG": language}, check=False)
    assert ended.returncode != 0
    assert said in ended.stderr
