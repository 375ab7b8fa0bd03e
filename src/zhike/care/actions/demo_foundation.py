"""The small tables of the demo company: departments, people, sources, catalogue, files once imported."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.utils import translation

from zhike.care.demo.chain import Member
from zhike.care.demo.rows import ZONE
from zhike.care.demo.story import Story
from zhike.care.demo.vocabulary import goods, staff
from zhike.core import settings_store
from zhike.customers.actions import apply_template
from zhike.customers.choices import DuplicatePolicy, ImportKind, ImportState
from zhike.customers.models import ImportBatch, Source
from zhike.sales.models import BundleItem, PriceList, PriceListItem, Product, ProductLine
from zhike.teams.actions import give_notice
from zhike.teams.choices import Confidentiality, ExportState, Permission, Scope, StarterRole
from zhike.teams.models import Department, ExportRequest, Role, User
from zhike.teams.rules import STARTER_GRANTS, CompanyRules

_ROLES = {
    "总经理": [StarterRole.ANALYST, StarterRole.SALES_MANAGER],
    "市场专员": [StarterRole.MARKETER],
    "客服专员": [StarterRole.SERVICE_AGENT],
    "区域经理": [StarterRole.SALES_MANAGER],
    "店长": [StarterRole.SALES_MANAGER],
    "客户经理": [StarterRole.SALESPERSON],
}


@dataclass(frozen=True)
class Foundation:
    users: dict[str, int]
    departments: dict[str, int]
    sources: dict[str, int]
    products: dict[str, int]
    batches: dict[str, int]


def lay_foundation(*, actor: User, story: Story, password: str) -> Foundation:
    apply_template(actor=actor, template="auto_service")
    if not settings_store.read(CompanyRules).name:
        settings_store.write(CompanyRules(name=staff.ROOT))
    departments = _departments()
    people = _people(story, departments, password)
    sources = {
        name: Source.objects.get_or_create(name=name, defaults={"cost": Decimal(cost)})[0].pk
        for name, cost in goods.SOURCES.items()
    }
    _export_requests(story, people)
    return Foundation(
        {person.username: person.pk for person in people.values()}, {name: one.pk for name, one in departments.items()},
        sources, _catalogue(), _batches(story, people),
    )  # fmt: skip


def _departments() -> dict[str, Department]:
    root, _ = Department.objects.get_or_create(name=staff.ROOT, parent=None)
    made = {staff.ROOT: root}
    for place, (city, name) in enumerate(staff.REGIONS.items()):
        made[name], _ = Department.objects.get_or_create(name=name, parent=root, defaults={"city": city, "position": place})
    for place, (name, _code, city, _share, _opened) in enumerate(staff.SHOPS):
        region = made[staff.REGIONS[city]]
        made[name], _ = Department.objects.get_or_create(name=name, parent=region, defaults={"city": city, "position": place})
    return made


def _people(story: Story, departments: dict[str, Department], password: str) -> dict[str, User]:
    """Everybody signs in with the same random password: hashed once, because the hash is slow on purpose."""
    hashed = make_password(password)
    made: dict[str, User] = {}
    for member in story.chain.members:
        made[member.name] = User.objects.create(
            username=_free_username(member.username), name=member.name, position=member.position, password=hashed,
            department=departments[member.place], phone=f"+8615400{member.index:06d}", email=f"{member.username}@example.com",
            is_active=member.left is None, joined_on=story.date(member.joined),
            left_on=None if member.left is None else story.date(member.left), skills=list(member.skills),
        )  # fmt: skip
        made[member.name].roles.add(*map(_role, _ROLES[member.role]))
    _managers(story, made)
    return {member.username: made[member.name] for member in story.chain.members}


def _free_username(wanted: str) -> str:
    return f"{wanted}.demo" if User.objects.filter(username=wanted).exists() else wanted


def _role(starter: StarterRole) -> Role:
    grant = STARTER_GRANTS[starter]
    with translation.override("zh-hans"):
        name = str(starter.label)
    defaults = {"permissions": list(grant.permissions), "scope": grant.scope, "clearance": grant.clearance}
    return Role.objects.get_or_create(name=name, defaults=defaults)[0]


def _managers(story: Story, made: dict[str, User]) -> None:
    by_role: dict[tuple[str, str], Member] = {
        (member.place, member.role): member for member in story.chain.members if member.left is None
    }
    general = by_role[staff.ROOT, "总经理"]
    regions = {shop.name: by_role[staff.REGIONS[shop.city], "区域经理"] for shop in story.chain.shops}
    for member in story.chain.members:
        if member.role == "客户经理":
            boss = by_role[member.place, "店长"]
        elif member.role == "店长":
            boss = regions[member.place]
        elif member is general:
            continue
        else:
            boss = general
        User.objects.filter(pk=made[member.name].pk).update(manager=made[boss.name])


def _export_requests(story: Story, people: dict[str, User]) -> None:
    """The owner decides on large exports; one waits, one was granted, one was not."""
    general = next(people[one.username] for one in story.chain.members if one.role == "总经理")
    managers = [people[one.username] for one in story.chain.members if one.role == "店长" and one.left is None]
    approving = {"permissions": [Permission.EXPORT_APPROVE], "scope": Scope.ALL, "clearance": Confidentiality.INTERNAL}
    general.roles.add(Role.objects.get_or_create(name="导出审批", defaults=approving)[0])
    for by, (days_ago, rows, reason, state, answer) in zip(managers, reversed(goods.EXPORTS), strict=False):
        asked = datetime.datetime.combine(story.date(story.chain.days - days_ago), datetime.time(10, 20), ZONE)
        decided = None if state == ExportState.WAITING else asked + datetime.timedelta(hours=3)
        ExportRequest.objects.create(
            asked_by=by, asked_at=asked, screen="customers", query="columns=name,phone,grade,last_order", kind="xlsx", rows=rows,
            highest=Confidentiality.CONFIDENTIAL, reason=reason, state=state, decided_at=decided,
            decided_by=general if decided else None, answer=answer,
        )  # fmt: skip
        if decided is None:
            give_notice(to=[general.pk], kind="export.asked", params={"from": by.name, "rows": rows}, url="/exports/")


def _catalogue() -> dict[str, int]:
    lines: dict[str, ProductLine] = {}
    for name, above in goods.LINES.items():
        lines[name], _ = ProductLine.objects.get_or_create(name=name, parent=lines.get(above))
    products = {
        code: Product.objects.create(code=code, name=name, line=lines[line], unit=unit, price=price, cost=cost)
        for code, line, name, unit, price, cost in goods.PRODUCTS
    }
    for code, base, name, price, kind in goods.VARIANTS:
        of = products[base]
        products[code] = Product.objects.create(
            code=code, name=name, line=of.line, unit=of.unit, price=price, cost=of.cost, variant_of=of, variant_kind=kind
        )
    code, line, name, unit, price, cost, parts = goods.BUNDLE
    bundle = Product.objects.create(code=code, name=name, line=lines[line], unit=unit, price=price, cost=cost)
    BundleItem.objects.bulk_create([BundleItem(bundle=bundle, product=products[part]) for part in parts])
    _price_list(products)
    return {code: product.pk for code, product in products.items()}


def _price_list(products: dict[str, Product]) -> None:
    key_prices = PriceList.objects.create(name="大客户价", grade="key")
    PriceListItem.objects.bulk_create(
        PriceListItem(price_list=key_prices, product=products[code], price=round(price * 0.85))
        for code, _line, _name, _unit, price, _cost in goods.PRODUCTS
        if price >= 200
    )


def _batches(story: Story, people: dict[str, User]) -> dict[str, int]:
    """What was imported: the customers of the old system, the orders of the coupon platform, and one mistake taken back."""
    old = sum(1 for client in story.clients if client.joined < 0)
    coupons = sum(1 for visit in story.visits if visit.channel == "团购核销")
    made = {
        "customers": _batch(story, people["luyaqin"], 0, ImportKind.CUSTOMERS, "旧系统客户导出.xlsx", old, ImportState.DONE),
        "orders": _batch(story, people["xuqian"], 1090, ImportKind.ORDERS, "团购平台核销明细.csv", coupons, ImportState.DONE),
        "mistake": _batch(story, people["luyaqin"], 700, ImportKind.CUSTOMERS, "小区地推登记（错列）.csv", 214, ImportState.UNDONE),
    }
    return {name: batch.pk for name, batch in made.items()}


def _batch(story: Story, by: User, day: int, kind: ImportKind, name: str, rows: int, state: ImportState) -> ImportBatch:
    at = datetime.datetime.combine(story.date(day), datetime.time(9, 30), ZONE)
    batch = ImportBatch.objects.create(
        kind=kind, file_name=name, state=state, policy=DuplicatePolicy.UPDATE, rows_total=rows, rows_done=rows,
        counts={"created": {kind.value: rows}, "updated": {}, "skipped": 0, "rejected": 0}, created_by=by,
        started_at=at, finished_at=at + datetime.timedelta(seconds=8),
    )  # fmt: skip
    ImportBatch.objects.filter(pk=batch.pk).update(created_at=at)
    return batch
