"""The topics that are looked for, one a line with its words. Where a company starts from; it edits them when it carries out."""

from collections.abc import Sequence

from django.utils.translation import gettext as _, gettext_lazy

OTHER = "other"
LONGEST_NAME, MOST_TOPICS, MOST_WORDS = 20, 40, 80
# ruff: noqa: E501  one topic a line
STANDARD = """
价格: 价格 价钱 贵 便宜 实惠 划算 性价比 收费 费用 折扣 优惠 涨价 物超所值 多少钱 报价 报个价 价目表
质量效果: 质量 品质 做工 耐用 坏了 故障 破损 瑕疵 假货 正品 漏水 漏油 异响 又亮 没修好 返修 抖 异味 色差 开着很顺 动静 油耗 路噪 车况 正常
等待时间: 等了 等待 太慢 很慢 排队 半天 拖延 及时 迅速 早了 准时 提前
服务态度: 态度 热情 冷淡 冷漠 耐心 礼貌 傲慢 微笑 敷衍 周到 亲切 没人陪
专业讲解: 专业 不懂 技术 讲解 讲得 手艺 水平 诊断 经验 建议 旧件
环境设施: 环境 卫生 脏 位置 停车 隔音 吵 设施 休息室 空调间 无线网 太远
交付物流: 快递 物流 发货 送货 配送 到货 包装 签收 延误 发错 漏发 缺货
账单发票: 发票 账单 付款 扣款 多收 押金 对账 结账 差了 账期 明细 退差价
售后投诉: 退货 退款 换货 售后 保修 赔偿 投诉 索赔
预约联系: 预约 约好 约了 空位 占线 打不通 没人接 联系不上 回电 有没有空
竞争对手: 别家 4S店 同行 门口做 对手 竞品 其他店 首保
到期提醒: 保险 年检 到期 续保 代办 保养提醒
推荐转介绍: 推荐 介绍朋友 介绍人 转介绍
""".strip()
NAMES = {
    "价格": gettext_lazy("price"), "质量效果": gettext_lazy("quality and effect"), "等待时间": gettext_lazy("waiting time"),
    "服务态度": gettext_lazy("attitude"), "专业讲解": gettext_lazy("skill and explaining"), "环境设施": gettext_lazy("place"),
    "交付物流": gettext_lazy("delivery"), "账单发票": gettext_lazy("bills"), "售后投诉": gettext_lazy("complaints and returns"),
    "预约联系": gettext_lazy("appointments and reaching us"), "竞争对手": gettext_lazy("competitors"),
    "到期提醒": gettext_lazy("what falls due"), "推荐转介绍": gettext_lazy("referrals"), OTHER: gettext_lazy("no topic found"),
}  # fmt: skip


def label(code: str) -> str:
    """A standard topic in the reader's language; one that a company named, as it named it."""
    return str(NAMES.get(code, code))


def parsed(text: str) -> dict[str, tuple[str, ...]]:
    """Name and words of each line; refuses by ValueError."""
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        name, colon, words = line.replace("：", ":").partition(":")
        name, several = name.strip(), tuple(dict.fromkeys(words.replace("，", " ").replace(",", " ").replace("、", " ").split()))
        problem = _wrong(name, several) if colon else _("no colon between the name and its words")
        if problem or name in found:
            raise ValueError(_("%(line)s: %(problem)s.") % {"line": line[:30], "problem": problem or _("this name stands twice")})
        found[name] = several
    if not 1 <= len(found) <= MOST_TOPICS:
        raise ValueError(_("From 1 to %(n)s topics.") % {"n": MOST_TOPICS})
    return found


def _wrong(name: str, words: Sequence[str]) -> str:
    if not 1 <= len(name) <= LONGEST_NAME or name == OTHER:
        return _("a name has 1 to %(n)s characters") % {"n": LONGEST_NAME}
    return "" if 1 <= len(words) <= MOST_WORDS else _("1 to %(n)s words, with spaces between them") % {"n": MOST_WORDS}


def refused(text: str) -> str:
    try:
        parsed(text)
    except ValueError as problem:
        return str(problem)
    return ""
