"""What colleagues write under a complaint: the shop's manager asks, the adviser answers."""

from collections.abc import Iterator
from dataclasses import dataclass

from zhike.care.demo.chain import Chain, Member
from zhike.care.demo.talks import Talk

RECENT = 120  # days
EVERY = 4  # of the complaints one in so many is talked about
TALKED = [
    ("@{owner} 这位客户今天务必回个电话，先听他说完，别急着解释。", "@{manager} 已回电，聊了十来分钟，情绪缓和了，约了来店复检。"),
    ("@{owner} 工单我看了，报价时没讲清楚工时费，差价按规定退。", "差价已退，客户说能理解。以后报价单我当面逐项念一遍。"),
    ("@{owner} 和上个月的情况一样，交车前的检查表要签字。", "@{manager} 检查表已补，昨天起交车前两人复核。"),
    ("@{owner} 老客户了，下次来给安排固定工位，洗车一次算店里的。", "好的，已备注，下次进店前一天短信确认工位。"),
    ("@{owner} 客户等了这么久没人招呼，当天是谁在前台？", "@{manager} 当天我在工位上，前台空了二十分钟，已和同事排好轮换。"),
]


@dataclass(frozen=True)
class Remark:
    talk: Talk
    by: Member
    to: Member | None  # who is named
    text: str
    day: int
    minute: int


def of(chain: Chain, talks: list[Talk]) -> Iterator[Remark]:
    complaints = [talk for talk in talks if talk.outcome == "problem" and chain.days - RECENT < talk.day < chain.days - 2]
    for place, talk in enumerate(complaints[::EVERY]):
        manager, owner = chain.manager_of(talk.client.shop), talk.client.owner
        if manager is owner or owner.left is not None:
            continue
        asked, answered = TALKED[place % len(TALKED)]
        names = {"owner": owner.name, "manager": manager.name}
        yield Remark(talk, manager, owner, asked.format(**names), talk.day + 1, 545 + place % 40)
        named = manager if "{manager}" in answered else None
        yield Remark(talk, owner, named, answered.format(**names), talk.day + 1, 700 + place % 90)
