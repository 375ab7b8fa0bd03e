"""Sentiment, topics and urgency by words we wrote down: for a company that has no labelled texts yet. Rough, and says so."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from zhike_insight.matching.sounds import fold
from zhike_insight.voice.words import clauses_of, texts_of, words_of

POSITIVE = frozenset(
    """好 很好 不错 挺好 满意 干净 整洁 舒适 舒服 方便 便利 热情 周到 亲切 友好 耐心 专业 细心 贴心 实惠 便宜 超值 划算 物超所值 性价比高 推荐 值得 喜欢 开心 愉快 高兴 惊喜 放心 安静 温馨 漂亮 精致 豪华 宽敞
    美味 好吃 可口 新鲜 丰富 及时 迅速 快捷 快 准时 优秀 优质 一流 完美 棒 赞 给力 感谢 谢谢 感动 信任 靠谱 可靠 稳定 结实 耐用 清晰 流畅 好用 实用 正品 下次还 还会 再来 优美 优雅 合理 首选 强 高档 出色 热心 礼貌 幽静 齐全
    清新 明亮 物美价廉 回头客 体贴 到位 不虚此行 赏心悦目 好评 称心 如意 省心 有效 解决 改善 进步 领先""".split()
)
NEGATIVE = frozenset(
    """差 很差 太差 极差 不好 糟糕 糟 失望 不满 不满意 脏 脏乱 肮脏 臭 异味 霉味 发霉 潮湿 吵 吵闹 噪音 嘈杂 旧 陈旧 破旧 破 老化 简陋 贵 太贵 昂贵 宰客 坑 坑人 骗 欺骗 骗人 忽悠 虚假 假 假货 慢 太慢 拖延 拖拉 迟到 延误 冷淡 冷漠 恶劣 傲慢
    粗鲁 不耐烦 敷衍 推卸 推诿 投诉 退货 退款 退钱 赔偿 垃圾 烂 后悔 上当 难吃 难喝 不新鲜 变质 坏 坏了 故障 死机 漏水 漏电 漏油 断 裂 破损 损坏 瑕疵 缺 缺货 少发 错发 发错 漏发 错误 出错 麻烦 不便 不方便 狭小 拥挤 阴暗 昏暗 冷清
    蟑螂 虫子 蚊子 隔音 不值 不如 不会再 再也不 最后一次 千万别 千万不要 气愤 生气 愤怒 恶心 可恶 无语 郁闷 晕 投訴 欠缺 不足 不合理 不专业 不负责 没人管 无人 打不通 联系不上 拒绝 刁难 勉强 凑合 将就 一般 普通 危险 受伤 过敏""".split()
)
NOT = frozenset("不 没 没有 无 未 别 毫不 并不 不太 不够 不是 不怎么 谈不上 算不上".split())
VERY = frozenset("很 非常 太 特别 十分 极 极其 最 超 超级 真 实在 相当 格外".split())
TURNS = ("但", "可是", "不过", "然而", "只是", "就是", "遗憾")

TOPICS: Mapping[str, tuple[str, ...]] = {
    "price": ("价格", "价钱", "贵", "便宜", "实惠", "划算", "性价比", "收费", "费用", "折扣", "优惠", "涨价", "物超所值"),
    "quality": ("质量", "品质", "做工", "材质", "耐用", "坏", "故障", "破损", "瑕疵", "假货", "正品", "漏水", "漏油", "死机", "裂"),
    "delivery": ("快递", "物流", "发货", "送货", "配送", "到货", "包装", "签收", "运费", "延误", "发错", "漏发"),
    "attitude": ("态度", "热情", "冷淡", "冷漠", "耐心", "不耐烦", "礼貌", "傲慢", "微笑", "服务员", "前台", "店员", "客服", "敷衍"),
    "speed": ("等了", "太慢", "很慢", "及时", "迅速", "拖", "排队", "半天", "没人", "打不通", "回复", "响应", "处理速度"),
    "skill": ("专业", "不懂", "技术", "讲解", "建议", "水平", "修好", "没修好", "诊断", "经验"),
    "place": ("环境", "卫生", "干净", "脏", "位置", "地段", "交通", "停车", "隔音", "吵", "安静", "装修", "设施", "房间", "空调", "网络"),
    "food": ("早餐", "餐厅", "菜", "味道", "好吃", "难吃", "口味", "食材"),
    "billing": ("发票", "账单", "付款", "扣款", "多收", "刷卡", "支付", "押金", "对账", "结账"),
    "after_sales": ("退货", "退款", "换货", "售后", "保修", "维修", "赔偿", "投诉", "解决"),
}  # fmt: skip
URGENT: Mapping[str, tuple[float, tuple[str, ...]]] = {
    "danger": (1.0, ("漏电", "起火", "着火", "冒烟", "爆炸", "受伤", "烫伤", "流血", "中毒", "过敏", "送医", "急诊", "刹车失灵", "煤气", "安全事故", "危险")),
    "law": (0.9, ("起诉", "律师", "法院", "12315", "消协", "工商局", "市场监管", "报警", "媒体曝光", "曝光", "维权")),
    "leaving": (0.7, ("再也不", "不会再来", "退会", "注销", "解约", "终止合同", "取消订单", "换一家", "最后一次")),
    "deadline": (0.7, ("今天必须", "马上", "立即", "立刻", "尽快", "紧急", "加急", "急用", "急需", "来不及", "限你们", "今天之内", "明天之前")),
    "again": (0.6, ("第二次", "第三次", "又坏了", "还是没", "一直没", "多次", "反复", "几次三番", "催了", "至今", "仍未")),
    "stuck": (0.5, ("用不了", "无法使用", "不能用", "停工", "停产", "走不了", "打不通", "联系不上", "没人管", "没人理")),
    "complaint": (0.4, ("投诉", "退款", "退货", "赔偿", "气愤", "愤怒", "太过分", "欺骗", "骗子")),
}  # fmt: skip


def lexicon_sentiment(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """How favourable texts are, from −1 to 1, by a list of words: without any training, and rough.

    Parameters
    ----------
    texts : sequence of str, length n

    Returns
    -------
    array, shape (n,)
        0: no word of the list. A negation turns the next words of its clause; "很" and its like strengthen; what stands after "但" weighs double.

    Notes
    -----
    On public hotel reviews its accuracy is far below that of a trained model (see docs): use it to begin with, and train as soon as
    some hundreds of texts are labelled.

    Examples
    --------
    >>> lexicon_sentiment(["服务非常热情", "房间不干净", "位置在路口"]).round(1).tolist()
    [0.8, -0.5, 0.0]
    """
    return np.array([_tone(text) for text in texts_of(texts)], dtype=np.float64)


def topics_of(texts: Sequence[str], topics: Mapping[str, Sequence[str]] = TOPICS) -> list[list[str]]:
    """What texts are about, by keywords, the most mentioned topic first.

    Parameters
    ----------
    texts : sequence of str
    topics : mapping of str to sequence of str
        Topic → words; by default price, quality, delivery, attitude, speed, skill, place, food, billing and after_sales.

    Returns
    -------
    list of list of str
        Of each text its topics; none: an empty list.

    Examples
    --------
    >>> topics_of(["快递太慢，价格也贵", "嗯"])
    [['price', 'delivery', 'speed'], []]
    """
    found = []
    for text in map(fold, texts_of(texts)):
        counts = {name: sum(word in text for word in words) for name, words in topics.items()}
        found.append(sorted((name for name, count in counts.items() if count), key=lambda name: (-counts[name], name)))
    return found


def urgency_of(texts: Sequence[str]) -> list[dict[str, Any]]:
    """How soon somebody must answer, from 0 to 1, and why.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    list of dict
        {"urgency", "why": the reasons found (danger, law, leaving, deadline, again, stuck, complaint), "words": the words that said it}.
        Several reasons add up without passing 1.

    Examples
    --------
    >>> urgency_of(["插座漏电冒烟，请马上处理"])[0]
    {'urgency': 1.0, 'why': ['danger', 'deadline'], 'words': ['漏电', '冒烟', '马上']}
    """
    found = []
    for text in map(fold, texts_of(texts)):
        said = {why: [word for word in words if word in text] for why, (_, words) in URGENT.items()}
        why = [name for name, words in said.items() if words]
        calm = float(np.prod([1 - URGENT[name][0] for name in why])) if why else 1.0
        found.append({"urgency": round(1 - calm, 2), "why": why, "words": [word for name in why for word in said[name]]})
    return found


def _tone(text: str) -> float:
    total = 0.0
    for clause in clauses_of(text):
        total += _clause(clause) * (2.0 if re.match("|".join(TURNS), clause) else 1.0)
    return float(np.tanh(total / 2))


def _word(word: str) -> float:
    """Also of 太脏 and 不干净, which are one word each."""
    tone = (word in POSITIVE) - (word in NEGATIVE)
    if tone or len(word) < 2:
        return tone
    rest = (word[1:] in POSITIVE) - (word[1:] in NEGATIVE)
    return -rest if word[0] in "不没无" else 2.0 * rest if word[0] in "很太真极超最挺" else 0.0


def _clause(clause: str) -> float:
    total, turned, strength = 0.0, False, 1.0
    for word in words_of(clause):
        tone = _word(word)
        if tone:
            total += tone * strength * (-1 if turned else 1)
            strength = 1.0
        elif word in NOT:
            turned = not turned
        elif word in VERY:
            strength = 2.0
    return total
