"""When two customers may be one."""

from collections.abc import Set as AbstractSet

from zhike.customers.choices import CustomerKind

STRONG = ("phone", "email", "credit_code", "member_no", "wechat", "number")
TELLS_HIDDEN = ("phone", "credit_code")  # the only matches that are hinted at to people who may not see the other


def worth_reviewing(reasons: AbstractSet[str], kind: str) -> bool:
    """Whether a pair goes to the review queue. Thousands of people share a name: for them the birthday must agree too."""
    if reasons & set(STRONG):
        return True
    return "name" in reasons and (kind == CustomerKind.ORGANISATION or "birthday" in reasons)
