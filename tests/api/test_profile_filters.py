"""Customers by the fields of the information model, as the list finds them."""

from urllib.parse import quote

import pytest
from django.utils import timezone

from tests.api.client import Api
from tests.teams.company import person
from zhike.customers.actions import create_customer
from zhike.customers.models import Customer, FieldDefinition
from zhike.teams.choices import Permission, Scope
from zhike.teams.models import Role

pytestmark = pytest.mark.django_db
KINDS = {
    "car": "text",
    "mileage": "number", "insured": "date", "oil": "choice", "likes": "multi_choice", "married": "yes_no", "boss": "reference",
}  # fmt: skip
CHOICES = [{"code": code, "zh": code, "en": code} for code in ("full", "semi", "tea", "golf")]


@pytest.fixture
def fields(boss):
    for code, kind in KINDS.items():
        FieldDefinition.objects.create(
            code=code, type=kind, ring="visible", label_zh=code, label_en=code, choices=CHOICES if "choice" in kind else [],
            confidentiality="confidential" if code == "car" else "internal",
        )  # fmt: skip
    known = {"car": "大众朗逸", "mileage": 52000, "insured": "2026-03-01", "oil": "semi", "likes": ["tea"], "married": True}
    for name, profile in (("张伟", known), ("王芳", {"mileage": 9000, "oil": "full", "married": False}), ("李娜", {})):
        made = create_customer(actor=boss, values={"name": name}, at=timezone.now())
        Customer.objects.filter(pk=made.pk).update(profile=profile)


def names(api, *asked, more=""):
    query = "&".join(f"profile={quote(one)}" for one in asked)
    return {one["name"] for one in api.everything(f"/customers?{query}{more}")}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (["car=朗逸"], {"张伟"}), (["mileage>=10000"], {"张伟"}), (["mileage<=10000"], {"王芳"}), (["mileage=52000"], {"张伟"}),
        (["mileage>=9000", "mileage<=52000"], {"张伟", "王芳"}), (["insured>=2026-01-01", "insured<=2026-12-31"], {"张伟"}),
        (["oil=semi", "oil=full"], {"张伟", "王芳"}), (["oil=full", "mileage>=10000"], set()), (["likes=tea"], {"张伟"}),
        (["married=no"], {"王芳"}), (["married=yes", "married=no"], {"张伟", "王芳"}),
    ],
)  # fmt: skip
def test_fields_are_filters_of_their_type(api, fields, asked, found):
    assert names(api, *asked) == found


def test_of_fields_and_others_one_may_be_enough(api, fields):
    assert names(api, "oil=semi", more="&q=李娜") == set()
    assert names(api, "oil=semi", "mileage<=9000", more="&either=profile.oil&either=profile.mileage") == {"张伟", "王芳"}


@pytest.mark.parametrize(
    "asked",
    ["mileage", "mileage>5", "nothing=1", "name=张伟", "mileage=many", "mileage=NaN", "mileage=1e99999", "mileage=1e-99999",
     "oil=gold", "oil>=semi", "married=perhaps", "insured>=yesterday", "insured>=0001-01-01", "boss=1", "car<=x"],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(api, fields, asked):
    answer = api.get(f"/customers?profile={quote(asked)}")
    assert (answer.status, list(answer["fields"])) == (422, ["profile"])


def test_a_field_that_is_masked_is_no_filter(fields):
    seller = person(can=[Permission.CUSTOMER_VIEW], scope=Scope.ALL)
    Role.objects.filter(users=seller).update(clearance="internal")
    api = Api.with_token(seller)
    assert api.get(f"/customers?profile={quote('car=朗逸')}").status == 422
    assert names(api, "oil=semi") == {"张伟"}
    Role.objects.filter(users=seller).update(clearance="confidential")
    assert names(api, "car=朗逸") == {"张伟"}


def test_an_export_takes_them_too(api, fields):
    sent = b"".join(api.post(f"/customers/export?profile={quote('oil=semi')}").response.streaming_content).decode()
    assert ("张伟" in sent, "王芳" in sent) == (True, False)
