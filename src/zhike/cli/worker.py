import click

from zhike.cli.product import product


@click.command()
def command() -> None:
    """Run background jobs until SIGTERM."""
    with product():
        from zhike.jobs import worker

        worker.main()
