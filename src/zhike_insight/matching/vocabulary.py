"""Words that stand in the names of companies and people."""

# legal forms
FORMS = tuple(
    """
    有限责任公司 股份有限公司 集团有限公司 控股有限公司 集团股份有限公司 集团有限责任公司 有限公司 责任公司
    股份公司 集团公司 总公司 公司 股份 集团 控股 有限 个体工商户
""".split()
)
# what a company does; the longer first where one ends with another
TRADES = tuple(
    """
    信息技术 信息科技 网络科技 网络技术 电子科技 电子商务 生物科技 智能科技 计算机技术 软件技术 软件开发 新材料
    新能源 企业管理咨询 企业管理 管理咨询 文化传媒 文化传播 广告传媒 供应链管理 供应链 进出口贸易 进出口 国际贸易
    国际物流 医疗器械 医药科技 机械设备 机械制造 机电设备 建筑工程 建筑装饰 装饰工程 装饰设计 房地产开发 房地产
    物业管理 物业服务 汽车销售服务 汽车服务 汽车销售 汽车维修 汽车配件 人力资源 旅行社 餐饮管理 餐饮服务 酒店管理
    教育科技 教育咨询 环保科技 投资管理 资产管理 农业科技 农业发展 自动化设备 自动化 五金制品 塑料制品 食品贸易
    律师事务所 会计师事务所 事务所 科技 技术 信息 网络 软件 电子 电器 电气 机电 机械 设备 仪器 仪表 贸易 商贸 商业
    实业 工贸 工业 制造 建筑 建设 建材 工程 装饰 设计 物流 运输 货运 快递 仓储 食品 饮料 餐饮 酒店 酒业 茶业 服饰
    服装 纺织 鞋业 医药 药业 医疗 制药 生物 化工 化学 材料 塑料 橡胶 五金 金属 钢铁 模具 包装 印刷 纸业 家具 家居
    咨询 管理 投资 资本 金融 保险 担保 租赁 传媒 文化 广告 影视 教育 培训 旅游 体育 汽车 汽配 置业 地产 物业 能源
    电力 光电 通信 通讯 环保 环境 园林 农业 农牧 水产 畜牧 种业 国际 发展 服务 销售 商城 超市 百货 珠宝 化妆品 美容
    玩具 照明 智能 数据 半导体 航空 船舶 矿业 工厂 商行 经营部 工作室 中心 厂 店
""".split()
)
ENGLISH_FORMS = frozenset(
    """
    co ltd limited inc incorporated llc corp corporation company gmbh ag plc sa bv pte pty group holdings holding
    the and
""".split()
)
# tells nothing without the place before it
GENERIC = frozenset(
    """
    银行 大学 学院 医院 啤酒 机场 地铁 公交 日报 电视台 石化 石油 钢铁 煤炭 烟草 邮政 铁路 师范大学 理工大学
    人民医院 中医院 农商银行
""".split()
)
# words that end like the name of a town
NO_TOWN = frozenset(
    """
    城市 超市 都市 集市 夜市 股市 上市 门市 花市 菜市 书市 小区 社区 园区 景区 校区 库区
""".split()
)
# surnames of two characters
COMPOUND = frozenset(
    """
    欧阳 司马 上官 诸葛 司徒 东方 独孤 南宫 夏侯 皇甫 尉迟 公孙 慕容 长孙 宇文 令狐 澹台 公冶 申屠 太史 钟离 轩辕
    闻人 西门 东郭 端木 百里 呼延 拓跋 万俟 濮阳 淳于 单于 完颜 赫连 司空
""".split()
)
# in pinyin, to know which of two words is the surname
COMMON_SURNAMES = frozenset(
    """
    wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng xie han
    tang feng yu dong xiao cheng cao yuan deng fu shen zeng peng lu su jiang cai jia ding xue ye yan pan du dai xia
    zhong tian ren fan fang shi yao tan liao zou xiong jin hao kong bai cui kang mao qiu qin gu hou shao meng long
    wan duan lei qian yin yi chang wen
""".split()
)
ENGLISH_TITLE = frozenset(
    """
    mr mrs ms miss dr prof
""".split()
)
