"""Files of a made-up company of any size: customers with Chinese names, and their orders over three years."""

import datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

SURNAMES = list("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈")
GIVEN = list(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉萍红建国志文辉力斌波宁贵福生龙元全胜学祥才发武新利清飞彬富顺信子昌成康星光天达安岩中茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆民友裕河哲江浩亮政谦亨奇固之轮翰朗伯宏言若鸣朋栋维启克伦翔旭鹏泽晨辰士以家致树炎德行时泰盛雄琛钧冠策腾榕风航弘"
)
REGIONS = ["浙江杭州", "浙江宁波", "江苏南京", "江苏苏州", "上海", "广东深圳", "广东广州", "四川成都", "湖北武汉", "北京"]
LAST = datetime.date(2026, 6, 30)
DAYS = 3 * 365


def customers(path: Path, count: int, owners: int, rng: np.random.Generator) -> None:
    surname = np.array(SURNAMES)[rng.integers(0, len(SURNAMES), count)]
    first, second = (np.array(GIVEN)[rng.integers(0, len(GIVEN), count)] for _ in range(2))
    second[rng.random(count) < 0.25] = ""
    table = pa.table(
        {
            "客户编号": pa.array(np.char.add("C", np.char.zfill(np.arange(1, count + 1).astype(str), 8))),
            "客户姓名": pa.array(np.char.add(np.char.add(surname, first), second)),
            "手机号": pa.array((13_000_000_000 + rng.permutation(6_999_999_999 // 700)[:count].astype(np.int64) * 641).astype(str)),
            "地区": pa.array(np.array(REGIONS)[rng.integers(0, len(REGIONS), count)]),
            "负责人": pa.array(np.char.add("sales", rng.integers(1, owners + 1, count).astype(str))),
        }
    )
    _write(table, path)


def orders(
    path: Path, count: int, of_customers: int, rng: np.random.Generator, *, first_no: int = 1, on: datetime.date | None = None
) -> None:
    """About `count` orders, as the published models have it: everybody has their own rate of buying, and their own chance of
    leaving after each order. With `on` all are of that day."""
    if on is None:
        customer, day = _bought(count, of_customers, rng)
    else:
        customer, day = rng.integers(0, of_customers, count), np.full(count, (on - LAST).days + DAYS)
    count, date = len(customer), np.datetime64(LAST) - DAYS + day
    spend = np.exp(rng.normal(4.5, 0.5, of_customers))[customer]
    table = pa.table(
        {
            "客户编号": pa.array(np.char.add("C", np.char.zfill((customer + 1).astype(str), 8))),
            "订单号": pa.array(np.char.add("N", (first_no + np.arange(count)).astype(str))),
            "下单时间": pa.array(date.astype("datetime64[D]")),
            "实付金额": pa.array(np.round(spend * rng.gamma(4, 0.25, count), 2)),
        }
    )
    _write(table, path)


def _bought(count: int, of_customers: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Customer (from 0) and day (from 0) of about `count` orders in the order of the file. The rate that gives so many is found
    on a few customers first."""
    low, high = 1e-3, 10.0
    for _ in range(20):
        pace = (low * high) ** 0.5
        few = len(_lives(2000, pace, np.random.default_rng(1))[0]) / 2000
        low, high = (pace, high) if few < count / of_customers else (low, pace)
    customer, day = _lives(of_customers, pace, rng)
    order = np.argsort(day, kind="stable")
    return customer[order], day[order]


def _lives(of_customers: int, pace: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """BG/NBD: rates are gamma, chances of leaving are beta. `pace`: orders a day of the average customer."""
    rate, leaving = rng.gamma(0.8, pace / 0.8, of_customers), rng.beta(0.9, 8.0, of_customers)
    here, time = np.arange(of_customers), rng.uniform(0, DAYS - 30, of_customers)
    customers, days = [here], [time]
    while len(here):
        stays = rng.random(len(here)) >= leaving[here]
        time = time[stays] + rng.exponential(1, int(stays.sum())) / rate[here[stays]]
        here = here[stays][time <= DAYS]
        time = time[time <= DAYS]
        customers.append(here)
        days.append(time)
    return np.concatenate(customers), np.concatenate(days).astype(int)


def _write(table: pa.Table, path: Path) -> None:
    connection = duckdb.connect()
    connection.register("rows", table)
    connection.execute(f"COPY rows TO '{path}' (HEADER)")
