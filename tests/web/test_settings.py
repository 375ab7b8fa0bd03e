"""The settings room, as an administrator and as others see it."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.teams.company import department, person, role
from tests.web.record import text
from zhike.care.actions import refresh_customers
from zhike.care.choices import Rule
from zhike.care.models import Suggestion
from zhike.care.queries.preview import outlook
from zhike.care.rules import CareRules, CareTexts
from zhike.care.wording import Acquaintance, opening
from zhike.core import settings_store
from zhike.core.models import AuditEntry
from zhike.customers.models import Customer, FieldDefinition, Interaction, Source
from zhike.customers.settings import DuplicateRules, RevealRules
from zhike.teams.choices import Confidentiality, Permission, Scope
from zhike.teams.models import Department, Role, User
from zhike.teams.rules import CompanyRules, SignInRules
from zhike.value.rules import Assumptions, GradeRules

pytestmark = pytest.mark.django_db
PERSON = {"name": "韩梅梅", "username": "han", "language": "zh-hans", "password": "a first long one"}


# --- the room -----------------------------------------------------------------------------------------------------------


def test_settings_open_on_the_first_room_one_may_enter(client: Client) -> None:
    client.force_login(person(can=[Permission.AUDIT_VIEW], scope=Scope.ALL))
    assert client.get(reverse("settings")).headers["Location"] == reverse("settings-audit")
    page = text(client.get(reverse("settings-audit")))
    assert reverse("settings-people") not in page


def test_a_salesperson_has_no_settings(client: Client) -> None:
    client.force_login(person(can=[Permission.CUSTOMER_VIEW, Permission.CUSTOMER_EDIT]))
    for name in ("settings", "settings-people", "settings-roles", "settings-company", "settings-audit", "settings-backup"):
        assert client.get(reverse(name)).status_code == 403
    assert reverse("settings") not in text(client.get(reverse("me")))


# --- people -------------------------------------------------------------------------------------------------------------


def test_a_colleague_is_made_in_the_browser_and_signs_in(office: Client) -> None:
    sales, north = role([Permission.CUSTOMER_VIEW]), department("浦东店")
    answer = office.post(
        reverse("settings-people-new"), PERSON | {"roles": [sales.pk], "department": north.pk, "skills": "钣金，保险、英语"}
    )
    assert answer.status_code == 302
    han = User.objects.get(username="han")
    assert (han.department, list(han.roles.all()), han.skills) == (north, [sales], ["钣金", "保险", "英语"])
    door = Client()
    door.post(reverse("sign-in"), {"username": "han", "password": PERSON["password"]})
    assert door.get(reverse("me")).headers["Location"] == reverse("me-password")


def test_a_bad_form_says_why_at_the_field_and_makes_nobody(office: Client, boss: User) -> None:
    answer = office.post(reverse("settings-people-new"), PERSON | {"username": boss.username.upper(), "password": "short"})
    assert answer.status_code == 422
    assert "taken" in text(answer)
    answer = office.post(reverse("settings-people-new"), PERSON | {"password": "short"})
    assert "too short" in text(answer)
    assert User.objects.count() == 1


def test_the_list_is_searched_and_filtered(office: Client) -> None:
    north = department("浦东店")
    person("李雷", department=north)
    person("韩梅梅", username="han")
    person("林涛", is_active=False)
    assert "李雷" in text(office.get(reverse("settings-people"), {"department": north.pk}))
    assert "韩梅梅" not in text(office.get(reverse("settings-people"), {"department": north.pk}))
    assert "李雷" not in text(office.get(reverse("settings-people"), {"q": "han"}))
    assert "林涛" not in text(office.get(reverse("settings-people")))
    assert "林涛" in text(office.get(reverse("settings-people"), {"state": "left"}))
    assert "林涛" in text(office.get(reverse("settings-people"), {"state": "any", "sort": "-department"}))
    assert "No match" in text(office.get(reverse("settings-people"), {"q": "zzz"}))
    lin = User.objects.get(name="林涛")
    lin.roles.add(role([]), role([]))
    both = ",".join(str(one.pk) for one in lin.roles.all())
    listed = text(office.get(reverse("settings-people"), {"state": "left", "role": both}))
    assert listed.count(reverse("settings-person", args=[lin.pk])) == 1
    lin.is_active, lin.away_from = True, timezone.localdate()
    lin.save()
    assert "林涛" in text(office.get(reverse("settings-people"), {"state": "away"}))
    assert "林涛" not in text(office.get(reverse("settings-people"), {"state": "here"}))


@pytest.mark.parametrize("people", [1, 3])
def test_the_list_needs_the_same_queries_however_many_people(
    office: Client, people: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _one in range(people):
        person(can=[Permission.CUSTOMER_VIEW], department=department(), manager=person())
    with django_assert_max_num_queries(10):
        office.get(reverse("settings-people"))


def test_a_person_is_changed_and_their_ways_in_kept(office: Client) -> None:
    li, sales = person(username="li"), role([])
    url = reverse("settings-person", args=[li.pk])
    assert office.post(url, {"name": "李磊", "username": "li", "language": "en", "roles": [sales.pk]}).status_code == 302
    li.refresh_from_db()
    assert (li.name, li.language, list(li.roles.all())) == ("李磊", "en", [sales])
    assert office.post(url, {"name": "", "username": "li", "language": "en"}).status_code == 422
    access = reverse("settings-person-access", args=[li.pk])
    assert office.post(access, {"do": "password", "password": "short"}).status_code == 422
    assert office.post(access, {"do": "password", "password": "another long one"}).status_code == 302
    li.refresh_from_db()
    assert li.check_password("another long one")
    assert li.must_change_password
    for what in ("unlock", "sessions", "factor"):
        assert office.post(access, {"do": what}).status_code == 302


def test_somebody_outside_my_departments_does_not_exist_for_me(client: Client) -> None:
    north = department()
    client.force_login(person(can=[Permission.PEOPLE_EDIT], scope=Scope.DEPARTMENT, department=north))
    stranger = person("林涛", department=department())
    for name in ("settings-person", "settings-person-leave", "settings-person-absence"):
        assert client.get(reverse(name, args=[stranger.pk])).status_code == 404
    for name in ("settings-person-access", "settings-person-training"):
        assert client.post(reverse(name, args=[stranger.pk]), {"do": "unlock"}).status_code == 404
    assert "林涛" not in text(client.get(reverse("settings-people")))


def test_the_leaving_page_shows_what_moves(office: Client) -> None:
    li = person()
    for number in range(3):
        Customer.objects.create(name=f"客户{number}", owner=li)
    page = text(office.get(reverse("settings-person-leave", args=[li.pk])))
    assert ">3<" in page


def test_somebody_without_customers_leaves_and_comes_back(office: Client) -> None:
    li = person()
    url = reverse("settings-person-leave", args=[li.pk])
    assert office.post(url, {"left_on": "not a day"}).status_code == 422
    assert office.post(url, {"left_on": "2026-11-22"}).status_code == 302
    li.refresh_from_db()
    assert not li.is_active
    assert office.post(reverse("settings-person-access", args=[li.pk]), {"do": "unlock"}).status_code == 404
    assert office.post(reverse("settings-person-return", args=[li.pk])).status_code == 302
    li.refresh_from_db()
    assert li.is_active


def test_absence_and_training_are_kept(office: Client) -> None:
    li, han = person(), person("韩梅梅")
    url = reverse("settings-person-absence", args=[li.pk])
    assert office.post(url, {"away_from": "2026-12-02", "away_until": "2026-12-01", "deputy": han.pk}).status_code == 422
    assert office.post(url, {"away_from": "2026-12-02", "away_until": "2026-12-09", "deputy": han.pk}).status_code == 302
    training = reverse("settings-person-training", args=[li.pk])
    assert office.post(training, {"name": "", "held_on": "2026-01-01"}).status_code == 422
    office.post(training, {"name": "客户沟通", "held_on": "2026-01-01"})
    page = text(office.get(reverse("settings-person", args=[li.pk])))
    assert "客户沟通" in page
    assert "2026-12-02" in page
    office.post(training, {"remove": li.trainings.get().pk})
    assert not li.trainings.exists()


# --- departments and roles ----------------------------------------------------------------------------------------------


def test_the_tree_grows_moves_and_shrinks(office: Client) -> None:
    office.post(reverse("settings-departments"), {"name": "总部", "position": 0})
    head = Department.objects.get()
    office.post(reverse("settings-departments"), {"name": "浦东店", "parent": head.pk, "position": 0, "city": "上海"})
    shop = Department.objects.get(name="浦东店")
    url = reverse("settings-department", args=[head.pk])
    answer = office.post(url, {"name": "总部", "parent": shop.pk, "position": 0})
    assert answer.status_code == 422
    assert "below itself" in text(answer)
    answer = office.post(url, {"delete": "1"})
    assert answer.status_code == 422
    assert "Move them first" in text(answer)
    assert office.post(reverse("settings-department", args=[shop.pk]), {"delete": "1"}).status_code == 302
    assert office.post(url, {"name": "集团", "position": 1}).status_code == 302
    assert [one.name for one in Department.objects.all()] == ["集团"]


def test_a_role_is_made_changed_and_deleted(office: Client) -> None:
    office.post(reverse("settings-role-new"), {"name": "实习生", "scope": "own", "clearance": "public"})
    made = Role.objects.get()
    assert made.permissions == []
    url = reverse("settings-role", args=[made.pk])
    office.post(url, {"name": "实习生", "scope": "department", "clearance": "internal", "permissions": ["customer.view"]})
    made.refresh_from_db()
    assert (made.scope, made.clearance, made.permissions) == (Scope.DEPARTMENT, Confidentiality.INTERNAL, ["customer.view"])
    assert office.post(url, {"name": "x", "scope": "galaxy", "clearance": "internal"}).status_code == 422
    holder = person()
    holder.roles.add(made)
    assert "still have this role" in text(office.post(url, {"delete": "1"}))
    holder.roles.clear()
    assert office.post(url, {"delete": "1"}).status_code == 302
    assert not Role.objects.exists()


def test_the_table_of_roles_says_who_may_what(office: Client) -> None:
    role([Permission.CUSTOMER_VIEW, Permission.CUSTOMER_EDIT], scope=Scope.DEPARTMENT)
    page = text(office.get(reverse("settings-roles")))
    assert page.count("✓") == 2


# --- company ------------------------------------------------------------------------------------------------------------


def test_company_and_sign_in_rules_are_kept_and_audited(office: Client) -> None:
    values = {"name": "晨光汽修", "failures": 4, "address_failures": 40, "lock_minutes": 5, "idle_minutes": 30, "session_days": 3}
    assert office.post(reverse("settings-company"), values | {"failures": 0}).status_code == 422
    assert office.post(reverse("settings-company"), values).status_code == 302
    assert settings_store.read(CompanyRules).name == "晨光汽修"
    assert settings_store.read(SignInRules) == SignInRules(4, 40, 5, idle_minutes=30, session_days=3)
    assert AuditEntry.objects.get(note="sign_in").changes["failures"] == [5, 4]


def test_nobody_locks_themselves_out_by_asking_everybody_for_a_second_factor(office: Client) -> None:
    values = {"name": "x", "failures": 4, "address_failures": 40, "lock_minutes": 5, "idle_minutes": 30, "session_days": 3}
    answer = office.post(reverse("settings-company"), values | {"second_factor_required": "on"})
    assert answer.status_code == 422
    assert "your own first" in text(answer)


# --- information model, sources, rules ------------------------------------------------------------------------------------

FIELD = {
    "label_zh": "车牌号", "label_en": "Plate", "code": "plate_no", "type": "text", "ring": "visible", "weight": 2,
    "confidentiality": "internal", "purpose": "", "used_by": ["service"],
}  # fmt: skip


def test_a_field_is_made_changed_and_taken_out_of_use(office: Client) -> None:
    assert office.post(reverse("settings-field-new"), FIELD | {"code": "Plate No"}).status_code == 422
    assert office.post(reverse("settings-field-new"), FIELD).status_code == 302
    made = FieldDefinition.objects.get(code="plate_no")
    assert made.used_by == ["service"]
    url = reverse("settings-field", args=[made.pk])
    assert office.post(url, FIELD | {"weight": 99}).status_code == 422
    assert office.post(url, FIELD | {"weight": 5, "shelf_life_days": 365}).status_code == 302
    made.refresh_from_db()
    assert (made.weight, made.shelf_life_days) == (5, 365)
    office.post(reverse("settings-field-retire", args=[made.pk]))
    assert "Use again" in text(office.get(reverse("settings-fields")))
    office.post(reverse("settings-field-retire", args=[made.pk]), {"active": "1"})
    made.refresh_from_db()
    assert made.is_active


def test_a_unit_is_told_in_the_readers_language(office: Client, boss: User) -> None:
    """In the form, the list and on the record; one that was given in one language alone is shown in both."""
    units = {"unit_zh": "公里", "unit_en": "kilometres"}
    assert office.post(reverse("settings-field-new"), FIELD | {"code": "mileage_kept", **units}).status_code == 302
    assert office.post(reverse("settings-field-new"), FIELD | {"code": "space_kept", "unit_zh": "㎡"}).status_code == 302
    kept = Customer.objects.create(name="李雷", owner=boss, profile={"mileage_kept": "60000", "space_kept": "90"})
    pages = [f"/customers/{kept.pk}/edit/", f"/customers/{kept.pk}/", "/customers/?columns=name,f_mileage_kept,f_space_kept"]
    for language, mine, other in (("zh-hans", "公里", "kilometres"), ("en", "kilometres", "公里")):
        User.objects.filter(pk=boss.pk).update(language=language)
        for page in pages:
            shown = office.get(page, headers={"Accept-Language": language}).content.decode()
            assert (mine in shown, other in shown, "㎡" in shown) == (True, False, True), (page, language)


def test_choices_are_written_one_a_line_and_one_in_use_stays(office: Client) -> None:
    choices = "vip | 贵宾 | VIP\n普通"
    values = FIELD | {"code": "level", "type": "choice", "choices": choices}
    assert office.post(reverse("settings-field-new"), values | {"choices": ""}).status_code == 422
    office.post(reverse("settings-field-new"), values)
    made = FieldDefinition.objects.get(code="level")
    assert made.choices == [{"code": "vip", "zh": "贵宾", "en": "VIP"}, {"code": "普通", "zh": "普通", "en": "普通"}]
    Customer.objects.create(name="客户", profile={"level": "vip"})
    url = reverse("settings-field", args=[made.pk])
    answer = office.post(url, values | {"choices": "普通"})
    assert answer.status_code == 422
    assert "vip" in text(answer)


def test_the_model_page_says_which_fields_are_used_by_nothing_and_which_are_empty(office: Client) -> None:
    for code, uses in (("plate_no", ["service"]), ("shoe_size", [])):
        office.post(reverse("settings-field-new"), FIELD | {"code": code, "label_en": code, "used_by": uses})
    Customer.objects.create(name="客户")
    nothing = text(office.get(reverse("settings-fields"), {"show": "nothing"}))
    assert "shoe_size" in nothing
    assert "plate_no" not in nothing
    assert "plate_no" in text(office.get(reverse("settings-fields"), {"show": "empty"}))


def test_an_industry_brings_its_fields_once(office: Client) -> None:
    before = FieldDefinition.objects.count()
    office.post(reverse("settings-field-template"), {"template": "retail"})
    after = FieldDefinition.objects.count()
    office.post(reverse("settings-field-template"), {"template": "retail"})
    assert FieldDefinition.objects.count() == after > before
    assert office.post(reverse("settings-field-template"), {"template": "x"}).status_code == 302


def test_a_source_has_a_cost_and_shows_what_a_customer_of_it_cost(office: Client) -> None:
    assert office.post(reverse("settings-sources"), {"name": "地铁广告", "cost": "-1"}).status_code == 422
    office.post(reverse("settings-sources"), {"name": "地铁广告", "cost": "900"})
    source = Source.objects.get()
    assert office.post(reverse("settings-sources"), {"name": "地铁广告", "cost": "1"}).status_code == 422
    for number in range(3):
        Customer.objects.create(name=f"客户{number}", source=source)
    assert "¥300" in text(office.get(reverse("settings-sources")))
    office.post(reverse("settings-source", args=[source.pk]), {"name": "地铁", "cost": "600"})
    source.refresh_from_db()
    assert (source.name, source.cost, source.is_active) == ("地铁", 600, False)


def care_form(office: Client) -> dict[str, str]:
    page = text(office.get(reverse("settings-care")))
    values = {name: value for name, value in re.findall(r'name="(\w+)" value="([\d.]+)"', page) if name != "look"}
    return values | {f"on_{rule}": "on" for rule in Rule.values} | {"group": "care"}


def test_contact_cadences_are_changed_within_limits_and_audited(office: Client) -> None:
    url, values = reverse("settings-care"), care_form(office)
    assert office.post(url, values | {"cadence_key": "-3"}).status_code == 422
    assert office.post(url, values | {"silence_until": "1.2"}).status_code == 422
    assert office.post(url, values | {"cadence_key": "21"}).status_code == 302
    assert settings_store.read(CareRules) == CareRules(cadence_key=21)
    assert AuditEntry.objects.get(object_type="settings").changes == {"cadence_key": [30, 21]}
    assert office.post(url, values | {"group": "nothing"}).status_code == 404


def test_a_reason_is_switched_off_after_seeing_what_that_would_bring(office: Client) -> None:
    seller = person("俞晓燕", can=[Permission.CUSTOMER_VIEW])
    plan = Interaction.objects.create(
        customer=Customer.objects.create(name="王建国", owner=seller), kind="call", state="planned", at=timezone.now(), staff=seller
    )
    url, values = reverse("settings-care"), care_form(office)
    counted = office.post(url, values | {"look": "1"})
    assert "promised follow-up due" in text(counted)
    found = {one.rule: one for one in outlook(CareRules(), timezone.localdate())}
    assert (found["promise"].customers, found["promise"].listed) == (1, 1)
    found = {one.rule: one for one in outlook(CareRules(on_promise=False), timezone.localdate())}
    assert (found["promise"].customers, found["promise"].is_on) == (0, False)
    assert settings_store.read(CareRules) == CareRules()  # counting saved nothing
    del values["on_promise"]
    assert office.post(url, values).status_code == 302
    refresh_customers(actor=None, customer_ids=[plan.customer_id], on=timezone.localdate())
    assert not Suggestion.objects.exists()


def test_own_words_are_said_instead_of_the_products_and_stay_plain_text(office: Client) -> None:
    texts = {"group": "care.texts", "birthday": "生日快乐 {{ 7 * 7 }}", **dict.fromkeys(["slipping", "no_contact"], "")}
    assert office.post(reverse("settings-care"), texts).status_code == 302
    known = Acquaintance("王建国", True, "俞晓燕", own_words=settings_store.read(CareTexts).of("birthday"))
    assert opening("birthday", {}, known).endswith("生日快乐 {{ 7 * 7 }}")
    assert office.post(reverse("settings-care"), texts | {"birthday": "x" * 201}).status_code == 422


def test_each_group_of_a_page_is_saved_by_itself(office: Client) -> None:
    url = reverse("settings-protection")
    assert office.post(url, {"group": "customers.reveal", "daily_limit": "5"}).status_code == 302
    assert office.post(url, {"group": "customers.duplicates", "largest_group": "9", "least_probability": "95"}).status_code == 302
    assert settings_store.read(RevealRules).daily_limit == 5
    assert not settings_store.read(DuplicateRules).tell_hidden


def test_grades_and_assumptions_are_kept_as_shares_and_refused_when_they_make_no_sense(office: Client) -> None:
    url = reverse("settings-grades")
    assumptions = {
        "group": "value.assumptions",
        "default_margin": "25",
        "discount_rate": "8",
        "horizon_months": "24",
        "runs_kept": "5",
    }
    assert office.post(url, assumptions | {"default_margin": "250"}).status_code == 422
    assert office.post(url, assumptions).status_code == 302
    assert settings_store.read(Assumptions) == Assumptions(0.25, 0.08, 24, 5)
    grades = {
        "group": "value.grades", "method": "contribution", "basis": "clv", "shares": "40，70, 90", "thresholds": "9000, 2000, 300",
        "grace_days": "30",
    }  # fmt: skip
    for wrong in ("40, 90, 70", "40, 70", "40, 70, x", "40, 70, 190"):
        assert office.post(url, grades | {"shares": wrong}).status_code == 422
    assert office.post(url, grades).status_code == 302
    assert settings_store.read(GradeRules) == GradeRules("contribution", "clv", (0.4, 0.7, 0.9), (9000, 2000, 300), 30)
    assert "40, 70, 90" in text(office.get(url))
