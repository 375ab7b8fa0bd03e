"""`get_…_display` says what Django's own would say."""

import pytest
from django.db import models
from django.utils import translation

from zhike.care.models import Suggestion
from zhike.customers.models import Customer, Interaction
from zhike.sales.models import Order


@pytest.mark.parametrize("model", [Customer, Interaction, Order, Suggestion])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_label_of_each_code_in_each_language(model, language):
    row = model()
    with translation.override(language):
        for field in (one for one in model._meta.fields if one.choices):
            for code in (*dict(field.flatchoices), "", "unknown", None):
                setattr(row, field.attname, code)
                assert getattr(row, f"get_{field.name}_display")() == models.Model._get_FIELD_display(row, field)
