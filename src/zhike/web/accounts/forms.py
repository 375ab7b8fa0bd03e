"""Forms of the sign-in and of one's own account. What is right is decided by the actions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.teams.choices import Language, Permission
from zhike.teams.models import User
from zhike.teams.queries import colleagues


def password_field(label: Any, *, new: bool, help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password" if new else "current-password"})
    return forms.CharField(label=label, widget=widget, strip=False, max_length=200, help_text=help_text)


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TwicePasswordForm(forms.Form):
    """A new password, typed twice."""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("again") and values.get("new") != values.get("again"):
            self.add_error("again", _("The two passwords are not the same."))
        return values


class SetupForm(TwicePasswordForm):
    company = forms.CharField(label=_("Company"), max_length=80)
    name = forms.CharField(label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    username = forms.CharField(
        label=_("Sign-in name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false"})
    )
    new = password_field(_("Password"), new=True, help_text=_("At least 10 characters. A sentence is easy to remember."))
    again = password_field(_("Password again"), new=True)


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("Sign-in name"), max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false", "autofocus": True}),
    )  # fmt: skip
    password = password_field(_("Password"), new=False)


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"), max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )  # fmt: skip


class AccountForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    theme = forms.ChoiceField(label=_("Theme"), choices=[("auto", _("Auto")), ("light", _("Light")), ("dark", _("Dark"))])


class PasswordForm(TwicePasswordForm):
    old = password_field(_("Present password"), new=False)
    new = password_field(_("New password"), new=True, help_text=_("At least 10 characters. A sentence is easy to remember."))
    again = password_field(_("New password again"), new=True)


class ProofForm(forms.Form):
    password = password_field(_("Present password"), new=False)


class AbsenceForm(forms.Form):
    away_from = forms.DateField(label=_("Away from"), required=False, widget=DateInput())
    away_until = forms.DateField(label=_("until"), required=False, widget=DateInput())
    deputy = forms.ModelChoiceField(
        User.objects.none(), label=_("Deputy"), required=False, empty_label=_("nobody"),
        help_text=_("Sees and works on these customers during the absence."),
    )  # fmt: skip

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["deputy"]
        field.queryset = colleagues().exclude(pk=person.pk)


class TokenForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("What it is for, such as “monthly report”."))
    days = forms.TypedChoiceField(
        label=_("Valid for"), coerce=int, choices=[(30, _("30 days")), (90, _("90 days")), (365, _("one year"))], initial=90
    )
    permissions = forms.MultipleChoiceField(label=_("Permissions"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, allowed: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["permissions"]
        field.choices = [(value, label) for value, label in Permission.choices if value in allowed]
