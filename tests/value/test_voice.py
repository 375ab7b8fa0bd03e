"""What customers say, read: topics, tone, urgency; corrections are learned, and the quality is said as it is."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from tests.value import crowd, shop
from zhike.core import home
from zhike.customers import actions as customers
from zhike.customers.models import Customer, Interaction, VoiceLabel
from zhike.sales.models import ProductLine
from zhike.teams.models import Department
from zhike.value import actions, queries, tone_model
from zhike.value.analyses.kinds import KINDS
from zhike.value.analyses.voice import reading, topics
from zhike.value.choices import RunState
from zhike.value.models import Analysis, Finding
from zhike.value.queries.voice import read_words

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]


def talk(customer: Customer, summary: str, days: int = 20, **what: object) -> Interaction:
    at = shop.noon(str(crowd.DAY - datetime.timedelta(days=days)))
    return Interaction(customer=customer, summary=summary, **{"kind": "call", "at": at, **what})


def run(**options: object) -> Analysis:
    done = actions.run_analysis(actor=None, kind="voice", options=options)
    assert done.state == RunState.DONE, done.problem
    return done


def figures(analysis: Analysis) -> dict[str, dict[str, object]]:
    return {row["topic"]: row for row in analysis.report["topics"]}


def test_what_was_said_is_counted_by_topic_tone_place_product_and_time_and_leads_to_who_said_it() -> None:
    people, _run = crowd.scored()
    shop_floor = Department.objects.create(name="一店")
    Customer.objects.filter(pk__in=[one.pk for one in people[:10]]).update(department=shop_floor)
    Interaction.objects.bulk_create([
        *(talk(one, "等了两个小时，太慢了", 10) for one in people[:10]), *(talk(one, "觉得价格实惠", 200) for one in people[10:40]),
        talk(people[50], "插座漏电冒烟，马上处理"), talk(people[51], "漏油", outcome="problem"),
        talk(people[52], "漏油", outcome="problem", resolved_at=shop.noon("2026-06-29")),
        talk(people[53], "没人接", outcome="not_reached"), talk(people[54], "内部", kind="note"), talk(people[55], "等了很久", 500),
    ])  # fmt: skip
    done = run()
    assert (done.report["n"], done.report["customers"], done.report["different"]) == (43, 43, 4)
    found = figures(done)
    assert (found["等待时间"]["n"], found["等待时间"]["bad"], found["等待时间"]["then"]) == (10, 1.0, 0.0)
    assert (found["价格"]["n"], found["价格"]["bad"], found["价格"]["now"]) == (30, 0.0, 0.0)
    assert (found["等待时间"]["z"] or 0) > 2 > -2 > (found["价格"]["z"] or 0)  # type: ignore[operator]
    (place,) = done.report["departments"]
    assert (place["name"], place["n"], place["worst"]) == ("一店", 10, "等待时间")
    assert {row["name"] for row in done.report["lines"]} == {ProductLine.objects.get().name}
    open_ones = Interaction.objects.filter(pk__in=[row[0] for row in done.report["urgent"]]).values_list("customer_id", flat=True)
    assert set(open_ones) == {people[50].pk, people[51].pk}
    mine = Finding.objects.get(analysis_id=done.pk, customer_id=people[0].pk)
    assert (mine.group, (mine.value or 100) < 40) == ("等待时间", True)
    assert Finding.objects.filter(analysis_id=done.pk, group="等待时间").count() == 10
    with translation.override("en"):
        (said,) = queries.said_of(shop.analyst(), people[50].pk)
        assert "Something is urgent" in said.sentence


def test_a_model_is_learned_from_recorded_moods_judged_on_unseen_texts_and_used_by_relationships_too() -> None:
    people, _run = crowd.scored()
    good, bad = ("亮堂", "顺溜", "安逸"), ("糟心", "堵得慌", "闹心")  # no list of words knows them
    talks = [
        talk(people[n % 80], f"第{n}次来说{words[n % 3]}，{'取' if n % 2 else '送'}车{n}", mood=mood)
        for words, mood in ((good, "happy"), (bad, "unhappy")) for n in range(80)
    ]  # fmt: skip
    Interaction.objects.bulk_create([*talks, talk(people[85], "这回挺闹心"), talk(people[86], "挺安逸")])
    relations = actions.run_analysis(actor=None, kind="relationship", options={})
    assert (Finding.objects.get(analysis_id=relations.pk, customer_id=people[85].pk).detail or {})["satisfaction"] is None
    done = run()
    model = done.report["model"]
    assert (model["learned"], model["tested"]) == (120, 40)
    assert model["accuracy"] > 0.9 > 0.7 > model["words_accuracy"]
    tones = dict(Finding.objects.filter(analysis_id=done.pk).values_list("customer_id", "value"))
    assert tones[people[85].pk] < 40 <= tones[people[86].pk]
    assert tone_model.kept() is not None
    relations = actions.run_analysis(actor=None, kind="relationship", options={})
    assert (Finding.objects.get(analysis_id=relations.pk, customer_id=people[85].pk).detail or {})["satisfaction"] < 40
    for file in home.folder("voice").glob("*.parquet"):
        file.unlink()
    assert tone_model.kept() is None


def test_corrections_count_at_once_for_the_same_words_and_are_learned_for_others() -> None:
    people, _run = crowd.scored()
    boss = shop.analyst()
    Interaction.objects.bulk_create([talk(one, f"要开洗车卡{n}") for n, one in enumerate(people[:40])])
    Interaction.objects.bulk_create([talk(people[50], "要开洗车卡3"), talk(people[51], "想问年卡")])
    Interaction.objects.bulk_create([talk(people[60 + n % 30], f"在外地出差{n}") for n in range(300)])
    first = run()
    assert figures(first)["other"]["n"] == 342
    rows = list(Interaction.objects.order_by("pk"))
    assert read_words(rows[0]) == {"topic": "other", "tone": "neutral", "urgency": "calm"}
    for row in rows[:6]:
        customers.label_words(actor=boss, interaction=row, topic="价格", tone="favourable", urgency="soon")
    done = run()
    assert "洗车" in " ".join(done.report["learned"]["topic"]["价格"])
    assert figures(done)["价格"]["n"] == 41
    assert figures(done)["other"]["n"] == 301
    corrected = done.report["corrections"]
    assert (corrected["n"], corrected["topic"]["agreed"], corrected["topic"]["learned"]) == (6, 0.0, 1.0)
    assert corrected["tone"]["agreed"] == 0.0
    twin = Finding.objects.get(analysis_id=done.pk, customer_id=people[50].pk)
    assert (twin.value, (twin.detail or {})["urgency"]) == (90.0, 1)
    assert read_words(Interaction.objects.get(pk=rows[20].pk))["topic"] == "价格"
    customers.label_words(actor=boss, interaction=rows[0])
    assert VoiceLabel.objects.count() == 5
    for wrong in ({"tone": "angry"}, {"urgency": "yesterday"}, {"topic": "长" * 30}):
        with pytest.raises(ValidationError):
            customers.label_words(actor=boss, interaction=rows[0], **wrong)
    with pytest.raises(Interaction.DoesNotExist):
        customers.label_words(actor=shop.salesperson("wu", "interaction.record"), interaction=rows[0], tone="neutral")


def test_topics_are_edited_and_nonsense_is_refused_with_its_line() -> None:
    people, _run = crowd.scored()
    Interaction.objects.bulk_create([talk(one, "想办会员卡") for one in people[:40]])
    done = run(topics="会员： 会员卡，办卡\n\n 价格: 贵")
    assert [(row["topic"], row["n"]) for row in done.report["topics"]] == [("会员", 40)]
    assert KINDS["voice"].labels(done.report)["会员"] == "会员"
    boss = shop.analyst()
    for wrong in ("会员 会员卡", "会员:", "a: 贵\na: 便宜", "", "other: 贵"):
        with pytest.raises(ValidationError) as refused:
            actions.request_analysis(actor=boss, kind="voice", options={"topics": wrong})
        assert list(refused.value.message_dict) == ["topics"]


def test_few_words_are_too_few() -> None:
    people, _run = crowd.scored()
    Interaction.objects.bulk_create([talk(one, "好") for one in people[:29]])
    done = actions.run_analysis(actor=None, kind="voice", options={})
    assert (done.state, done.problem) == (RunState.FAILED, "too_little")


# topic, urgency; written beside the words, so this guards them and is no measure of quality
SENTENCES = """
这个价钱比别处贵不少|价格|calm
工时费怎么又涨价了|价格|calm
做一次多少钱，有折扣吗|价格|calm
换完刹车片还是有异响|质量效果|calm
刚修好的空调第二天又坏了|质量效果|soon
漆面有色差，要求返修|质量效果|calm
发动机舱漏油，车走不了|质量效果|soon
等了三个小时还没排到|等待时间|calm
交车拖延了一天|等待时间|calm
前台态度冷淡，问两句就不耐烦|服务态度|calm
小王很热情，一路陪着|服务态度|calm
师傅手艺好，讲解清楚|专业讲解|calm
技师不懂新能源，诊断错了|专业讲解|calm
休息室太吵，卫生也差|环境设施|calm
店里停车位太少|环境设施|calm
配件一直没到货，物流也查不到|交付物流|soon
发货发错了型号|交付物流|calm
发票抬头开错，要重开|账单发票|calm
押金什么时候退|账单发票|calm
要求退款，不然就投诉到12315|售后投诉|now
保修期内不给换货|售后投诉|calm
电话打不通，联系不上你们|预约联系|soon
想预约周六上午保养|预约联系|calm
朋友说别家便宜，打算去看看|竞争对手|calm
车险下个月到期，想续保|到期提醒|calm
年检什么时候能代办|到期提醒|calm
介绍朋友过来有礼品吗|推荐转介绍|calm
车里冒烟了，请马上来人|other|now
刹车失灵差点出事|other|now
再也不来了，换一家|other|now
急用车，今天必须修好|other|now
已经是第三次来处理同一个毛病|other|soon
今天天气不错|other|calm
最近在外地出差|other|calm
"""
SERVICE = [tuple(line.split("|")) for line in SENTENCES.strip().splitlines()]


def test_sentences_of_a_service_counter_are_put_where_a_person_would() -> None:
    texts = [text for text, _topic, _urgency in SERVICE]
    found = reading.topics_of(texts, topics.parsed(topics.STANDARD))
    urgency = reading.urgencies_of(texts, {})
    rightly = sum(a == b for a, (_text, b, _urgency) in zip(found, SERVICE, strict=True))
    assert rightly == 33
    assert urgency == [row[2] for row in SERVICE]
