"""Imports log what they overwrote on orders, contacts and addresses too, and say which step they are at."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("zhike", "0005_teams_audit_leaves")]
    operations = [
        migrations.RemoveConstraint(model_name="importchange", name="import_change_once"),
        migrations.RenameField(model_name="importchange", old_name="customer_id", new_name="object_id"),
        migrations.AddField(
            model_name="importchange",
            name="object_type",
            field=models.CharField(default="customer", max_length=12),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="importchange",
            constraint=models.UniqueConstraint(fields=("batch", "object_type", "object_id"), name="import_change_once"),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="step",
            field=models.CharField(blank=True, default="", max_length=12),
            preserve_default=False,
        ),
    ]
