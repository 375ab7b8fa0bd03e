"""The finer RFM segment, until when a demotion waits, and how probable a customer's silence is."""

from django.db import migrations

COLUMNS = (
    "ALTER TABLE zhike_score ADD COLUMN segment varchar(20), ADD COLUMN grace_until date, ADD COLUMN silence_probability float8"
)


class Migration(migrations.Migration):
    dependencies = [("zhike", "0006_imports_changes")]
    operations = [
        migrations.RunSQL(
            COLUMNS, "ALTER TABLE zhike_score DROP COLUMN segment, DROP COLUMN grace_until, DROP COLUMN silence_probability"
        )
    ]
