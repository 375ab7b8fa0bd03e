"""The first two letters of every syllable are kept too."""

from typing import Any

from django.db import migrations


def remake(apps: Any, editor: Any) -> None:
    from zhike.customers import tokens

    tokens.remake()


class Migration(migrations.Migration):
    atomic = False  # page by page; interrupted, it is run again and goes on
    dependencies = [("zhike", "0008_value_matrix")]
    operations = [migrations.RunPython(remake, migrations.RunPython.noop)]
