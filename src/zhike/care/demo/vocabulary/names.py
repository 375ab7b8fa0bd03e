"""Surnames as frequent as in eastern China, given names as parents of each decade chose them."""

from zhike.care.demo.dice import Dice

_SURNAMES = (
    "王 660 陈 640 张 610 李 590 徐 330 周 300 吴 290 杨 260 朱 250 刘 250 林 220 黄 210 沈 210 胡 190 赵 190 叶 180 金 180 郑 170 "
    "何 160 孙 150 马 130 俞 120 章 110 许 110 陆 110 方 105 蒋 100 施 95 钱 92 姚 90 潘 90 楼 60 丁 88 余 88 傅 80 罗 80 郭 78 "
    "夏 76 毛 74 董 72 程 70 范 70 汪 68 谢 66 钟 64 戴 62 邵 60 童 40 宋 60 梁 56 邱 50 倪 48 屠 24 唐 50 袁 48 冯 48 高 55 "
    "于 40 曹 48 魏 42 顾 42 严 42 杜 38 苏 38 吕 40 任 36 姜 40 崔 22 卢 34 石 30 孔 22 江 34 史 24 骆 24 褚 20 费 16 凌 20 "
    "裘 14 柴 16 应 30 虞 24 洪 34 葛 30 祝 26 华 24 田 30 邓 34 曾 34 彭 36 肖 34 蔡 50 谭 24 贾 24 白 22 孟 20 熊 20 秦 22 "
    "尹 18 薛 20 阮 22 段 14 雷 14 侯 16 龙 12 陶 24 黎 10 贺 14 郝 12 龚 20 万 16 武 10 莫 10 向 8 汤 20 温 14 盛 18 "
    "单 12 郦 8 诸葛 5 欧阳 6 司徒 2 上官 2"
).split()
SURNAMES = _SURNAMES[::2]
SURNAME_WEIGHTS = [float(weight) for weight in _SURNAMES[1::2]]

_WHOLE = {
    ("m", 1950): "建国 国强 志明 建华 德明 永康 国平 水根 阿根 荣华 金龙 志良 福根 建平 正祥 新民 卫国 宝根 国良 文忠 炳荣 长根",
    ("m", 1970): "伟 勇 军 斌 强 建军 志刚 永刚 国庆 海峰 卫东 建明 立新 晓明 剑波 志强 海波 伟明 建峰 国华 利民 晓峰 文斌 伟民",
    ("m", 1980): "磊 鹏 超 杰 涛 浩 凯 波 晓东 俊 峰 亮 海滨 建波 志伟 晨 佳伟 晓波 文杰 云飞 旭东 一鸣 俊峰 立峰 国栋 少华",
    ("m", 1990): "浩 宇 子豪 俊杰 浩然 天宇 泽宇 嘉伟 文博 志远 晨阳 昊天 佳豪 宇航 思远 梓轩 逸飞 家豪 鑫 铭 睿 振宇 俊豪 一帆",
    ("f", 1950): "秀英 桂兰 玉珍 凤英 彩娟 月英 阿珍 美娟 秀珍 雅琴 菊芬 水仙 爱珍 月琴 素珍 惠芬 招娣 文娟 根娣 玉兰 秋菊 金凤",
    ("f", 1970): "敏 静 丽 芳 燕 霞 红 丽萍 建芬 海燕 晓红 亚萍 雪琴 丽华 红梅 美芳 彩霞 晓燕 文英 国芳 小红 雅芬 慧琴 春燕",
    ("f", 1980): "婷 娜 雪 娟 佳 颖 洁 莹 琳 晶晶 丹 倩 丽娜 晓娟 莉 佩佩 雯 亚男 燕飞 海霞 晓静 文静 小燕 露 璐 艳",
    (
        "f",
        1990,
    ): "雨婷 思雨 欣怡 梦 婷婷 佳怡 雅婷 思琪 梦婷 诗雨 嘉怡 雨晴 子涵 欣 怡 晨曦 若琳 佳琪 雨欣 依依 静怡 诗涵 梦瑶 可欣",
}
_FIRST = {
    "m": "建志国文永海立晓俊天子嘉浩一思宇泽伟明正家新振德卓云少鸿景承启",
    "f": "晓雅美文丽海佳雨思欣梦诗静慧亚玉春秋小若可依雪秀婉清婷嘉语芷",
}
_SECOND = {
    "m": "峰杰波军华明强辉东飞鹏平斌刚林豪轩航远博宁阳晨凯翔磊良松超彬",
    "f": "芳娟燕萍红霞琴英婷怡琪涵瑶欣琳洁莹倩颖雯璐丹月芬莉娜妍静彤岚",
}


def decade_of(birth_year: int) -> int:
    if birth_year < 1966:
        return 1950
    return 1970 if birth_year < 1978 else 1980 if birth_year < 1990 else 1990


GIVEN = {key: text.split() for key, text in _WHOLE.items()}


def surname(dice: Dice) -> str:
    return dice.weighted(SURNAMES, SURNAME_WEIGHTS)


def given(dice: Dice, sex: str, birth_year: int) -> str:
    """Mostly put together from the characters of the time, as names are; sometimes one of its favourites."""
    if dice.chance(0.45):
        return dice.one(GIVEN[sex, decade_of(birth_year)])
    first, second = dice.one(_FIRST[sex]), dice.one(_SECOND[sex])
    return first + second if first != second else second
