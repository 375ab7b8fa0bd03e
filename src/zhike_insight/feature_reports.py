"""Reports of the command line on features, texts, edges and baskets as HTML pages, in Chinese and English."""

from collections.abc import Mapping
from typing import Any

from zhike_insight import charts
from zhike_insight.reports import WORDS as COMMON, Language, Say, sayer

WORDS: Mapping[str, str] = {
    **COMMON,
    "Customer segments": "客户细分", "Sizes": "规模", "How many": "分几类", "How to recognise them": "怎样辨认", "Means": "均值",
    "Tests": "检验", "segment": "细分", "share": "占比", "rule": "规则", "precision": "准确率", "recall": "召回率", "test": "检验项",
    "figure": "数值", "least": "下限", "passed": "通过", "yes": "是", "no": "否", "silhouette": "轮廓系数", "stability": "稳定性",
    "relevant": "与目标相关", "described": "可描述", "large": "规模", "reachable": "可触达", "profitable": "有利可图", "stable": "稳定",
    "recommended": "推荐", "Scorecard": "评分卡", "Quality on rows not seen": "在未见过的样本上", "Information values": "信息值（IV）",
    "Expected and actual": "预期与实际", "actual": "实际", "Points": "分值", "characteristic": "特征", "bin": "分箱", "points": "分",
    "not in the card": "未入卡", "reason": "原因", "Key drivers": "关键驱动因素", "Importance": "重要性", "importance": "重要性",
    "performance": "表现", "interval": "区间", "attribute": "因素", "correlation": "相关", "beta": "标准化系数", "What the model explains": "解释力",
    "answers": "有效样本", "What customers say": "客户之声", "Topics": "话题", "texts": "条数", "topic": "话题", "urgent": "紧急",
    "Quality on texts not seen": "在未见过的文本上", "accuracy": "准确率", "of the list of words": "词表", "of the model": "模型",
    "always the more frequent label": "一律按多数", "price": "价格", "quality": "质量", "delivery": "配送", "attitude": "态度", "speed": "速度",
    "skill": "专业", "place": "环境", "food": "餐饮", "billing": "账款", "after_sales": "售后", "Probable duplicates": "疑似重复客户",
    "records": "记录", "pairs": "对", "one": "其一", "other": "其二", "probability": "可能性", "for": "依据", "against": "相左",
    "Influence": "影响力", "person": "人", "degree": "度", "betweenness": "中介", "eigenvector": "特征向量", "pagerank": "PageRank",
    "community": "社群", "people": "人数", "edges": "关系", "communities": "社群数", "Most influential": "影响力最大", "What goes together": "购物篮分析",
    "rules": "规则数", "baskets": "篮数", "items": "商品数", "if": "买了", "then": "也买", "support": "支持度", "confidence": "置信度",
    "lift": "提升度", "Strongest rules": "最强的规则", "Hit rate on baskets not seen": "在未见过的购物篮上的命中率", "Who will leave": "流失预测",
    "Drivers": "驱动因素", "strength": "强度", "feature": "特征", "log_loss": "对数损失", "base_log_loss": "人人相同时的对数损失",
    "brier": "Brier 分", "auc": "AUC", "ks": "KS", "gini": "基尼系数", "in_sample_auc": "样本内 AUC", "challenger_auc": "不可读的对照模型 AUC", "popularity": "按热门",
    "Chances foretold and seen": "预测概率与实际", "hit rate": "命中率", "of new products": "新商品命中率", "technique": "方法", "NDCG": "NDCG",
    "Who names what is bought next": "谁更能说中下一次购买", "product": "商品", "dearer": "更高价位商品", "moved": "升级人数", "Steps up in price": "升级路径",
    "How long they stay": "留存时长", "still there": "仍在", "time": "时间", "gone": "已离开", "half have left by": "半数离开的时间", "low": "下限", "high": "上限",
    "factor on the rate of leaving": "离开率倍数", "concordance on rows not seen": "在未见过的样本上的一致性指数", "What makes them leave sooner": "什么让客户更早离开",
    "renewals to come, discounted": "折现后还将续约的次数", "Renewals to come": "今后的续约", "renewal": "第几次续约", "share who renew": "续约率",
    "What a contact changes": "联系带来的改变", "effect": "平均效果", "qini": "Qini 系数", "difference": "差值", "contacted": "联系组留存", "left alone": "对照组留存",
    "some are changed more than others": "对一些客户的作用明显更大", "nothing is known of whom it changes": "还看不出对谁的作用更大",
    "The groups were not drawn by lot: compare with care.": "两组并非随机分配，比较时请谨慎。", "Gained by contacting so many": "联系多少人，多留住多少",
    "those first whom it changes most": "先联系作用最大的客户", "by lot": "随机联系", "share contacted": "联系的比例",
    "Five groups, those first whom it changes most": "五组客户，作用最大的在前", "What raises the effect": "什么让联系更有效",
    "popular": "按热门", "own": "按本人常购", "neighbours": "相似商品", "regression": "协同过滤（回归）", "sequence": "购买顺序", "propensity": "购买倾向模型",
}  # fmt: skip
SHOWN = 12  # bars in a picture
LONGEST_LABEL = 10


def segment_report(result: Mapping[str, Any], language: Language) -> str:
    """The page of `zhike insight segment`, from its JSON result."""
    say = sayer(language, WORDS)
    segments = result["segments"]
    picture = charts.bars(
        say("Sizes"), [str(one["segment"]) for one in segments], {say("share"): [one["share"] for one in segments]}
    )
    rows = [
        (str(one["segment"]), one["customers"], " · ".join(one["rule"]), one["precision"] or 0.0, one["recall"] or 0.0)
        for one in segments
    ]
    head = [say(name) for name in ("segment", "customers", "rule", "precision", "recall")]
    names = list(segments[0]["means"])
    means = [(name, *(float(one["means"].get(name, 0.0) or 0.0) for one in segments)) for name in names]
    sections = [(say("Sizes"), picture), (say("How to recognise them"), charts.table(head, rows))]
    if names:
        sections.append((say("Means"), charts.table([say("feature"), *(str(one["segment"]) for one in segments)], means)))
    if result["criteria"]:
        criteria = [(int(row["k"]), row["silhouette"], row["stability"]) for row in result["criteria"]]
        lines = charts.lines(
            say("How many"), [row[0] for row in criteria],
            {say("silhouette"): [row[1] for row in criteria], say("stability"): [row[2] for row in criteria]},
        )  # fmt: skip
        sections.append((say("How many"), lines + f"<p>{say('recommended')}: {result['k']}</p>"))
    tests = [
        (str(row["segment"]), say(row["test"]), say("yes" if row["passed"] else "no"), row["figure"], row["least"])
        for row in result["tests"]
    ]
    sections.append((say("Tests"), charts.table([say(name) for name in ("segment", "test", "passed", "figure", "least")], tests)))
    return charts.page(say("Customer segments"), sections, language=language)


def scorecard_report(result: Mapping[str, Any], language: Language) -> str:
    """The page of `zhike insight scorecard`, from its JSON result."""
    say = sayer(language, WORDS)
    quality = [(say(name), float(result[name])) for name in ("auc", "gini", "ks", "challenger_auc", "in_sample_auc")]
    iv = list(result["iv"].items())[:SHOWN]
    card = [(name, row["bin"], float(row["points"])) for name, bins in result["card"].items() for row in bins]
    sections = [
        (say("Quality on rows not seen"), charts.table(["", ""], quality)),
        (say("Information values"), charts.bars(say("Information values"), [_short(n) for n, _ in iv], {"IV": [v for _, v in iv]})),
        (say("Expected and actual"), _calibration(result["calibration"], say)),
        (say("Points"), charts.table([say("characteristic"), say("bin"), say("points")], card)),
    ]
    if result["dropped"]:
        sections.append(
            (say("not in the card"), charts.table([say("characteristic"), say("reason")], list(result["dropped"].items())))
        )
    return charts.page(say("Scorecard"), sections, language=language)


def drivers_report(result: Mapping[str, Any], language: Language) -> str:
    """The page of `zhike insight drivers`, from its JSON result."""
    say = sayer(language, WORDS)
    found = result["drivers"]
    shown = found[:SHOWN]
    picture = charts.bars(
        say("Importance"), [_short(d["name"]) for d in shown], {say("importance"): [d["importance"] for d in shown]}
    )
    rows = [(d["name"], _interval(d), d["importance"], d["share"], d["performance"], d["correlation"], d["beta"]) for d in found]
    head = [say(name) for name in ("attribute", "interval", "importance", "share", "performance", "correlation", "beta")]
    worth = [("R²", result["r_squared"]), (say("answers"), float(result["n"])), ("VIF", float(result["highest_vif"] or 0.0))]
    sections = [
        (say("Importance"), picture + charts.table(head, rows)), (say("What the model explains"), charts.table(["", ""], worth)),
    ]  # fmt: skip
    return charts.page(say("Key drivers"), sections, language=language)


def sentiment_report(result: Mapping[str, Any], language: Language) -> str:
    """The page of `zhike insight sentiment`, from its JSON result."""
    say = sayer(language, WORDS)
    topics = sorted(result["topics"].items(), key=lambda pair: -pair[1])
    picture = charts.bars(say("Topics"), [say(name) for name, _ in topics], {say("texts"): [count for _, count in topics]})
    rows = [(say(name), count) for name, count in [*topics, ("urgent", result["urgent"])]]
    sections = [(say("Topics"), picture + charts.table([say("topic"), say("texts")], rows))]
    if "accuracy" in result:
        lexicon = result["lexicon"]
        quality = [
            (say("of the model"), result["accuracy"], result["auc"]), (say("of the list of words"), lexicon["accuracy"], lexicon["auc"]),
            (say("always the more frequent label"), result["majority"], 0.5),
        ]  # fmt: skip
        sections.insert(0, (say("Quality on texts not seen"), charts.table(["", say("accuracy"), "AUC"], quality)))
    return charts.page(say("What customers say"), sections, language=language)


def match_report(result: Mapping[str, Any], language: Language) -> str:
    """The page of `zhike insight match`, from its JSON result."""
    say = sayer(language, WORDS)
    facts = [(say("records"), result["rows"]), (say("pairs"), result["pairs"])]
    rows = [(r["first_name"], r["second_name"], r["for"], r["against"], float(r["probability"])) for r in result["top"]]
    head = [say(name) for name in ("one", "other", "for", "against", "probability")]
    sections = [("", charts.table(["", ""], facts)), (say("Probable duplicates"), charts.table(head, rows))]
    return charts.page(say("Probable duplicates"), sections, language=language)


def network_report(result: Mapping[str, Any], language: Language) -> str:
    """The page of `zhike insight network`, from its JSON result."""
    say = sayer(language, WORDS)
    top = result["top"]
    picture = charts.bars(say("Most influential"), [_short(r["person"]) for r in top], {"PageRank": [r["pagerank"] for r in top]})
    names = [name for name in ("degree", "betweenness", "eigenvector", "pagerank") if top and name in top[0]]
    rows = [(str(r["person"]), *(float(r[name] or 0.0) for name in names)) for r in top]
    facts = [(say(name), result[name]) for name in ("people", "edges", "communities")]
    sections = [
        ("", charts.table(["", ""], facts)),
        (say("Most influential"), picture + charts.table([say("person"), *map(say, names)], rows)),
    ]
    return charts.page(say("Influence"), sections, language=language)


def basket_report(result: Mapping[str, Any], language: Language) -> str:
    """The page of `zhike insight basket`, from its JSON result."""
    say = sayer(language, WORDS)
    facts = [(say(name), result[name]) for name in ("baskets", "items", "rules")]
    rows = [
        (str(r["antecedent"]), str(r["consequent"]), float(r["support"]), float(r["confidence"]), float(r["lift"]))
        for r in result["top"]
    ]
    head = [say(name) for name in ("if", "then", "support", "confidence", "lift")]
    rates = {name: float(value) for name, value in result["holdout"].items() if isinstance(value, (int, float)) and 0 <= value <= 1}
    sections = [("", charts.table(["", ""], facts)), (say("Strongest rules"), charts.table(head, rows))]
    if rates:
        picture = charts.bars(
            say("Hit rate on baskets not seen"), [say(name) for name in rates], {say("share"): list(rates.values())}
        )
        sections.append((say("Hit rate on baskets not seen"), picture))
    return charts.page(say("What goes together"), sections + _next_products(result.get("next"), say), language=language)


def _next_products(found: Mapping[str, Any] | None, say: Say) -> list[tuple[str, str]]:
    """What comes next: who names it best, and whether the probabilities hold."""
    if found is None:
        return []
    sections = [(say("Chances foretold and seen"), _calibration(found["propensity"]["calibration"], say))]
    techniques = found["holdout"].get("techniques", [])
    if techniques:
        names = [say(row["technique"]) for row in techniques]
        rates = {
            say("hit rate"): [row["hit_rate"] for row in techniques],
            say("of new products"): [row["new_hit_rate"] or 0.0 for row in techniques],
        }
        head = [say(name) for name in ("technique", "hit rate", "NDCG", "of new products", "NDCG")]
        rows = [(say(r["technique"]), r["hit_rate"], r["ndcg"], r["new_hit_rate"] or 0.0, r["new_ndcg"] or 0.0) for r in techniques]
        sections.insert(
            0, (say("Who names what is bought next"), charts.bars(say("hit rate"), names, rates) + charts.table(head, rows))
        )
    if found.get("price_steps"):
        head = [say(name) for name in ("product", "dearer", "customers", "moved", "share", "lift")]
        steps = [
            (str(s["product"]), str(s["dearer"]), s["customers"], s["moved"], s["share"], s["lift"]) for s in found["price_steps"]
        ]
        sections.append((say("Steps up in price"), charts.table(head, steps)))
    return sections


def churn_report(result: Mapping[str, Any], language: Language) -> str:
    """The page of `zhike insight churn`, from its JSON result."""
    say = sayer(language, WORDS)
    quality = [(say(name), float(result[name])) for name in ("auc", "log_loss", "base_log_loss", "brier")]
    drivers = [(d["feature"], float(d["strength"])) for d in result["drivers"]]
    sections = [
        (say("Quality on rows not seen"), charts.table(["", ""], quality)),
        (say("Expected and actual"), _calibration(result["calibration"], say)),
        (say("Drivers"), charts.table([say("feature"), say("strength")], drivers)),
    ]
    if "uplift" in result:
        sections += _trial(result["uplift"], say)
    return charts.page(say("Who will leave"), sections, language=language)


def _trial(told: Mapping[str, Any], say: Say) -> list[tuple[str, str]]:
    """What a contact changed in a trial with a control group, and in whom."""
    names = ("value", "low", "high")
    facts = [(say(name), *(float(told[name][part]) for part in names)) for name in ("effect", "qini")]
    sure = "some are changed more than others" if told["qini"]["low"] > 0 else "nothing is known of whom it changes"
    lot = "" if abs(told["balance"] - 0.5) < 0.05 else f"<p>{say('The groups were not drawn by lot: compare with care.')}</p>"
    head = [say(name) for name in ("customers", "expected", "contacted", "left alone", "difference", "low", "high")]
    bands = [tuple(row[n] for n in ("customers", "expected", "treated", "control", "lift", "low", "high")) for row in told["bands"]]
    share, gain = zip(*told["curve"], strict=True)
    picture = charts.lines(
        say("Gained by contacting so many"), share,
        {say("those first whom it changes most"): gain, say("by lot"): [part * gain[-1] for part in share]},
        x_name=say("share contacted"),
    )  # fmt: skip
    drivers = [(d["feature"], float(d["strength"])) for d in told["drivers"]]
    return [
        (
            say("What a contact changes"),
            charts.table(["", *(say(n) for n in names)], facts) + f"<p>{say(sure)}</p>" + lot + picture,
        ),
        (say("Five groups, those first whom it changes most"), charts.table(head, bands)),
        (say("What raises the effect"), charts.table([say("feature"), say("strength")], drivers)),
    ]


def survival_report(result: Mapping[str, Any], language: Language) -> str:
    """The page of `zhike insight survival`, from its JSON result."""
    say = sayer(language, WORDS)
    curve = result["curve"]
    share = {say("still there"): [1.0, *(row["survival"] for row in curve)]}
    picture = charts.lines(say("How long they stay"), [0.0, *(row["time"] for row in curve)], share, x_name=say("time"))
    facts = [
        (say("rows"), result["rows"]),
        (say("gone"), result["left"]),
        (say("half have left by"), "–" if result["median"] is None else f"{result['median']:g}"),
    ]
    sections = [(say("How long they stay"), picture + charts.table(["", ""], facts))]
    if result.get("drivers"):
        rows = [
            (row["feature"], row["factor"], row["low"], row["high"], "< .0001" if row["p"] < 0.0001 else f"{row['p']:.4f}")
            for row in result["drivers"]
        ]
        head = [say(name) for name in ("feature", "factor on the rate of leaving", "low", "high", "p")]
        quality = (
            "" if result["concordance"] is None else f"<p>{say('concordance on rows not seen')}: {result['concordance']:.3f}</p>"
        )
        sections.append((say("What makes them leave sooner"), charts.table(head, rows) + quality))
    if contract := result.get("contract"):
        shares = [(row["renewal"], f"{row['share']:.1%}") for row in contract["retention"]]
        more = f"<p>{say('renewals to come, discounted')}: {contract['residual_periods']:.2f}</p>"
        sections.append((say("Renewals to come"), charts.table([say("renewal"), say("share who renew")], shares) + more))
    return charts.page(say("How long they stay"), sections, language=language)


def _calibration(groups: list[dict[str, float]], say: Say) -> str:
    series = {say(name): [float(row[name]) for row in groups] for name in ("expected", "actual")}
    return charts.bars(say("Expected and actual"), [str(i + 1) for i in range(len(groups))], series)


def _interval(driver: Mapping[str, Any]) -> str:
    return "" if driver["low"] is None else f"{driver['low']:.3f} – {driver['high']:.3f}"


def _short(name: object) -> str:
    text = str(name)
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"
