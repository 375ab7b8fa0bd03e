from typing import TYPE_CHECKING

import click

from zhike.cli.product import answer, product

if TYPE_CHECKING:
    from zhike.cli.consistency import Finding


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object as the last line.")
def command(as_json: bool) -> None:
    """Looks whether the data hold together; ends with 1 when something does not."""
    with product():
        from zhike.cli.consistency import check_all

        findings = check_all()
    bad = {one.name: {"count": one.count, "example": one.example} for one in findings if one.count}
    answer(
        {"ok": not bad, "checks": len(findings), "findings": bad}, as_json=as_json, text="\n".join(_line(one) for one in findings)
    )
    if bad:
        raise SystemExit(1)


def _line(one: "Finding") -> str:
    return f"BAD {one.name}: {one.count}, such as {one.example}" if one.count else f"ok  {one.name}"
