"""Within a partition every row is of one run: the indexes of the scores need not sort by it, only know it."""

from django.db import migrations

ORDERS = {
    "clv": "clv DESC NULLS LAST, customer_id DESC",
    "grade": "grade, clv DESC NULLS LAST, customer_id DESC",
    "stage": "stage, clv DESC NULLS LAST, customer_id DESC",
    "class": "rfm_class, clv DESC NULLS LAST, customer_id DESC",
    "treatment": "treatment, clv DESC NULLS LAST, customer_id DESC",
    "last": "last_on DESC NULLS LAST, customer_id DESC",
    "revenue": "revenue DESC, customer_id DESC",
}
DROPPED = "".join(f"DROP INDEX score_by_{name};\n" for name in ORDERS)
BEFORE = "".join(f"CREATE INDEX score_by_{name} ON zhike_score (run_id, {order});\n" for name, order in ORDERS.items())
AFTER = "".join(f"CREATE INDEX score_by_{name} ON zhike_score ({order}) INCLUDE (run_id);\n" for name, order in ORDERS.items())


class Migration(migrations.Migration):
    dependencies = [
        ("zhike", "0012_teams_export_requests"),
    ]

    operations = [migrations.RunSQL(DROPPED + AFTER, DROPPED + BEFORE)]
