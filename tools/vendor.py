"""Puts the front-end libraries into the static folder: run after `npm ci`, by the set-up step.

Nothing third-party is committed and nothing is loaded from another host. ECharts is bundled from the parts that the screens
use, which makes it 40 % smaller; of Tabler's rules those stay that can hold on our screens, which is a fifth.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ROOT / "node_modules"
WEB = ROOT / "src/zhike/web"
VENDOR = WEB / "static/vendor"
SCREENS = ("templates/**/*.html", "**/*.py", "static/js/*.js", "static/css/*.css")  # where names of classes are written
COPIED = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.css",
    "htmx.org/dist/htmx.min.js": "htmx.js",
}
BUNDLED = {ROOT / "src/zhike/web/islands/echarts.js": "echarts.js"}


def main() -> int:
    if not MODULES.exists():
        print("node_modules is not here: run npm ci first", file=sys.stderr)
        return 1
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, target in COPIED.items():
        shutil.copyfile(MODULES / source, VENDOR / target)
    for path, target in BUNDLED.items():
        command = [MODULES / ".bin/esbuild", path, "--bundle", "--minify", "--format=esm", "--legal-comments=eof",
                   "--log-level=error", f"--outfile={VENDOR / target}"]  # fmt: skip
        subprocess.run([str(part) for part in command], check=True, cwd=ROOT)
    sheet = VENDOR / "tabler.css"
    sheet.write_text(trimmed(sheet.read_text(encoding="utf-8"), Written()), encoding="utf-8")
    print(f"{len(list(VENDOR.iterdir()))} files in {VENDOR.relative_to(ROOT)}")
    return 0


class Written:
    """The words that stand in our sources. A class may be put together (`btn-{{ kind }}`): then both halves must be there."""

    def __init__(self) -> None:
        text = "\n".join(file.read_text(encoding="utf-8") for kind in SCREENS for file in sorted(WEB.glob(kind)))
        self.words = set(re.findall(r"[A-Za-z][\w-]*", text))
        self.starts = set(re.findall(r"([a-z][a-z-]*-)(?:\{[{%a-z]|\$\{|[\"'] ?[+~])", text))

    def has(self, name: str) -> bool:
        return name in self.words or any(name.startswith(one) and name[len(one) :] in self.words for one in self.starts)


def trimmed(sheet: str, written: Written) -> str:
    """Without comments and without the rules for classes that no screen has. Doing it twice changes nothing."""
    kept = []
    for head, body in _rules(sheet):
        if body is None:
            kept.append(head)
        elif head.startswith(("@media", "@supports", "@container", "@layer")):
            inner = trimmed(body, written)
            kept.append(f"{head}{{{inner}}}" if inner else "")
        elif head.startswith("@"):
            kept.append(f"{head}{{{body}}}")
        else:
            heads = [one for one in re.split(r",(?![^(]*\))", head) if all(map(written.has, _classes(one)))]
            kept.append(f"{','.join(heads)}{{{body}}}" if heads else "")
    return "".join(kept)


def _classes(selector: str) -> list[str]:
    """Those that an element must have; what stands in `:not(…)` and in lists of choices says nothing."""
    return re.findall(r"\.(-?[A-Za-z_][\w-]*)", re.sub(r":(?:not|is|where)\([^()]*\)", "", selector))


def _rules(sheet: str) -> Iterator[tuple[str, str | None]]:
    """Each rule's head and body; None for a statement without one, such as @charset."""
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    at = 0
    while (start := sheet.find("{", at)) >= 0:
        statement = sheet.find(";", at, start)
        if sheet[at:start].lstrip().startswith("@") and statement >= 0:
            yield sheet[at : statement + 1].strip(), None
            at = statement + 1
            continue
        depth, end = 1, start + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(sheet[end], 0)
            end += 1
        yield sheet[at:start].strip(), sheet[start + 1 : end - 1]
        at = end


if __name__ == "__main__":
    sys.exit(main())
