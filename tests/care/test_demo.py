"""The demo company: the same every time, and believable in every row."""

import datetime
from collections import Counter

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Sum

from zhike.care.actions import finish_demo, load_demo_company
from zhike.care.demo.season import weight
from zhike.care.demo.story import Story, tell
from zhike.care.models import Suggestion
from zhike.core import normalise
from zhike.core.models import AuditEntry
from zhike.customers.models import Comment, Consent, Customer, DuplicatePair, Interaction, Relationship
from zhike.customers.queries.comments import who_may_see
from zhike.sales.models import Order, OrderLine, Product
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import Department, ExportRequest, User
from zhike.value.models import Run

AS_OF = datetime.date(2026, 11, 22)


@pytest.fixture(scope="module")
def story() -> Story:
    return tell(as_of=AS_OF, customers=400)


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create(username="boss", name="老板", is_administrator=True)


@pytest.fixture
def loaded(boss: User) -> User:
    load_demo_company(actor=boss, as_of=AS_OF, password="a-long-random-one", small=True)
    return boss


def test_the_same_seed_tells_the_same_story(story: Story) -> None:
    again = tell(as_of=AS_OF, customers=400)
    assert [(one.name, one.phone, one.visits) for one in again.clients] == [
        (one.name, one.phone, one.visits) for one in story.clients
    ]
    assert [(one.number, one.amount) for one in again.visits] == [(one.number, one.amount) for one in story.visits]
    assert [(one.day, one.summary) for one in again.talks] == [(one.day, one.summary) for one in story.talks]


def test_colleagues_talk_about_complaints_of_customers_they_see(loaded: User) -> None:
    comments = list(Comment.objects.select_related("by", "customer"))
    assert comments
    for one in comments:
        assert Interaction.objects.get(pk=one.on_id).customer_id == one.customer_id
        told = User.objects.filter(pk__in=one.mentioned)
        assert all(f"@{person.name}" in one.text for person in told)
        assert {one.by, *told} <= set(who_may_see(one.customer))


def test_large_exports_were_asked_for_and_the_owner_may_decide(loaded: User) -> None:
    requests = list(ExportRequest.objects.select_related("asked_by"))
    assert sorted(one.state for one in requests) == ["approved", "refused", "waiting"]
    owner = next(one.decided_by for one in requests if one.decided_by)
    assert owner is not None
    assert access.rights_of(owner).allows(Permission.EXPORT_APPROVE)
    assert not any(access.rights_of(one.asked_by).allows(Permission.EXPORT_APPROVE) for one in requests)


def test_another_seed_tells_another_story(story: Story) -> None:
    other = tell(as_of=AS_OF, customers=400, seed=7)
    assert [one.name for one in other.clients] != [one.name for one in story.clients]


def test_nobody_comes_while_the_shops_are_closed_or_before_they_opened(story: Story) -> None:
    for visit in story.visits:
        assert visit.returns or weight(story.date(visit.day)) > 0
        assert visit.day >= visit.shop.opened
        assert visit.staff.present(visit.day) or not any(
            one.present(visit.day) for one in story.chain.members if one.place == visit.shop.name
        )


def test_before_the_spring_festival_it_is_busier_than_after() -> None:
    festival = datetime.date(2026, 2, 17)
    assert weight(festival) == 0
    assert weight(festival - datetime.timedelta(days=10)) > 2 * weight(festival + datetime.timedelta(days=8))


def test_customers_differ_in_their_rhythm(story: Story) -> None:
    gaps = {one.habit.name: [] for one in story.clients}
    for client in story.clients:
        gaps[client.habit.name] += [after - before for before, after in zip(client.visits, client.visits[1:], strict=False)]
    mean = {name: sum(found) / len(found) for name, found in gaps.items() if found}
    assert mean["wash"] < mean["round"] < mean["service"]


def test_some_stay_away_for_good_and_some_came_only_once(story: Story) -> None:
    once = sum(1 for one in story.clients if len(one.visits) == 1)
    assert 0.1 < once / len(story.clients) < 0.45
    assert 0.15 < sum(one.gone for one in story.clients) / len(story.clients) < 0.6


def test_names_are_as_frequent_as_in_life(story: Story) -> None:
    surnames = Counter(one.name[0] for one in story.clients if one.is_person)
    assert surnames.most_common(1)[0][0] in "王陈张李"
    companies = [one.name for one in story.clients if not one.is_person]
    assert len(companies) == len(set(companies))


def test_phones_are_well_formed_and_belong_to_nobody(story: Story) -> None:
    phones = [one.phone for one in story.clients]
    assert all(normalise.phone(phone) == phone and phone.startswith("+86154") for phone in phones)
    assert len(set(phones)) >= len(phones) - len(story.twins)


def test_what_is_written_down_has_no_gaps_left(story: Story) -> None:
    assert all(talk.summary and "{" not in talk.summary for talk in story.talks)


def test_loading_gives_every_customer_an_owner_who_still_works_there(loaded: User) -> None:
    assert Customer.objects.count() == 402
    assert not Customer.objects.filter(owner=None).exists()
    assert not Customer.objects.filter(department=None).exists()
    assert not Customer.objects.filter(owner__is_active=False).exists()
    assert not Customer.objects.exclude(owner__department=F("department")).exists()


def test_amounts_are_the_sums_of_their_lines(loaded: User) -> None:
    sums = dict(OrderLine.objects.values_list("order").annotate(total=Sum("amount")))
    costs = dict(OrderLine.objects.values_list("order").annotate(total=Sum("cost")))
    for order in Order.objects.all():
        assert order.amount == sums[order.pk]
        assert order.cost == costs[order.pk]
    assert not OrderLine.objects.exclude(amount=F("quantity") * F("unit_price")).exists()


def test_dates_are_in_order(loaded: User) -> None:
    assert not Order.objects.filter(ordered_at__lt=F("customer__created_at") - datetime.timedelta(days=1)).exists()
    assert not Order.objects.filter(ordered_at__date__gte=AS_OF).exists()
    assert not Interaction.objects.filter(state="done", at__date__gte=AS_OF).exists()
    assert not Order.objects.filter(kind="return", ordered_at__lte=F("returns__ordered_at")).exists()
    assert not Interaction.objects.filter(follows__at__gte=F("at")).exists()
    assert not Customer.objects.filter(owner_since__gt=AS_OF).exists()


def test_returns_take_back_what_was_sold_to_the_same_customer(loaded: User) -> None:
    for back in Order.objects.filter(kind="return").select_related("returns"):
        assert back.returns is not None
        assert back.returns.customer_id == back.customer_id
        assert 0 < -back.amount <= back.returns.amount


def test_the_company_is_all_there(loaded: User) -> None:
    assert User.objects.filter(is_active=True).count() == 26
    assert User.objects.filter(is_active=False, left_on__isnull=False).count() == 4
    assert Department.objects.count() == 9
    assert Product.objects.filter(variant_of__isnull=False).exists()
    assert Interaction.objects.filter(state="planned").exists()
    assert Relationship.objects.filter(kind="refers").exists()
    assert Consent.objects.filter(is_given=False).exists()
    assert DuplicatePair.objects.count() == 2
    assert Customer.objects.filter(birthday_is_lunar=True).exists()
    assert AuditEntry.objects.filter(object_type="demo company").count() == 1


def test_found_by_a_fragment_of_the_name(loaded: User) -> None:
    from zhike.core.search import wanted

    someone = Customer.objects.filter(kind="organisation").first()
    assert someone is not None
    asked = wanted(someone.name[2:4])
    assert asked
    assert someone in Customer.objects.filter(asked.condition())


def test_the_administrator_is_told_the_password_and_it_works_for_all(loaded: User) -> None:
    notice = loaded.notices.get(kind="demo.loaded")
    assert User.objects.get(username=notice.params["adviser"]).check_password(notice.params["password"])
    assert not User.objects.filter(is_active=True, password="").exclude(pk=loaded.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_scored_and_with_lists_from_the_start() -> None:
    boss = User.objects.create(username="boss", name="老板", is_administrator=True)
    load_demo_company(actor=boss, as_of=AS_OF, password="a-long-random-one", small=True)
    finish_demo(actor=boss, on=AS_OF)
    assert Run.objects.get(is_current=True).customers > 300
    rules = set(Suggestion.objects.filter(state="open").values_list("rule", flat=True))
    assert {"slipping", "promise"} <= rules
    for one in Suggestion.objects.select_related("assignee")[:50]:
        assert Customer.objects.visible_to(one.assignee).filter(pk=one.customer_id).exists()


def test_it_is_loaded_only_into_an_empty_company(loaded: User) -> None:
    with pytest.raises(ValidationError):
        load_demo_company(actor=loaded, as_of=AS_OF, password="a-long-random-one", small=True)
    assert Customer.objects.count() == 402


def test_one_who_may_not_import_may_not_load_it(db: None) -> None:
    nobody = User.objects.create(username="li", name="李雷")
    with pytest.raises(PermissionDenied):
        load_demo_company(actor=nobody, as_of=AS_OF, password="a-long-random-one", small=True)
    assert not Customer.objects.exists()
