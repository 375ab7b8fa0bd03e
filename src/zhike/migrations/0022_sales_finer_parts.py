"""Changed orders are noted by ranges of 65,536 ids instead of 262,144: after a day's orders less is read and compared."""

from django.db import migrations

MARK = """
CREATE OR REPLACE FUNCTION zhike_mark_dirty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO zhike_factsdirty (bucket, at) SELECT DISTINCT (id >> {shift})::integer, now() FROM changed;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("zhike", "0021_customers_surveys"),
    ]

    operations = [migrations.RunSQL(MARK.format(shift=16), MARK.format(shift=18))]  # the copy is made anew: another layout
