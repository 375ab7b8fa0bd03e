"""The chain, its shops and the people who work there."""

ROOT = "顺途养车"
REGIONS = {"杭州": "杭州区域", "宁波": "宁波区域"}
SHOPS: list[
    tuple[str, str, str, float, int]
] = [  # name, code, city, share of customers, opened months before as_of (0: before all)
    ("文三路店", "WS", "杭州", 0.24, 0),
    ("滨江店", "BJ", "杭州", 0.20, 0),
    ("拱宸桥店", "GC", "杭州", 0.15, 0),
    ("萧山店", "XS", "杭州", 0.12, 25),
    ("鄞州店", "YZ", "宁波", 0.18, 0),
    ("海曙店", "HS", "宁波", 0.11, 15),
]
ROLES: dict[str, tuple[str, str]] = {  # role → row scope, clearance
    "总经理": ("all", "secret"),
    "市场专员": ("all", "internal"),
    "客服专员": ("all", "confidential"),
    "区域经理": ("department_below", "confidential"),
    "店长": ("department", "confidential"),
    "客户经理": ("own", "confidential"),
}
# name, username, position, role, where, joined (months before as_of), left (months before as_of, or -1), skills
PEOPLE: list[tuple[str, str, str, str, str, int, int, str]] = [
    ("郑海峰", "zhenghaifeng", "总经理", "总经理", ROOT, 96, -1, "经营"),
    ("陆雅琴", "luyaqin", "市场主管", "市场专员", ROOT, 52, -1, "活动策划 短视频"),
    ("许倩", "xuqian", "客服专员", "客服专员", ROOT, 31, -1, "投诉处理"),
    ("陈立峰", "chenlifeng", "区域经理", "区域经理", "杭州区域", 74, -1, "门店管理 钣喷"),
    ("施国平", "shiguoping", "区域经理", "区域经理", "宁波区域", 61, -1, "门店管理 轮胎"),
    ("王建波", "wangjianbo", "店长", "店长", "文三路店", 66, -1, "机电 保养"),
    ("俞晓燕", "yuxiaoyan", "服务顾问", "客户经理", "文三路店", 45, -1, "保养 新能源"),
    ("周磊", "zhoulei", "服务顾问", "客户经理", "文三路店", 22, -1, "钣喷"),
    ("徐佳怡", "xujiayi", "服务顾问", "客户经理", "文三路店", 9, -1, "洗美"),
    ("沈国华", "shenguohua", "店长", "店长", "滨江店", 58, -1, "保养 轮胎"),
    ("林倩倩", "linqianqian", "服务顾问", "客户经理", "滨江店", 37, -1, "洗美 保险"),
    ("方志远", "fangzhiyuan", "服务顾问", "客户经理", "滨江店", 13, -1, "新能源"),
    ("章美芳", "zhangmeifang", "服务顾问", "客户经理", "滨江店", 28, -1, "企业客户"),
    ("胡斌", "hubin", "店长", "店长", "拱宸桥店", 49, -1, "机电"),
    ("叶静", "yejing", "服务顾问", "客户经理", "拱宸桥店", 33, -1, "保养"),
    ("蒋浩然", "jianghaoran", "服务顾问", "客户经理", "拱宸桥店", 7, -1, "轮胎"),
    ("金卫东", "jinweidong", "店长", "店长", "萧山店", 40, -1, "钣喷 保险"),
    ("楼晓静", "louxiaojing", "服务顾问", "客户经理", "萧山店", 24, -1, "保养"),
    ("董一帆", "dongyifan", "服务顾问", "客户经理", "萧山店", 11, -1, "洗美"),
    ("何丽萍", "heliping", "店长", "店长", "鄞州店", 55, -1, "保养 年检"),
    ("童俊杰", "tongjunjie", "服务顾问", "客户经理", "鄞州店", 29, -1, "企业客户 轮胎"),
    ("傅欣", "fuxin", "服务顾问", "客户经理", "鄞州店", 18, -1, "洗美"),
    ("毛立新", "maolixin", "店长", "店长", "海曙店", 34, -1, "机电"),
    ("戴雨婷", "daiyuting", "服务顾问", "客户经理", "海曙店", 15, -1, "保养"),
    ("潘振宇", "panzhenyu", "服务顾问", "客户经理", "海曙店", 5, -1, "新能源"),
    ("丁勇", "dingyong", "服务顾问", "客户经理", "文三路店", 50, 10, "保养"),
    ("夏红梅", "xiahongmei", "服务顾问", "客户经理", "滨江店", 47, 14, "保养"),
    ("汪超", "wangchao", "服务顾问", "客户经理", "拱宸桥店", 41, 8, "轮胎"),
    ("邵文斌", "shaowenbin", "服务顾问", "客户经理", "鄞州店", 44, 19, "机电"),
]
