"""The house's rules that no linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
PRODUCT = SOURCE / "zhike"
DOMAINS = ["core", "teams", "customers", "sales", "value", "care"]
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager", "process", "handle", "data2"}
WITHOUT_ACTOR = {  # verb: why nobody is asked
    "sign_in": "nobody is signed in yet",
    "found_company": "the first person is made by it",
    "person_of_token": "finds out who asks",
    "passes_second_factor": "half-way through signing in",
    "count_attempt": "counts what anybody tries",
    "forgive": "ends the count after a success",
    "factor_key": "names a lock",
    "cut_off": "part of ending an employment or a password, whose verbs asked",
    "carry_out": "the queue does what somebody asked for, who was asked then",
    "carry_out_duplicate_search": "likewise",
    "carry_out_mass": "likewise",
    "forget_mass": "the clock",
    "make_file": "the queue makes what somebody ordered, by their rights of that moment",
    "forget_files": "the clock",
    "close_abandoned": "the clock",
    "close_abandoned_mass": "the clock",
    "forget_sessions": "the clock",
    "carry_out_analysis": "likewise",
    "run_due_analyses": "the clock",
    "run_nightly": "the clock",
    "refresh_scores": "follows an import, whose verb asked",
    "run_incremental": "follows changes of orders, whose verbs asked",
    "rescore_customers": "follows an order, whose verb asked",
    "give_notice": "the product speaks, not a person",
}
PYTHON = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            yield node


def lines_of(node: ast.FunctionDef) -> int:
    """Of code: without the docstring."""
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    return (node.end_lineno or 0) - min(first.lineno, (node.end_lineno or 0)) + 1


def test_files_stay_readable():
    long = [f"{path.relative_to(ROOT)}: {count}" for path in PYTHON if (count := len(path.read_text().splitlines())) > 400]
    assert long == [], "split these into a folder of the same name"


def test_functions_stay_readable():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {count}"
        for path in PYTHON
        for node in functions(path)
        if (count := lines_of(node)) > 40
    ]
    assert long == []


def test_templates_stay_readable():
    templates = (PRODUCT / "web" / "templates").rglob("*.html")
    assert [f"{path.name}: {count}" for path in templates if (count := len(path.read_text().splitlines())) > 200] == []


def test_no_drawer_names():
    assert [str(path.relative_to(ROOT)) for path in SOURCE.rglob("*") if path.stem in FORBIDDEN_NAMES] == []


def test_verbs_take_the_actor_first_and_by_name():
    """Every public verb of a domain is keyword-only and begins with who does it; the exceptions have a reason."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for domain in DOMAINS[1:]
        for path in [PRODUCT / domain / "actions.py", *(PRODUCT / domain / "actions").rglob("*.py")]
        if path.exists()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith(("_", "check_")) and not _well_formed(node)
    ]
    assert wrong == []


def _well_formed(node: ast.FunctionDef) -> bool:
    names = [argument.arg for argument in node.args.kwonlyargs]
    return node.name in WITHOUT_ACTOR or (names[:1] == ["actor"] and not node.args.args)


def test_no_signals_and_no_hidden_saves():
    wrong = []
    for path in PYTHON:
        text = path.read_text()
        is_start = path.name == "apps.py"  # post_migrate there adds the definitions of the customer's own columns
        if not is_start and re.search(r"django\.db\.models\.signals|@receiver", text):
            wrong.append(f"{path.relative_to(ROOT)}: signal")
        if re.search(r"def (save|delete)\(self", text) and "models" in path.parts:
            wrong.append(f"{path.relative_to(ROOT)}: save() or delete() of its own")
    assert wrong == []


def test_rules_are_pure():
    """`rules.py` decides from values: no Django but translation, no clock, no database."""
    wrong = []
    for path in PRODUCT.rglob("rules*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.ImportFrom)
                and (node.module or "").startswith("django")
                and node.module != "django.utils.translation"
            ):
                wrong.append(f"{path.relative_to(ROOT)}: {node.module}")
            if isinstance(node, ast.Attribute) and node.attr in ("now", "today", "localdate", "objects"):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.attr}")
    assert wrong == []


def test_the_library_reads_no_clock():
    calls = re.compile(r"\b(datetime\.now|date\.today|datetime\.today|time\.time)\(|os\.environ")
    assert [str(path) for path in (SOURCE / "zhike_insight").rglob("*.py") if calls.search(path.read_text())] == []


def test_events_are_frozen_facts():
    wrong = []
    for path in PRODUCT.glob("*/events.py"):
        if path.parent.name == "core":
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and "dataclass(frozen=True" not in "".join(map(ast.unparse, node.decorator_list)):
                wrong.append(f"{path.parent.name}.{node.name}")
    assert wrong == []


@pytest.mark.parametrize("model", list(apps.get_app_config("zhike").get_models()), ids=lambda model: model.__name__)
def test_every_model_is_in_the_glossary(model):
    if model._meta.auto_created:
        pytest.skip("a link table")
    glossary = (ROOT / "docs" / "glossary.md").read_text()
    assert re.search(rf"`{model.__name__}`", glossary), f"{model.__name__} is not in docs/glossary.md"


def test_every_event_is_in_the_glossary():
    glossary = (ROOT / "docs" / "glossary.md").read_text()
    missing = []
    for path in PRODUCT.glob("*/events.py"):
        if path.parent.name != "core":
            classes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]
            missing += [node.name for node in classes if f"`{node.name}`" not in glossary]
    assert missing == []


def test_no_code_from_users():
    """Nothing that turns text into code, and no unchecked HTML."""
    banned = re.compile(r"\b(eval|exec)\(|pickle|yaml\.load\(|mark_safe|\|\s*safe\b|autoescape false|shell=True")
    places = [*PYTHON, *(PRODUCT / "web" / "templates").rglob("*.html")]
    assert [str(path.relative_to(ROOT)) for path in places if banned.search(path.read_text())] == []


def test_templates_carry_no_inline_script_or_style():
    inline = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|\sstyle=|\son[a-z]+=\"|javascript:")
    templates = (PRODUCT / "web" / "templates").rglob("*.html")
    assert [str(path.relative_to(ROOT)) for path in templates if inline.search(path.read_text())] == []


def test_nothing_comes_from_another_host():
    outside = re.compile(r"(?:src|href|url\()\s*=?\s*[\"'(]https?://")
    files = [*(PRODUCT / "web" / "templates").rglob("*.html"), *(PRODUCT / "web" / "static" / "css").glob("*.css")]
    assert [str(path.relative_to(ROOT)) for path in files if outside.search(path.read_text())] == []


def test_lock_files_name_no_address():
    locks = [*(ROOT / "requirements").glob("*.txt"), ROOT / "package-lock.json", ROOT / "package.json"]
    assert [path.name for path in locks if path.exists() and re.search(r"https?://", path.read_text())] == []


def test_decisions_are_short():
    long = [path.name for path in (ROOT / "docs" / "decisions").glob("*.md") if len(path.read_text().splitlines()) > 40]
    assert long == []


def test_links_of_the_documentation_lead_somewhere():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists()
    ]
    assert broken == []


def test_commands_named_in_the_readme_exist():
    from zhike.cli.main import COMMANDS

    makefile = (ROOT / "Makefile").read_text()
    for page in (ROOT / "README.md", ROOT / "README.zh-CN.md"):
        text = page.read_text()
        assert all(re.search(rf"^{target}:", makefile, re.M) for target in re.findall(r"`?make ([a-z-]+)", text))
        listed = text.split("--help`")[1].split("\n\n")[0]
        assert {word.split()[0] for word in re.findall(r"`([a-z]+[^`]*)`", listed)} <= COMMANDS.keys() | {"zhike"}


def test_no_test_asks_that_a_short_word_is_absent_from_a_whole_page():
    """A page carries random tokens, in which any few letters come up one day."""
    found = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.NotIn) and isinstance(node.left, ast.Constant)):
                continue
            word, where = node.left.value, ast.unparse(node.comparators[0])
            short = isinstance(word, str) and word.isascii() and word.isalnum() and len(word) <= 5
            if short and re.search(r"\bpage\b|content|decode\(", where):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno} {word}")
    assert found == []
