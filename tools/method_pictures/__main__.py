"""`python -m tools.method_pictures [NAME …]`: draws docs/methods/NAME.svg, all of them without a name.

CDNOW and the other public data come with development packages; what is simulated has a fixed seed. The same numbers give the same
bytes, so that a picture changes only when its method does.
"""

import sys
from pathlib import Path

from tools.method_pictures import judging, purchases, values

PAGES = Path(__file__).parents[2] / "docs" / "methods"
DRAWN = {**purchases.PICTURES, **values.PICTURES, **judging.PICTURES}


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(DRAWN))
    if unknown:
        print(f"no picture {unknown[0]}; there are: {', '.join(sorted(DRAWN))}", file=sys.stderr)
        return 1
    for name in names or sorted(DRAWN):
        (PAGES / f"{name}.svg").write_text(DRAWN[name]().svg(), encoding="utf-8")
    print(f"{len(names or DRAWN)} pictures in docs/methods")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
