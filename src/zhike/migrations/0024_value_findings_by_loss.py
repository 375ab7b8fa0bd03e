"""Whom to keep first, without sorting everybody: the analysis of leaving says what would be lost with each customer."""

from django.db import migrations

LOST = "((detail ->> 'lost')::double precision)"
BY_LOSS = f"CREATE INDEX finding_by_loss ON zhike_finding ({LOST} DESC, customer_id DESC) WHERE {LOST} > 0"


class Migration(migrations.Migration):
    dependencies = [
        ("zhike", "0023_customers_contacts_by_index"),
    ]

    operations = [migrations.RunSQL(BY_LOSS, "DROP INDEX finding_by_loss")]
