"""The information model, sources, settings, the audit trail and backups through the API."""

import pytest

from tests.api.client import Api
from tests.teams.company import person
from zhike.core import settings_store
from zhike.core.models import AuditEntry
from zhike.customers.models import FieldDefinition
from zhike.teams.choices import Permission, Scope
from zhike.teams.rules import SignInRules

pytestmark = pytest.mark.django_db
HAT = {
    "code": "hat",
    "type": "choice",
    "label_zh": "帽子",
    "label_en": "Hat",
    "choices": [{"code": "red", "zh": "红", "en": "Red"}],
}


def test_the_life_of_a_field(api):
    made = api.post("/fields", HAT)
    assert (made.status, made["ring"], made["is_active"]) == (201, "related", True)
    assert api.patch(f"/fields/{made['id']}", {"label_zh": "帽"})["choices"] == HAT["choices"]
    sized = api.patch(f"/fields/{made['id']}", {"unit_zh": "厘米", "unit_en": "cm"})
    assert (sized["unit_zh"], sized["unit_en"]) == ("厘米", "cm")
    assert api.patch(f"/fields/{made['id']}", {"code": "cap"}).status == 422
    assert list(api.post("/fields", HAT)["fields"]) == ["code"]
    assert api.delete(f"/fields/{made['id']}")["is_active"] is False
    assert "hat" not in [one["code"] for one in api.everything("/fields?is_active=true")]
    assert api.post(f"/fields/{made['id']}/restore")["is_active"] is True
    assert {one["code"] for one in api.get("/fields/figures").body} >= {"hat"}


def test_an_industry_brings_its_fields_once(api):
    before = FieldDefinition.objects.count()
    added = api.post("/fields/templates/retail")["changed"]
    assert FieldDefinition.objects.count() == before + added > before
    assert api.post("/fields/templates/retail")["changed"] == 0
    assert api.post("/fields/templates/circus").status == 422


def test_the_life_of_a_source(api):
    made = api.post("/sources", {"name": "展会", "cost": "1200.50"})
    assert (made.status, made["cost"]) == (201, "1200.50")
    assert api.patch(f"/sources/{made['id']}", {"is_active": False})["name"] == "展会"
    assert [one["name"] for one in api.everything("/sources?is_active=false")] == ["展会"]
    assert api.post("/sources", {"name": "展会"}).status == 422


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("company", {"name": "知客汽修"}), ("reveal", {"daily_limit": 5}), ("duplicates", {"tell_hidden": False}),
        ("bin", {"keep_days": 30}), ("imports", {"keep_days": 30}), ("care", {"cadence_key": 20, "on_birthday": False}),
        ("care-texts", {"birthday": "生日快乐"}), ("sign-in", {"failures": 4}),
    ],
)  # fmt: skip
def test_settings_are_read_and_changed_on_record(api, path, change):
    assert api.patch(f"/settings/{path}", change).body.items() >= change.items()
    assert api.get("/settings")[path.replace("-", "_")].items() >= change.items()
    assert AuditEntry.objects.get(object_type="settings").changes.keys() == change.keys()


def test_nobody_locks_everybody_out(api):
    assert list(api.patch("/settings/sign-in", {"second_factor_required": True})["fields"]) == ["second_factor_required"]
    assert api.patch("/settings/sign-in", {"failures": 0}).status == 422
    assert settings_store.read(SignInRules) == SignInRules()


def test_rules_of_care_are_tried_before_they_are_saved(api):
    found = {one["rule"]: one for one in api.post("/settings/care/preview", {"on_promise": False}).body}
    assert found.keys() == {"slipping", "no_contact", "second_purchase", "promise", "birthday", "question"}
    assert not found["promise"]["is_on"]
    assert api.get("/settings")["care"]["on_promise"]
    assert list(api.patch("/settings/care", {"silence_until": 1.1})["fields"]) == ["silence_until"]


def test_settings_of_the_company_need_the_widest_scope():
    api = Api.with_token(person(can=list(Permission), scope=Scope.DEPARTMENT_BELOW))
    for path in ("/settings", "/audit", "/backups"):
        assert api.get(path).status == 403
    assert api.patch("/settings/company", {"name": "x"}).status == 403


def test_the_audit_trail_is_filtered_and_paged(api, boss):
    made = api.post("/departments", {"name": "一店"})
    api.patch(f"/departments/{made['id']}", {"name": "二店"})
    (entry,) = api.everything(f"/audit?object_type=department&object_id={made['id']}&verb=changed&actor={boss.pk}")
    assert (entry["changes"], entry["channel"]) == ({"name": ["一店", "二店"]}, "api")
    assert api.everything("/audit?at_until=2020-01-01T00:00:00Z") == []
    assert len(api.everything("/audit?limit=1")) == AuditEntry.objects.count()


def test_masked_values_stay_masked_in_the_audit_trail(api):
    customer = api.post("/customers", {"name": "金丝雀", "phone": "13912345678"})
    api.patch(f"/customers/{customer['id']}", {"phone": "13912345670"})
    reader = Api.with_token(person(can=[Permission.AUDIT_VIEW], scope=Scope.ALL))
    text = reader.get("/audit").response.content.decode()
    assert "139****5678" in text
    assert "12345678" not in text


def test_backups_are_ordered_listed_and_taken_away(api):
    assert api.post("/backups").status == 202
    assert api.get("/backups").body == {"items": [], "is_being_made": True}
    assert api.get("/backups/zhike-20260101-000000.tar").status == 404
    assert api.get("/backups/..%2F..%2Fetc%2Fpasswd").status == 404
