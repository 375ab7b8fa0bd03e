"""Which chapter of the user guide belongs to which screen: by the route's name, or by what it begins with."""

CHAPTER_OF = {
    "today": "today",
    "plans": "plans", "plan": "plans", "interaction": "plans",
    "customers": "customers", "list": "customers", "search": "customers", "lookup": "customers", "recycle-bin": "customers",
    "completeness": "customers",
    "customer": "record", "customer-new": "customers", "contact": "record", "address": "record", "identifier": "record",
    "relationship": "record",
    "comment": "record", "consent": "record", "merge": "record", "merge-choose": "record", "duplicates": "record",
    "duplicate": "record",
    "imports": "import", "import": "import", "answers": "value",
    "orders": "orders", "order": "orders", "products": "orders", "product": "orders", "prices": "orders", "price": "orders",
    "value": "value",
    "settings": "admin", "settings-care": "today", "settings-grades": "value",
    "setup": "start", "sign": "start", "second-factor": "account",
    "me": "account", "preferences": "account", "notices": "account", "exports": "customers", "export": "customers",
    "help": "index", "design": "index", "manifest": "index", "worker": "account", "lost": "account", "unmerge": "record",
}  # fmt: skip


def chapter_of(route: str) -> str:
    """`value-rfm` stands under `value`; "" for a route without a chapter, which a test finds."""
    words = route.split("-")
    beginnings = ("-".join(words[:count]) for count in range(len(words), 0, -1))
    return next((CHAPTER_OF[one] for one in beginnings if one in CHAPTER_OF), "")
