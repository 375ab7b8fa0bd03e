from django.db import migrations, models


class Migration(migrations.Migration):
    """The sentences of earlier versions stay what they are: a text."""

    dependencies = [("zhike", "0014_sales_payment")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE zhike_importbatch ALTER COLUMN problem TYPE jsonb USING to_jsonb(problem)",
                    "ALTER TABLE zhike_importbatch ALTER COLUMN problem TYPE text USING problem #>> '{}'",
                )
            ],
            state_operations=[
                migrations.AlterField(model_name="importbatch", name="problem", field=models.JSONField(blank=True, default=str))
            ],
        )
    ]
