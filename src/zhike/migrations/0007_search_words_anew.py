"""Customers are found by other pieces than before: they are made anew."""

from typing import Any

from django.db import migrations


def remake(apps: Any, editor: Any) -> None:
    from zhike.customers import tokens

    tokens.remake()


class Migration(migrations.Migration):
    atomic = False  # page by page; interrupted, it is run again and goes on
    dependencies = [("zhike", "0006_imports_faster")]
    operations = [migrations.RunPython(remake, migrations.RunPython.noop)]
