from django.db import migrations, models

KNOWN = {
    "元": "CNY",
    "万元": "10,000 CNY",
    "公里": "km",
    "人": "people",
    "㎡": "㎡",
    "岁": "years",
    "年": "years",
    "辆": "vehicles",
}


def translate(apps, schema_editor):
    """Of the fields that earlier versions shipped. What is not known here is shown in both languages as it is."""
    fields = apps.get_model("zhike", "FieldDefinition").objects
    for chinese, english in KNOWN.items():
        fields.filter(unit_zh=chinese).update(unit_en=english)


class Migration(migrations.Migration):
    dependencies = [("zhike", "0019_value_one_index_by_value")]

    operations = [
        migrations.RenameField(model_name="fielddefinition", old_name="unit", new_name="unit_zh"),
        migrations.AddField(
            model_name="fielddefinition",
            name="unit_en",
            field=models.CharField(blank=True, max_length=20, default=""),
            preserve_default=False,
        ),
        migrations.RunPython(translate, migrations.RunPython.noop),
    ]
