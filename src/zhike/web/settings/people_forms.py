"""Forms about people, departments and roles."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.teams.access import rights_of
from zhike.teams.choices import Confidentiality, Language, Permission, Scope
from zhike.teams.models import Department, Role, User
from zhike.teams.queries import colleagues, department_tree
from zhike.web.accounts.forms import DateInput, password_field


class Words(forms.CharField):
    """Several words, separated by commas of either width."""

    def prepare_value(self, value: Any) -> Any:
        return "，".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value).replace("，", ",").replace("、", ",")
        return list(dict.fromkeys(word.strip()[:40] for word in text.split(",") if word.strip()))


class DepartmentField(forms.TypedChoiceField):
    """The tree as an indented list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=self._find, empty_value=None, required=False, **kwargs)

    def offer(self, *, but: int | None = None) -> None:
        lines = [(one.pk, "\u3000" * depth + one.name) for one, depth in department_tree() if one.pk != but]
        self.choices = [("", "–"), *lines]

    @staticmethod
    def _find(value: str) -> Department:
        return Department.objects.get(pk=value)


class PersonForm(forms.Form):
    name = forms.CharField(label=_("Full name"), max_length=60)
    username = forms.CharField(label=_("Sign-in name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    department = DepartmentField(label=_("Department"))
    position = forms.CharField(label=_("Position"), max_length=60, required=False)
    manager = forms.ModelChoiceField(User.objects.none(), label=_("Manager"), required=False, empty_label="–")
    joined_on = forms.DateField(label=_("Joined on"), required=False, widget=DateInput())
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    skills = Words(label=_("Skills"), required=False, max_length=400, help_text=_("Separated by commas."))
    interests = Words(label=_("Interests"), required=False, max_length=400, help_text=_("What they can talk about with customers."))
    roles = forms.ModelMultipleChoiceField(
        Role.objects.none(), label=_("Roles"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Without a role a person sees nothing."),
    )  # fmt: skip
    is_administrator = forms.BooleanField(label=_("Administrator: may do everything, everywhere"), required=False)

    def __init__(self, *args: Any, actor: User, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["department"].offer()
        fields["manager"].queryset = colleagues().exclude(pk=person.pk if person else 0)
        held = set(person.roles.values_list("pk", flat=True)) if person else set()
        rights = rights_of(actor)
        offered = [role.pk for role in Role.objects.all() if role.pk in held or rights.covers(role)]
        fields["roles"].queryset = Role.objects.filter(pk__in=offered)
        if not actor.is_administrator:
            del fields["is_administrator"]


class ChangedPersonForm(PersonForm):
    successor = forms.ModelChoiceField(
        User.objects.none(), label=_("If the department changes, customers go to"), required=False,
        empty_label=_("nobody else: they move along"),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: User, person: User, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, person=person, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["successor"].queryset = colleagues().exclude(pk=person.pk)
        self.order_fields(["name", "username", "department", "successor"])


class NewPersonForm(PersonForm):
    password = password_field(
        _("First password"), new=True, help_text=_("At least 10 characters. The person chooses an own one at the first sign-in.")
    )


class NewPasswordForm(forms.Form):
    password = password_field(_("New password"), new=True)


class TrainingForm(forms.Form):
    name = forms.CharField(label=_("Training"), max_length=120)
    held_on = forms.DateField(label=_("Held on"), widget=DateInput())
    result = forms.CharField(label=_("Result"), max_length=60, required=False)


class LeavingForm(forms.Form):
    left_on = forms.DateField(label=_("Leaves on"), widget=DateInput())
    successors = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Successors"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("One takes everything; among several the customers are shared out evenly."),
    )  # fmt: skip

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["successors"]
        field.queryset = colleagues().exclude(pk=person.pk)


class DepartmentForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    parent = DepartmentField(label=_("Part of"))
    city = forms.CharField(label=_("City"), max_length=40, required=False)
    position = forms.IntegerField(label=_("Place in the list"), initial=0, min_value=0, max_value=9999)

    def __init__(self, *args: Any, department: Department | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["parent"]
        field.offer(but=department.pk if department else None)


class RoleForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    scope = forms.ChoiceField(label=_("Whose customers"), choices=Scope.choices, initial=Scope.OWN)
    clearance = forms.ChoiceField(
        label=_("Shows fields up to"), choices=Confidentiality.choices, initial=Confidentiality.PUBLIC,
        help_text=_("Fields of a higher class are masked."),
    )  # fmt: skip
    permissions = forms.MultipleChoiceField(
        label=_("Permissions"), choices=Permission.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
