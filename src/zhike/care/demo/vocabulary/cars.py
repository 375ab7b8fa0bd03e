"""The cars of the two cities: what people drive, and what that makes of oil, tyres and paint."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    brand: str
    name: str
    level: int  # 1 economy, 2 middle, 3 premium
    tyre: str  # code of its tyre in the catalogue
    electric: bool = False


_ROWS: list[tuple[float, str, str, int, str, bool]] = [
    (60, "大众", "朗逸", 1, "LT-02", False),
    (38, "大众", "帕萨特", 2, "LT-03", False),
    (30, "大众", "途观L", 2, "LT-04", False),
    (24, "大众", "速腾", 1, "LT-02", False),
    (46, "丰田", "卡罗拉", 1, "LT-02", False),
    (36, "丰田", "凯美瑞", 2, "LT-03", False),
    (34, "丰田", "RAV4荣放", 2, "LT-04", False),
    (18, "丰田", "汉兰达", 2, "LT-04", False),
    (30, "本田", "思域", 1, "LT-02", False),
    (26, "本田", "雅阁", 2, "LT-03", False),
    (32, "本田", "CR-V", 2, "LT-04", False),
    (44, "日产", "轩逸", 1, "LT-01", False),
    (22, "日产", "天籁", 2, "LT-03", False),
    (24, "别克", "英朗", 1, "LT-01", False),
    (30, "别克", "GL8", 2, "LT-04", False),
    (28, "吉利", "帝豪", 1, "LT-01", False),
    (30, "吉利", "星越L", 2, "LT-04", False),
    (24, "领克", "03", 2, "LT-03", False),
    (26, "长安", "CS75", 1, "LT-04", False),
    (24, "哈弗", "H6", 1, "LT-04", False),
    (20, "奇瑞", "瑞虎8", 1, "LT-04", False),
    (18, "现代", "伊兰特", 1, "LT-01", False),
    (16, "福特", "蒙迪欧", 2, "LT-03", False),
    (12, "马自达", "昂克赛拉", 1, "LT-02", False),
    (28, "奥迪", "A4L", 3, "LT-03", False),
    (20, "奥迪", "A6L", 3, "LT-05", False),
    (16, "奥迪", "Q5L", 3, "LT-05", False),
    (28, "宝马", "3系", 3, "LT-03", False),
    (20, "宝马", "5系", 3, "LT-05", False),
    (12, "宝马", "X3", 3, "LT-05", False),
    (24, "奔驰", "C级", 3, "LT-03", False),
    (18, "奔驰", "E级", 3, "LT-05", False),
    (14, "奔驰", "GLC", 3, "LT-05", False),
    (12, "沃尔沃", "XC60", 3, "LT-05", False),
    (8, "雷克萨斯", "ES", 3, "LT-03", False),
    (4, "保时捷", "Macan", 3, "LT-05", False),
    (34, "比亚迪", "秦PLUS", 1, "LT-02", True),
    (26, "比亚迪", "宋PLUS", 2, "LT-04", True),
    (18, "比亚迪", "汉", 2, "LT-05", True),
    (22, "特斯拉", "Model 3", 3, "LT-05", True),
    (24, "特斯拉", "Model Y", 3, "LT-05", True),
    (10, "极氪", "001", 3, "LT-05", True),
    (10, "小鹏", "P7", 2, "LT-05", True),
    (12, "理想", "L7", 3, "LT-05", True),
    (10, "埃安", "AION S", 1, "LT-02", True),
]
MODELS = [Model(brand, name, level, tyre, electric) for _, brand, name, level, tyre, electric in _ROWS]
WEIGHTS = [row[0] for row in _ROWS]
HAILING = [model for model in MODELS if model.name in ("秦PLUS", "AION S", "轩逸", "卡罗拉", "朗逸")]
VANS = [
    Model("五菱", "宏光", 1, "LT-01"),
    Model("福特", "全顺", 2, "LT-04"),
    Model("江淮", "瑞风", 1, "LT-04"),
    Model("金杯", "海狮", 1, "LT-04"),
]
COMPANY_CARS = [model for model in MODELS if model.name in ("GL8", "帕萨特", "A6L", "凯美瑞", "朗逸", "汉兰达")]
COLOURS = "白 白 白 黑 黑 灰 银 蓝 红 棕".split()
