"""One index over the lifetime value that also knows the groups that lists filter by, instead of one for each of them."""

from django.db import migrations

BY_VALUE = "clv DESC NULLS LAST, customer_id DESC"
GROUPS = {"grade": "grade", "stage": "stage", "class": "rfm_class", "treatment": "treatment"}
SEVERAL = "".join(
    f"CREATE INDEX score_by_{name} ON zhike_score ({column}, {BY_VALUE}) INCLUDE (run_id);\n" for name, column in GROUPS.items()
)
ONE = f"""{"".join(f"DROP INDEX score_by_{name};" for name in GROUPS)}
DROP INDEX score_by_clv;
CREATE INDEX score_by_clv ON zhike_score ({BY_VALUE}, grade, stage, rfm_class, segment, treatment) INCLUDE (run_id);
"""
BACK = f"""DROP INDEX score_by_clv;
CREATE INDEX score_by_clv ON zhike_score ({BY_VALUE}) INCLUDE (run_id);
{SEVERAL}"""


class Migration(migrations.Migration):
    dependencies = [
        ("zhike", "0018_value_credit"),
    ]

    operations = [migrations.RunSQL(ONE, BACK)]
