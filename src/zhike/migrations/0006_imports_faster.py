"""Fewer indexes on every new customer; what an import switches off for a moment leaves the log of changed orders on."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("zhike", "0005_lists_profile_index"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="customer",
            name="customer_recent",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customer_owner_recent",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customer_department_recent",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customer_by_creation",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customer_region_recent",
        ),
        migrations.AlterField(
            model_name="customer",
            name="department",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="customers",
                to="zhike.department",
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="customers",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="subsidiaries",
                to="zhike.customer",
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="source",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="customers",
                to="zhike.source",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(condition=models.Q(("deleted_at", None)), fields=["updated_at", "id"], name="customer_recent"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("deleted_at", None)), fields=["owner", "updated_at", "id"], name="customer_owner_recent"
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["department", "updated_at", "id"],
                name="customer_department_recent",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(condition=models.Q(("deleted_at", None)), fields=["created_at", "id"], name="customer_by_creation"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("deleted_at", None)), fields=["region", "updated_at", "id"], name="customer_region_recent"
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(condition=models.Q(("source__isnull", False)), fields=["source"], name="customer_by_source"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(condition=models.Q(("parent__isnull", False)), fields=["parent"], name="customer_by_parent"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["owner", "-deleted_at"], name="customer_in_bin"
            ),
        ),
        migrations.RunSQL(
            ";".join(f"ALTER TABLE zhike_order ENABLE ALWAYS TRIGGER order_{done}" for done in ("inserted", "updated", "deleted")),
            ";".join(f"ALTER TABLE zhike_order ENABLE TRIGGER order_{done}" for done in ("inserted", "updated", "deleted")),
        ),
    ]
