import click

from zhike.cli.product import product


@click.command()
@click.option(
    "--renew-after", type=int, metavar="MIB", help="End when idle after growing by so much; be started anew by who supervises."
)
def command(renew_after: int | None) -> None:
    """Run background jobs until SIGTERM."""
    with product():
        from zhike.jobs import worker

        worker.main(renew_after)
