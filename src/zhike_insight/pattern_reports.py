"""The report of the command line on cohorts, season, rhythm and forecast as an HTML page, in Chinese and English."""

from collections.abc import Mapping
from typing import Any

from zhike_insight import charts
from zhike_insight.reports import WORDS as COMMON, Language, Say, sayer

WORDS: Mapping[str, str] = {
    **COMMON, "yes": "是", "no": "否",
    "Patterns and forecast": "规律与预测", "Who comes when": "谁该来了", "state": "状态", "soon": "30 天内该来", "later": "还不到时候",
    "overdue": "该来没来", "once": "只买过一次", "unlikely": "多半不来了", "Expected in the next weeks": "未来各周预计到店人数",
    "Rhythm against what came": "规律是否应验", "days": "天数", "came": "实际到来", "from day": "自第几天",
    "share inside the interval of 80 %": "落在 80% 区间内的占比", "Season": "季节", "weekday": "星期", "month": "月", "festival": "节日",
    "factor": "倍数", "low": "下限", "high": "上限", "Cohorts": "客户群留存", "share of all cohorts who came": "各批客户合计的到店占比",
    "cohort": "首购月份", "months since the first purchase": "首购后第几个月", "Forecast": "预测", "orders": "订单数", "revenue": "销售额",
    "start": "起始日", "all": "全部", "measure": "指标", "technique": "方法", "error": "误差", "chosen": "采用", "naive": "照上期",
    "seasonal_naive": "照去年同期", "level": "平滑水平", "trend": "平滑趋势", "Test of the techniques": "各方法的检验", "interval of 80 %": "80% 区间",
    "before_spring_festival": "春节前", "spring_festival": "春节", "after_spring_festival": "春节后", "qingming": "清明",
    "labour_day": "劳动节", "dragon_boat": "端午", "before_mid_autumn": "中秋前", "mid_autumn": "中秋", "national_day": "国庆", "new_year": "元旦",
}  # fmt: skip
MONTHS = 12  # of a cohort that the table shows


def patterns_report(result: Mapping[str, Any], language: Language) -> str:
    """The page of `zhike insight patterns`, from its JSON result."""
    say = sayer(language, WORDS)
    sections = [
        ("", charts.table(["", ""], [(say(name), result[name]) for name in ("rows", "customers")])), _states(result, say),
        _due(result, say), _check(result, say), *_season(result["season"], say), _cohorts(result["cohorts"], say),
        *(_forecast(result, measure, say) for measure in ("orders", "revenue") if result["forecast"]), *_tests(result, say),
    ]  # fmt: skip
    return charts.page(say("Patterns and forecast"), sections, language=language)


def _states(result: Mapping[str, Any], say: Say) -> tuple[str, str]:
    rows = [(say(state), count) for state, count in result["states"].items()]
    return say("Who comes when"), charts.table([say("state"), say("customers")], rows)


def _due(result: Mapping[str, Any], say: Say) -> tuple[str, str]:
    title = say("Expected in the next weeks")
    weeks = [row["start"][5:] for row in result["due"]]
    return title, charts.bars(title, weeks, {say("customers"): [row["expected"] for row in result["due"]]})


def _check(result: Mapping[str, Any], say: Say) -> tuple[str, str]:
    rows = [(row["days"], float(row["expected"]), row["came"]) for row in result["judged"]]
    held = "" if result["held"] is None else f"<p>{say('share inside the interval of 80 %')}: {result['held']:.1%}</p>"
    return say("Rhythm against what came"), charts.table([say("days"), say("expected"), say("came")], rows) + held


def _season(season: Mapping[str, Any], say: Say) -> list[tuple[str, str]]:
    sections = []
    for key, name in (("weekdays", "weekday"), ("months", "month")):
        if rows := season.get(key):
            title = f"{say('Season')}: {say(name)}"
            sections.append((title, charts.bars(title, [str(r[name]) for r in rows], {say("factor"): [r["factor"] for r in rows]})))
    if rows := season.get("festivals"):
        head = [say(name) for name in ("festival", "factor", "low", "high")]
        shown = [(say(row["window"]), row["factor"], row["low"], row["high"]) for row in rows]
        sections.append((f"{say('Season')}: {say('festival')}", charts.table(head, shown)))
    return sections


def _cohorts(cohorts: list[Mapping[str, Any]], say: Say) -> tuple[str, str]:
    ages = range(1, min(MONTHS, max((len(one["retention"]) - 1 for one in cohorts), default=0)) + 1)
    old = {age: [one for one in cohorts if len(one["retention"]) > age] for age in ages}
    came = [sum(c["customers"] * c["retention"][age] for c in old[age]) / sum(c["customers"] for c in old[age]) for age in ages]
    share = say("share of all cohorts who came")
    picture = charts.bars(share, [str(age) for age in ages], {share: came}) if came else ""
    head = [say("cohort"), say("customers"), *map(str, ages)]
    rows = [
        (one["cohort"], one["customers"], *(f"{one['retention'][age]:.0%}" if len(one["retention"]) > age else "" for age in ages))
        for one in cohorts
    ]
    return say("Cohorts"), f"{picture}<p>{say('months since the first purchase')}</p>" + charts.table(head, rows)


def _forecast(result: Mapping[str, Any], measure: str, say: Say) -> tuple[str, str]:
    past = [row["actual"] for row in result["history"] if row["measure"] == measure]
    ahead = [row for row in result["forecast"] if row["measure"] == measure]
    whole = [row for row in ahead if row["segment"] is None]
    gap: list[float | None] = [None] * len(past)
    series = {say("actual"): past + [None] * len(whole), say("expected"): gap + [row["expected"] for row in whole]}
    series[say("interval of 80 %")] = gap + [row["low"] for row in whole]
    series["–"] = gap + [row["high"] for row in whole]
    title = f"{say('Forecast')}: {say(measure)}"
    places = range(1, len(past) + len(whole) + 1)
    picture = charts.lines(title, places, series, mark=len(past), x_name=say(result["period"]))
    rows = [(row["start"], say("all") if row["segment"] is None else row["segment"], *_figures(row)) for row in ahead]
    return title, picture + charts.table([say(name) for name in ("start", "segment", "expected", "low", "high")], rows)


def _tests(result: Mapping[str, Any], say: Say) -> list[tuple[str, str]]:
    rows = [
        (
            say(row["measure"]),
            say(row["technique"]),
            say("yes" if row["chosen"] else "no"),
            _share(row["error"]),
            _share(row["bias"]),
        )
        for row in result["tests"]
    ]
    head = [say(name) for name in ("measure", "technique", "chosen", "error", "bias")]
    return [(say("Test of the techniques"), charts.table(head, rows))] if rows else []


def _figures(row: Mapping[str, Any]) -> tuple[float, ...]:
    return tuple(float(row[name]) for name in ("expected", "low", "high"))


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:+.1%}"
