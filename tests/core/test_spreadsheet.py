"""Lists written as files for spreadsheet programs, also when there is no room for them."""

import subprocess
import sys
from pathlib import Path

import pytest

WRITE = """
import errno, resource, sys
from pathlib import Path
from zhike.core import outages, spreadsheet
limit, place = int(sys.argv[1]), Path(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY) if limit else (-1, -1))
rows = ((f"客户{n}", str(n * 7919 % 100_003), n / 7) for n in range(20_000))
try:
    spreadsheet.write_xlsx(place, "客户", ["姓名", "编号", "金额"], rows)
except Exception as problem:
    print("full" if outages.is_disk_full(problem) and problem.errno == errno.ENOSPC else repr(problem))
else:
    print("written")
"""


@pytest.mark.parametrize(
    ("limit", "place", "said"),
    [(100_000, "list.xlsx", "full"), (0, "/dev/full", "full"), (0, "list.xlsx", "written")],
    ids=["while the rows come", "while the workbook is packed", "with room enough"],
)
def test_a_workbook_without_room_is_a_full_disk(tmp_path: Path, limit: int, place: str, said: str) -> None:
    """The writer panics in one place and has only words in the other; both used to be taken for a fault of the product."""
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(limit), str(tmp_path / place)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == said, done.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_that_breaks_off_is_no_shorter_list(kind: str) -> None:
    from zhike.core import home, spreadsheet

    def rows(good: int):
        yield from ([str(n)] for n in range(good))
        raise ValueError("the database went away")

    with pytest.raises(ValueError, match="went away"):
        spreadsheet.whole_file(kind, "x", ["name"], rows(3000))
    assert list(home.folder("incoming").iterdir()) == []
    with spreadsheet.whole_file(kind, "x", ["name"], iter([["a"], ["=b"]])) as file:
        found = file.read()
    assert found == b"\xef\xbb\xbfname\r\na\r\n'=b\r\n" if kind == "csv" else found.startswith(b"PK")
