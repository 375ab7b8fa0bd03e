"""Reports of the command line as HTML pages, in Chinese and English."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Literal

from zhike_insight import charts

Language = Literal["zh", "en"]
Say = Callable[[str], str]
WORDS: Mapping[str, str] = {
    "Lifetime value": "客户终身价值",
    "Actual against expected, cumulative repeat purchases": "累计复购：实际与预期",
    "Hold-out by calibration frequency, purchases per customer": "检验期：按校准期复购次数，每位客户的购买次数",
    "Hold-out": "检验期对照",
    "Parameters": "模型参数",
    "Customers": "客户",
    "What was read": "读入情况",
    "actual": "实际",
    "forecast": "预测方法",
    "expected": "预期",
    "bias": "偏差",
    "mean absolute error": "平均绝对误差",
    "Gini": "基尼系数",
    "top tenth": "前一成占比",
    "model": "模型",
    "parameter": "参数",
    "value": "数值",
    "rows": "行数",
    "left out": "略去",
    "customers": "客户数",
    "customer equity": "客户资产",
    "A forecast without a model does better than every model in: ": "下列指标上，不用模型的预测好于所有模型：",
    "No forecast without a model does better than the models.": "没有任何不用模型的预测好于模型。",
    "mae": "平均绝对误差",
    "gini": "基尼系数",
    "top_decile": "前一成占比",
    "bgnbd": "BG/NBD",
    "mbgnbd": "MBG/NBD",
    "pareto_nbd": "Pareto/NBD",
    "gamma_gamma": "Gamma-Gamma",
    "same_rate": "照原频率",
    "last_period": "照上期",
    "all_equal": "人人相同",
    "RFM": "RFM 分析",
    "Classes": "八类客户",
    "Segments": "十一类细分",
    "class": "类别",
    "segment": "细分",
    "monetary": "金额",
    "share of customers": "客户占比",
    "week": "周",
    "day": "天",
    "important_value": "重要价值客户",
    "important_develop": "重要发展客户",
    "important_keep": "重要保持客户",
    "important_retain": "重要挽留客户",
    "general_value": "一般价值客户",
    "general_develop": "一般发展客户",
    "general_keep": "一般保持客户",
    "one rate": "所有客户按同一频率购买",
    "nobody leaves": "没有客户流失，留存概率都是 1",
    "nobody stays": "首次复购之后人人离开",
    "one chance of leaving": "每次购买后的流失概率人人相同",
    "one rate of leaving": "流失速度人人相同",
    "one mean": "人人的平均消费相同",
    "own means": "每位客户每次都按自己的均值消费",
    "one spend": "人人每次消费的金额相同",
    "general_retain": "一般挽留客户",
    "champion": "冠军客户",
    "loyal": "忠诚客户",
    "potential_loyalist": "潜在忠诚",
    "new": "新客户",
    "promising": "有望客户",
    "need_attention": "需要关注",
    "about_to_sleep": "即将沉睡",
    "at_risk": "面临流失",
    "cannot_lose": "不能失去",
    "hibernating": "沉睡客户",
    "lost": "已流失",
}


def sayer(language: Language, words: Mapping[str, str] = WORDS) -> Say:
    """Says the words of a report in a language."""
    return lambda text: words.get(text, text) if language == "zh" else text


def lifetime_report(result: Mapping[str, Any], language: Language) -> str:
    """The page of `zhike insight clv`, from its JSON result."""

    say = sayer(language)
    sections = [(say("What was read"), _facts(result, say))]
    holdout = result.get("holdout")
    if holdout:
        sections += _holdout_sections(result, holdout, say)
    fitted = [(name, values) for name, values in result.items() if isinstance(values, dict) and "log_likelihood" in values]
    rows = [
        (name, parameter, value)
        for name, values in fitted
        for parameter, value in _told(values).items()
        if isinstance(value, (int, float))
    ]
    at_edge = [(name, [say(one.replace("_", " ")) for one in values["limit"]]) for name, values in fitted if "limit" in values]
    edges = "".join(f"<p>{escape(say(name))}: {escape('; '.join(holds))}</p>" for name, holds in at_edge)
    sections.append((say("Parameters"), charts.table([say("model"), say("parameter"), say("value")], rows) + edges))
    return charts.page(say("Lifetime value"), sections, language=language)


def rfm_report(result: Mapping[str, Any], language: Language) -> str:
    """The page of `zhike insight rfm`, from its JSON result."""

    say = sayer(language)
    total = max(result["customers"], 1)
    sections = [(say("What was read"), _facts(result, say))]
    for title, key, head in (("Classes", "classes", "class"), ("Segments", "segments", "segment")):
        groups = result[key]
        shares = {say("share of customers"): [g["customers"] / total for g in groups.values()]}
        rows = [(say(name), g["customers"], float(g["monetary"])) for name, g in groups.items()]
        picture = charts.bars(say(title), [say(name)[:6] for name in groups], shares)
        sections.append((say(title), picture + charts.table([say(head), say("customers"), say("monetary")], rows)))
    return charts.page(say("RFM"), sections, language=language)


def _told(model: Mapping[str, Any]) -> Mapping[str, Any]:
    """The figures of a model; at the edge those of the simpler one."""
    return {**model["limit_parameters"], "log_likelihood": model["log_likelihood"]} if "limit" in model else model


def _facts(result: Mapping[str, Any], say: Say) -> str:
    rows = [(say("rows"), result["rows"]), (say("customers"), result["customers"])]
    rows += [(f"{say('left out')}: {reason}", n) for reason, n in result["left_out"].items()]
    if "customer_equity" in result:
        rows.append((say("customer equity"), result["customer_equity"]))
    return charts.table(["", ""], rows)


def _holdout_sections(result: Mapping[str, Any], holdout: Mapping[str, Any], say: Say) -> list[tuple[str, str]]:
    periods = holdout["by_period"]
    names = [name for name in holdout["models"] if name in periods[0]]
    tracking = charts.lines(
        say("Actual against expected, cumulative repeat purchases"),
        [row["period"] for row in periods],
        {say(name): [row[name] for row in periods] for name in ("actual", *names)},
        mark=holdout["calibration_length"],
        x_name=say(result["time_unit"]),
    )
    groups = holdout["by_frequency"]
    frequencies = [f"{row['frequency']}" for row in groups[:-1]] + [f"{groups[-1]['frequency']}+"]
    by_frequency = charts.bars(
        say("Hold-out by calibration frequency, purchases per customer"),
        frequencies,
        {say(name): [row[name] for row in groups] for name in ("actual", *names)},
    )
    head = [say(n) for n in ("forecast", "expected", "bias", "mean absolute error", "Gini", "top tenth")]
    forecasts = {**holdout["models"], **holdout["baselines"]}
    rows: list[tuple[object, ...]] = [(say("actual"), float(holdout["actual"]), "", "", "", "")]
    rows += [(say(n), f["expected"], f"{f['bias']:+.1%}", f["mae"], f["gini"], f["top_decile"]) for n, f in forecasts.items()]
    wins = holdout["baseline_wins"]
    no = say("No forecast without a model does better than the models.")
    verdict = say("A forecast without a model does better than every model in: ") + ", ".join(map(say, wins)) if wins else no
    return [
        (say("Hold-out"), charts.table(head, rows) + f"<p>{verdict}</p>"),
        (say("Actual against expected, cumulative repeat purchases"), tracking),
        (say("Hold-out by calibration frequency, purchases per customer"), by_frequency),
    ]
