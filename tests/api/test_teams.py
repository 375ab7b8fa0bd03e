"""People, departments, roles and one's own affairs, through the API."""

import pytest

from tests.api.client import Api
from tests.teams.company import department, person, role
from zhike.teams.choices import Confidentiality, Permission, Scope
from zhike.teams.models import Department, Notice, Role, SavedView, User

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough sentence"


def test_the_life_of_a_department(api):
    made = api.post("/departments", {"name": "华东"})
    child = api.post("/departments", {"name": "上海", "parent": made["id"], "city": "上海"})
    assert (made.status, child["parent_id"]) == (201, made["id"])
    assert api.patch(f"/departments/{child['id']}", {"name": "上海一店"})["city"] == "上海"
    assert [one["name"] for one in api.everything("/departments")] == ["华东", "上海一店"]
    assert api.patch(f"/departments/{made['id']}", {"parent": child["id"]}).status == 422
    assert api.delete(f"/departments/{made['id']}").status == 422
    assert api.delete(f"/departments/{child['id']}").status == 204
    assert api.get(f"/departments/{child['id']}").status == 404


def test_a_department_of_the_same_name_says_so_at_its_field(api):
    api.post("/departments", {"name": "华东"})
    answer = api.post("/departments", {"name": "华东"})
    assert (answer.status, list(answer["fields"])) == (422, ["name"])


def test_an_unknown_parent_is_a_problem_of_the_field(api):
    assert list(api.post("/departments", {"name": "x", "parent": 10**18})["fields"]) == ["parent"]


def test_the_life_of_a_role(api):
    made = api.post("/roles", {"name": "出纳", "permissions": ["order.view"]})
    assert (made["scope"], made["clearance"]) == ("own", "public")
    changed = api.patch(f"/roles/{made['id']}", {"scope": "all"})
    assert (changed["name"], changed["permissions"], changed["scope"]) == ("出纳", ["order.view"], "all")
    assert api.post("/roles", {"name": "x", "permissions": ["fly"]}).status == 422
    assert api.delete(f"/roles/{made['id']}").status == 204
    assert Role.objects.count() == 0


def test_the_working_life_of_a_person(api):
    place, sales = department("维修"), role([Permission.CUSTOMER_VIEW])
    made = api.post(
        "/people", {"username": "han", "name": "韩梅梅", "password": PASSWORD, "department": place.pk, "roles": [sales.pk]}
    )
    assert (made.status, made["department"]["name"], len(made["roles"])) == (201, "维修", 1)
    assert "password" not in made.body
    address = f"/people/{made['id']}"
    assert api.patch(address, {"position": "店长", "skills": ["德语"]})["roles"] == made["roles"]
    assert api.put(f"{address}/absence", {"away_from": "2026-03-01", "away_until": "2026-03-08"})["away_until"] == "2026-03-08"
    training = api.post(f"{address}/trainings", {"name": "接待礼仪", "held_on": "2026-02-01"})
    assert [one["name"] for one in api.everything(f"{address}/trainings")] == ["接待礼仪"]
    assert api.delete(f"/trainings/{training['id']}").status == 204
    assert api.post(f"{address}/password", {"password": PASSWORD + "!"}).status == 204
    assert api.post(f"{address}/unlock").status == 204
    assert api.post(f"{address}/leave", {"left_on": "2026-06-30"})["is_active"] is False
    assert api.post(f"{address}/rejoin")["is_active"] is True


def test_people_are_found_by_name_department_role_and_state(api, boss):
    place, sales = department("维修"), role([Permission.CUSTOMER_VIEW])
    han = person("韩梅梅", department=place)
    han.roles.add(sales)
    gone = person("李雷", is_active=False)

    def names(query):
        return [one["name"] for one in api.everything(f"/people?{query}")]

    assert names("q=韩梅") == ["韩梅梅"]
    assert names(f"department={place.pk}") == names(f"role={sales.pk}") == ["韩梅梅"]
    assert names("is_active=false") == [gone.name]
    assert gone.name not in [one["name"] for one in api.everything("/colleagues")]


def test_nobody_makes_an_administrator_of_themselves():
    keeper = person("管家", can=[Permission.PEOPLE_EDIT], scope=Scope.ALL)
    api = Api.with_token(keeper)
    assert api.patch(f"/people/{keeper.pk}", {"is_administrator": True}).status == 403
    data = {"username": "x", "name": "x", "password": PASSWORD, "is_administrator": True}
    assert api.post("/people", data).status == 403
    assert User.objects.filter(is_administrator=True).count() == 0


def test_a_narrow_token_of_an_administrator_makes_no_administrator(boss):
    api = Api.with_token(boss, [Permission.PEOPLE_EDIT])
    data = {"username": "x", "name": "x", "password": PASSWORD, "is_administrator": True}
    assert api.post("/people", data).status == 403
    strong = role([Permission.AUDIT_VIEW], scope=Scope.ALL, clearance=Confidentiality.SECRET)
    assert api.post("/people", {**data, "is_administrator": False, "roles": [strong.pk]}).status == 403
    assert api.post(f"/people/{boss.pk}/password", {"password": PASSWORD}).status == 403
    assert User.objects.filter(username="x").count() == 0


def test_people_beyond_the_scope_do_not_exist():
    inside, outside = department(), department()
    keeper = person("管家", can=[Permission.PEOPLE_EDIT], scope=Scope.DEPARTMENT, department=inside)
    person("同事", department=inside)
    stranger = person("外人", department=outside)
    api = Api.with_token(keeper)
    assert {one["name"] for one in api.everything("/people?count=exact")} == {"管家", "同事"}
    assert api.get("/people?count=exact")["count"] == 2
    assert api.get(f"/people/{stranger.pk}").status == 404
    assert api.patch(f"/people/{stranger.pk}", {"name": "x"}).status == 404


def test_i_change_my_language_and_nothing_else(api, boss):
    assert api.patch("/me", {"language": "en"})["theme"] == "auto"
    assert api.patch("/me", {"is_administrator": False}).status == 422
    assert api.put("/me/absence", {"away_from": "2026-03-01"})["away_from"] == "2026-03-01"
    boss.refresh_from_db()
    assert (boss.language, boss.is_administrator) == ("en", True)


def test_i_read_my_notices_and_nobody_elses(api, boss):
    mine = Notice.objects.create(user=boss, kind="import_done")
    theirs = Notice.objects.create(user=person(), kind="import_done")
    assert [one["id"] for one in api.everything("/notices?unread=true")] == [mine.pk]
    assert api.post(f"/notices/{theirs.pk}/read").status == 404
    assert api.post(f"/notices/{mine.pk}/read")["changed"] == 1
    assert api.everything("/notices?unread=true") == []
    assert api.post("/notices/read")["changed"] == 0


def test_views_are_saved_shared_and_deleted(api, boss):
    made = api.post("/views", {"screen": "customers", "name": "大客户", "query": "grade=key", "is_shared": True})
    colleague = Api.with_token(person(can=[Permission.CUSTOMER_VIEW]))
    assert [one["name"] for one in colleague.everything("/views?screen=customers")] == ["大客户"]
    assert colleague.delete(f"/views/{made['id']}").status == 404
    assert colleague.post("/views", {"screen": "customers", "name": "x", "query": "", "is_shared": True}).status == 403
    assert api.delete(f"/views/{made['id']}").status == 204
    assert SavedView.objects.count() == 0


def test_my_sessions_are_listed_without_their_keys(boss):
    here, there = Api.in_browser(boss), Api.in_browser(boss)
    listed = here.get("/me/sessions").body
    assert [one["is_this"] for one in listed].count(True) == 1
    assert here.client.session.session_key not in str(listed)
    other = next(one for one in listed if not one["is_this"])
    assert here.delete(f"/me/sessions/{other['mark']}").status == 204
    assert there.get("/me").status == 401
    assert here.post("/me/end-other-sessions")["changed"] == 0


def test_i_change_my_password_and_stay_signed_in(boss):
    from tests.teams.company import PASSWORD as OLD

    here, there = Api.in_browser(boss), Api.in_browser(boss)
    assert here.post("/me/password", {"old": "wrong", "new": PASSWORD}).status == 422
    assert here.post("/me/password", {"old": OLD, "new": PASSWORD}).status == 204
    assert (here.get("/me").status, there.get("/me").status) == (200, 401)


def test_a_second_factor_is_begun_confirmed_and_removed(boss):
    from django_otp.oath import totp
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from tests.teams.company import PASSWORD as OLD

    here = Api.in_browser(boss)
    begun = here.post("/me/second-factor")
    assert begun["address"].startswith("otpauth://")
    assert here.post("/me/second-factor/confirm", {"code": "000000x"}).status == 422
    code = f"{totp(TOTPDevice.objects.get().bin_key):06}"
    assert len(here.post("/me/second-factor/confirm", {"code": code})["recovery_codes"]) == 10
    assert here.get("/me/second-factor").body == {"is_on": True, "recovery_codes_left": 10}
    assert len(here.post("/me/second-factor/recovery-codes", {"password": OLD})["recovery_codes"]) == 10
    assert here.post("/me/second-factor/remove", {"password": OLD}).status == 204


def test_departments_have_all_below(api):
    top = department("总部")
    for number in range(5):
        department(f"店{number}", parent=top)
    assert len(api.everything("/departments?limit=2")) == Department.objects.count()
