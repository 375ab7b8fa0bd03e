"""What an action found wrong, shown at the fields of the form."""

from django import forms
from django.core.exceptions import ValidationError


def show_problem(form: forms.BaseForm, problem: ValidationError) -> None:
    """Each message at its field; what belongs to no field of this form on top."""
    if not hasattr(problem, "error_dict"):
        form.add_error(None, problem)
        return
    for field, errors in problem.error_dict.items():
        form.add_error(field if field in form.fields else None, errors)
