"""Puts the front-end libraries into the static folder: run after `npm ci`, by the set-up step.

Nothing third-party is committed and nothing is loaded from another host. ECharts is bundled from the parts that the screens
use, and what only some charts need apart; of Tabler's rules PurgeCSS keeps those whose words stand in our sources, a fifth.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ROOT / "node_modules"
WEB = ROOT / "src/zhike/web"
VENDOR = WEB / "static/vendor"
SCREENS = ("templates/**/*.html", "**/*.py", "static/js/*.js", "static/css/*.css")  # where names of classes are written
KEPT = (
    "btn-primary", "btn-danger",  # put together in templates
    "blockquote", "code", "dd", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",  # of the guide, which is written in Markdown
)  # fmt: skip
COPIED = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.css",
    "htmx.org/dist/htmx.min.js": "htmx.js",
}


def main() -> int:
    if not MODULES.exists():
        print("node_modules is not here: run npm ci first", file=sys.stderr)
        return 1
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for source, target in COPIED.items():
        shutil.copyfile(MODULES / source, VENDOR / target)
    command = [MODULES / ".bin/esbuild", *sorted(WEB.glob("islands/*.js")), "--bundle", "--splitting", "--minify", "--format=esm",
               "--chunk-names=echarts-[hash]", "--legal-comments=eof", "--log-level=error", f"--outdir={VENDOR}"]  # fmt: skip
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)
    _keep_what_is_used(VENDOR / "tabler.css")
    _drop_source_map_address(VENDOR / "tabler.css")
    print(f"{len(list(VENDOR.iterdir()))} files in {VENDOR.relative_to(ROOT)}")
    return 0


def _keep_what_is_used(sheet: Path) -> None:
    """After using a class of Tabler for the first time this runs again."""
    command = [MODULES / ".bin/purgecss", "--css", sheet, "--content", *(f"{WEB}/{kind}" for kind in SCREENS),
               "--safelist", *KEPT, "--output", sheet.parent]  # fmt: skip
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)


def _drop_source_map_address(file: Path) -> None:
    """The map is not served, and hashed file names refuse a reference that leads nowhere."""
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(line for line in lines if "sourceMappingURL" not in line) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
