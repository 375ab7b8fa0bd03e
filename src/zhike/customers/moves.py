"""What moves when two customers become one."""

from django.db import models

from zhike.customers.models import Customer

STAYS = {"merge", "duplicatepair", "score", "finding"}  # about the record as such; scores and findings are computed anew


def moves() -> list[tuple[type[models.Model], str]]:
    """Every table that hangs on a customer, of this and all upper domains, with its column. A test holds the list in sight."""
    found = []
    for relation in Customer._meta.related_objects:
        model = relation.related_model
        assert isinstance(model, type)
        if model._meta.model_name not in STAYS and not relation.many_to_many and relation.field.name != "merged_into":
            found.append((model, str(relation.field.name)))
    return found
