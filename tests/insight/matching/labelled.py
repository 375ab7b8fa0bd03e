"""Customers with known duplicates: what people do to names and numbers, and strangers who look alike."""

import random

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英华玉兰红梅建国文志宇欣怡子轩浩然雨佳琪思远晨曦博俊峰慧雪婷玲莉鹏飞海燕春晓东亮辉龙云凤洁琳颖帆凯旋宁波鑫瑞祥德福康健永成家豪嘉诚梓涵诗"
HOMOPHONES = {"伟": "玮", "芳": "方", "娜": "那", "静": "婧", "丽": "莉", "强": "墙", "磊": "雷", "洋": "阳", "勇": "永", "艳": "燕", "杰": "洁", "明": "鸣", "超": "钞",
              "秀": "绣", "平": "萍", "英": "瑛", "玉": "钰", "兰": "蓝", "红": "虹", "建": "健", "文": "雯", "志": "智", "欣": "新", "轩": "宣", "浩": "昊", "雨": "宇", "佳": "嘉",
              "晨": "辰", "博": "柏", "俊": "峻", "峰": "锋", "慧": "惠", "婷": "亭", "鹏": "朋", "晓": "小", "辉": "晖", "凯": "铠", "鑫": "新", "涵": "含", "信": "鑫", "科": "柯",
              "达": "答", "盛": "圣", "恒": "衡", "源": "元", "泰": "太", "通": "同", "隆": "龙", "捷": "杰", "锐": "瑞", "宏": "弘", "兴": "星"}  # fmt: skip
TRADITIONAL = {
    "华": "華",
    "国": "國",
    "东": "東",
    "马": "馬",
    "陈": "陳",
    "张": "張",
    "刘": "劉",
    "赵": "趙",
    "吴": "吳",
    "杨": "楊",
    "黄": "黃",
    "龙": "龍",
    "贸": "貿",
    "电": "電",
    "业": "業",
    "机": "機",
}
CITIES = (
    "上海市",
    "北京市",
    "深圳市",
    "广州市",
    "杭州市",
    "苏州市",
    "南京市",
    "成都市",
    "武汉市",
    "西安市",
    "宁波市",
    "青岛市",
    "天津市",
    "重庆市",
    "长沙市",
    "郑州市",
)
PROVINCE = {
    "深圳市": "广东省",
    "广州市": "广东省",
    "杭州市": "浙江省",
    "苏州市": "江苏省",
    "南京市": "江苏省",
    "成都市": "四川省",
    "武汉市": "湖北省",
    "西安市": "陕西省",
    "宁波市": "浙江省",
    "青岛市": "山东省",
    "长沙市": "湖南省",
    "郑州市": "河南省",
}
SIGNS = "华信瑞达盛恒源泰通隆捷锐宏兴嘉鼎天海金银龙凤飞云星光明远博文创新世纪康安福德美佳乐友联合力诚正中和顺丰润泽凯旋腾跃鹏程万里青松翠竹蓝图红日东方启航智慧普惠思睿卓越优品特立拓展"
TRADES = (
    "科技",
    "贸易",
    "信息技术",
    "网络科技",
    "电子科技",
    "机械设备",
    "商贸",
    "实业",
    "建筑工程",
    "物流",
    "食品",
    "服饰",
    "医疗器械",
    "化工",
    "文化传媒",
    "物业管理",
    "汽车服务",
    "餐饮管理",
    "教育科技",
    "环保科技",
)
STREETS = (
    "人民路",
    "中山路",
    "解放路",
    "建设路",
    "和平路",
    "新华路",
    "长江路",
    "黄河路",
    "友谊路",
    "文化路",
    "科技大道",
    "世纪大道",
    "学院路",
    "滨江路",
)
CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
COLUMNS = ("name", "kind", "phone", "email", "code", "birthday", "address")


def labelled(size, seed=0, copies=0.15):
    """(columns, customer number of each record): `size` records, about a seventh of them second records of somebody."""
    rng = random.Random(seed)
    originals = round(size / (1 + copies))
    rows = []
    for number in range(originals):
        rows.append((_person(rng) if rng.random() < 0.6 else _company(rng), number))
    for _ in range(size // 50):  # relatives, branches, sister companies: alike, and not the same
        at = rng.randrange(originals)
        rows[at] = (_stranger_like(rng, rows[rng.randrange(originals)][0]), rows[at][1])
    while len(rows) < size:
        record, number = rows[rng.randrange(originals)]
        rows.append((_again(rng, record), number))
    rng.shuffle(rows)
    return {column: [record[column] for record, _ in rows] for column in COLUMNS}, [number for _, number in rows]


def true_pairs(numbers):
    """Rows of each customer, paired."""
    homes = {}
    for row, number in enumerate(numbers):
        homes.setdefault(number, []).append(row)
    return {(a, b) for rows in homes.values() for i, a in enumerate(rows) for b in rows[i + 1 :]}


def _maybe(rng, share, value):
    return value if rng.random() < share else ""


def _phone(rng):
    return rng.choice(("138", "139", "136", "150", "158", "186", "177", "199")) + f"{rng.randrange(10**8):08d}"


def _address(rng, city):
    return f"{city}{rng.choice(STREETS)}{rng.randrange(1, 999)}号" + (
        f"{rng.randrange(1, 30)}栋{rng.randrange(101, 2999)}室" if rng.random() < 0.7 else ""
    )


def _person(rng):
    weights = [1 / (place + 2) for place in range(len(SURNAMES))]
    given = "".join(rng.choices(GIVEN, [1 / (place + 9) for place in range(len(GIVEN))], k=rng.choices((1, 2), (0.25, 0.75))[0]))
    phone = _phone(rng)
    local = rng.choice(("", "a", "zw", "li")) + str(rng.randrange(10**7, 10**10))
    email = f"{local}@{rng.choice(('qq.com', '163.com', 'gmail.com', '126.com'))}"
    birthday = f"{rng.randrange(1950, 2008)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
    return {
        "name": rng.choices(SURNAMES, weights)[0] + given, "kind": "person", "phone": _maybe(rng, 0.93, phone),
        "email": _maybe(rng, 0.45, email), "code": "", "birthday": _maybe(rng, 0.6, birthday),
        "address": _maybe(rng, 0.4, _address(rng, rng.choice(CITIES))),
    }  # fmt: skip


def _company(rng):
    city = rng.choice(CITIES)
    sign = "".join(rng.choices(SIGNS, k=rng.choices((2, 3, 4), (0.55, 0.25, 0.2))[0]))
    phone = (
        _phone(rng)
        if rng.random() < 0.5
        else f"0{rng.choice(('21', '10', '755', '571', '28'))}{rng.randrange(2 * 10**7, 9 * 10**7)}"
    )
    return {
        "name": (PROVINCE.get(city, "") if rng.random() < 0.15 else "") + city + sign + rng.choice(TRADES) + rng.choice(("有限公司", "有限公司", "股份有限公司", "有限责任公司")),
        "kind": "organisation", "phone": _maybe(rng, 0.85, phone), "email": _maybe(rng, 0.3, f"{rng.choice(('info', 'sales', 'office'))}@{rng.randrange(10**6):06d}.cn"),
        "code": _maybe(rng, 0.5, "91" + "".join(rng.choices(CODE, k=16))), "birthday": "", "address": _maybe(rng, 0.5, _address(rng, city)),
    }  # fmt: skip


def _stranger_like(rng, one):
    """Somebody else with much in common: a relative, a namesake, a branch, a sister company, a firm in the same building."""
    if one["kind"] == "person":
        other = _person(rng)
        if rng.random() < 0.6:  # family: the phone, the address, the surname
            return other | {"name": one["name"][0] + other["name"][1:], "phone": one["phone"], "address": one["address"]}
        return other | {"name": one["name"], "phone": other["phone"] or _phone(rng)}
    other, city = _company(rng), one["name"][:3]
    body = one["name"].split("市", 1)[-1]
    kind = rng.randrange(4)
    if kind == 0:
        return other | {"name": one["name"] + rng.choice([c for c in CITIES if c != city])[:-1] + "分公司"}
    if kind == 1:
        return other | {"name": rng.choice([c for c in CITIES if c not in one["name"]]) + body}
    if kind == 2:
        sign = body[:2]
        return other | {
            "name": one["name"].split("市", 1)[0] + "市" + sign + rng.choice([t for t in TRADES if t not in body]) + "有限公司"
        }
    return other | {"phone": one["phone"], "address": one["address"]}


def _again(rng, record):
    """The same customer, entered by somebody else at another time."""
    copy = dict(record)
    copy["name"] = (_person_again if record["kind"] == "person" else _company_again)(rng, record["name"])
    changed = rng.random()
    if copy["phone"]:
        if changed < 0.12:
            copy["phone"] = _phone(rng)
        elif changed < 0.18:
            copy["phone"] = _slip(rng, copy["phone"])
        elif changed < 0.3:
            copy["phone"] = ""
        elif changed < 0.5:
            copy["phone"] = (
                "+86 " + copy["phone"].lstrip("0") if rng.random() < 0.5 else copy["phone"][:3] + "-" + copy["phone"][3:]
            )
        elif changed < 0.56:
            copy["phone"] = f"{copy['phone']} / {_phone(rng)}"
    for column, lost, wrong in (("email", 0.3, 0.06), ("code", 0.2, 0.04), ("birthday", 0.25, 0.05), ("address", 0.3, 0.2)):
        if copy[column] and rng.random() < lost:
            copy[column] = ""
        elif copy[column] and rng.random() < wrong:
            copy[column] = _slip(rng, copy[column]) if column != "address" else copy[column].replace("市", "").replace("号", "弄")
    if not any(copy[c] and copy[c] == record[c] for c in ("phone", "email", "code", "birthday")) and rng.random() < 0.9:
        copy |= {c: record[c] for c in ("phone", "code", "birthday")}  # few have nothing in common but a name
    return copy


def _slip(rng, text):
    at = rng.randrange(len(text) - 4, len(text) - 1)
    if rng.random() < 0.4:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + rng.choice("0123456789") + text[at + 1 :] if text[at].isdigit() else text[:at] + "X" + text[at + 1 :]


def _person_again(rng, name):
    kind = rng.random()
    if kind < 0.7:
        return name
    if kind < 0.78:
        return "".join(HOMOPHONES.get(one, one) if place else one for place, one in enumerate(name))
    if kind < 0.85:
        return "".join(TRADITIONAL.get(one, one) for one in name)
    if kind < 0.9:
        return name[0] + " " + name[1:] + rng.choice(("先生", "女士", ""))
    if kind < 0.93:
        return name[0] + rng.choice(("先生", "女士", "总"))
    if kind < 0.96 and len(name) > 2:
        return name[:-1] + rng.choice(GIVEN)
    return name + rng.choice(("（老客户）", "(重复)", " "))


def _company_again(rng, name):
    kind = rng.random()
    if kind < 0.3 or name.endswith("分公司"):
        return name
    place, _, body = name.rpartition("市")
    body = body.replace("股份有限公司", "").replace("有限责任公司", "").replace("有限公司", "")
    form = next(f for f in ("股份有限公司", "有限责任公司", "有限公司") if name.endswith(f))
    city = place[-2:]
    if kind < 0.42:
        return body + form
    if kind < 0.54:
        return city + body
    if kind < 0.64:
        return f"{body}（{city}）{form}"
    if kind < 0.72:
        return "".join(TRADITIONAL.get(one, one) for one in name)
    if kind < 0.8:
        return place + "市" + "".join(HOMOPHONES.get(one, one) for one in body) + form
    if kind < 0.88:
        trade = next((t for t in TRADES if body.endswith(t)), "")
        return (city if rng.random() < 0.5 else "") + body.removesuffix(trade)
    if kind < 0.94:
        at = rng.randrange(len(body))
        return place + "市" + body[:at] + rng.choice(SIGNS) + body[at + 1 :] + form
    return name.replace("有限公司", "有限公司 ") + rng.choice(("", "（停用）"))
