"""What the library says of a file or of too little data, in Chinese. The library speaks English; who reads the terminal may not.

The sentences are found by their English form, `{}` for what changes; a test holds that none of the library's is missing.
"""

import re
from functools import cache

SENTENCES = {
    # files
    "{}: {}": "{}：{}",
    "{} is empty": "{} 是空文件",
    "{} is a spreadsheet or archive; save it as CSV first": "{} 是表格或压缩文件，请先另存为 CSV",
    "{}, row {}: the text is neither UTF-8 nor GBK": "{} 第 {} 行：文字既不是 UTF-8 也不是 GBK 编码",
    "{}, row {}: there is a NUL byte; this is no text file, or a damaged one":
        "{} 第 {} 行：含有 NUL 字节，不是文本文件或文件已损坏",
    "{} is not a readable Parquet file: {}": "{} 不是可读取的 Parquet 文件：{}",
    "{} is not a readable Parquet file": "{} 不是可读取的 Parquet 文件",
    "{}: {} cannot read it as Parquet: {}": "{}：{} 无法按 Parquet 读取：{}",
    "{}: the result can be written as .csv or .parquet": "{}：结果只能写成 .csv 或 .parquet",
    "the file has no rows": "文件没有数据行",
    "the file has no rows below its header": "表头之下没有数据行",
    "two columns have the same name; the first row must name the columns": "有两列同名；第一行应为各列的名称",
    "row {}: {} columns instead of {}": "第 {} 行：有 {} 列，应为 {} 列",
    "row {}: {} is not a date (year first, or give --date-format)":
        "第 {} 行：{} 不是日期（年份在前，或用 --date-format 指定格式）",
    "row {}: {} is not an amount": "第 {} 行：{} 不是金额",
    "line {}: {} is not a {}": "第 {} 行：{} 无法识别（应为 {}）",
    "and {} more": "另有 {} 处",
    # columns
    "customer, date and amount are needed; say which columns with --map customer=1,date=2,amount=3 (found: {})":
        "需要客户、日期、金额三列；请用 --map customer=1,date=2,amount=3 指明（文件中有：{}）",
    "{} is needed; say which column with --map (found: {})": "缺少 {}；请用 --map 指明是哪一列（文件中有：{}）",
    "a column of names is needed; say which with --map name=1,phone=2 (found: {})":
        "需要一列名称；请用 --map name=1,phone=2 指明（文件中有：{}）",
    "--map: {} is not one of {} = column": "--map：{} 应写成“{} = 列”之一",
    "--map: there is no column {}; the file has {}": "--map：没有第 {} 列，文件共 {} 列",
    "--map: there is no column {}; there are: {}": "--map：没有名为 {} 的列；文件中有：{}",
    "column {} is missing; there are: {}": "缺少列 {}；现有：{}",
    "column 'name' is missing; there are: {}": "缺少列 name；现有：{}",
    "column {} is none of {}": "列 {} 不在以下之中：{}",
    "there is no column {}; there are: {}": "没有名为 {} 的列；现有：{}",
    "the columns differ in length: {}": "各列长度不一：{}",
    "row {}: {} is missing": "第 {} 行：缺少 {}",
    "row {}: weight must be positive": "第 {} 行：权重必须大于 0",
    "no row has a customer, a date and an amount": "没有一行同时有客户、日期和金额",
    "no line has a customer, a product and a date": "没有一行同时有客户、商品和日期",
    "{} must be numbers": "{} 必须是数字",
    "{} must hold two values, not {}: {}": "{} 应只有两种取值，现有 {} 种：{}",
    "the label must hold two values, not {}: {}": "标签列应只有两种取值，现有 {} 种：{}",
    # engines and settings
    "the engine must be duckdb or the master of a Spark cluster, not {}": "引擎应为 duckdb 或 Spark 集群的主节点，而不是 {}",
    "Spark needs the package pyspark and Java 17; see requirements/spark.txt":
        "Spark 需要安装 pyspark 和 Java 17，见 requirements/spark.txt",
    "threshold must be between 0 and 1, not {}": "阈值应在 0 与 1 之间，而不是 {}",
    "largest_block must be at least 2, not {}": "largest_block 至少为 2，而不是 {}",
    "support must be above 0 and at most 1, confidence from 0 to 1, max_size at least 2":
        "支持度应大于 0 且不超过 1，置信度在 0 到 1 之间，max_size 至少为 2",
    "the hold-out must end after the calibration ({}), not on {}": "检验期须晚于学习期末（{}），不能是 {}",
    # too little data
    "there is no customer": "没有客户",
    "there is no transaction": "没有交易",
    "nobody bought anything until {}": "截至 {} 没有任何购买",
    "no customer bought again: there is nothing to learn a rate of return from": "没有客户再次购买，无从学习回购频率",
    "all ages are zero: no time has passed": "所有客户的观察时长为零：还没有经过时间",
    "nobody bought: there is nothing to learn from": "无人购买，无从学习",
    "nobody left: there is no churn to learn from": "无人流失，无从学习流失",
    "only {} customers spent something at a repeat purchase; ten are needed": "只有 {} 位客户在回购时有消费，至少需要 10 位",
    "at least {} must have left and as many stayed": "流失与留下的客户各需至少 {} 位",
    "at least {} rows of each outcome are needed": "每种结果至少需要 {} 行",
    "in each group at least {} must have done it and as many not": "每组中做了与没做的客户各需至少 {} 位",
    "{} complete rows are too few for {} attributes": "只有 {} 行完整数据，不足以分析 {} 个因素",
    "there is no complete pair of answers": "没有一对完整的回答",
    "nobody answered questions of half the weight": "没有人回答到一半权重的问题",
    "there is no answer": "没有回答",
    "there is no first year in which something was bought": "没有客户在首年有购买",
    "there is no confirmed pair to learn from": "没有已确认的重复对可供学习",
    "a confirmed pair names a row outside 0 … {}": "已确认的重复对指向了 0 … {} 之外的行",
    "at least two products are needed": "至少需要两种商品",
    "fewer than {} purchases in the last {} days by customers known before": "已有客户的购买不足 {} 次（最近 {} 天）",
    "no customer known at the cut bought anything in the days after it": "截止日已有的客户在其后没有任何购买",
    "fewer than {} intervals between purchases": "购买间隔不足 {} 个",
    "there are too few labelled texts for a hold-out": "带标签的文本太少，无法留出一部分做检验",
    "at least {} texts of each label are needed": "每种标签至少需要 {} 条文本",
    "at least {} whole {}s of history are needed": "至少需要 {} 个完整周期（{}）的历史",
    "at least {} days with orders are needed": "至少需要 {} 个有订单的日子",
    "more customers must have left than there are features, and each feature must vary":
        "流失客户数须多于特征数，且每个特征要有变化",
    "the data do not determine how much each feature counts: leave features out, or give l2":
        "数据不足以确定各特征的作用：请减少特征，或指定 l2",
    "there are fewer different customers than the {} segments asked for: n_samples = {}":
        "不同的客户少于要分的 {} 群（共 {} 行）",
    "there are fewer different customers than {} segments can be judged by": "不同的客户太少，无法评判 {} 群",
    "the customers form one segment only": "客户只成一群，分不开",
    "there is no column to segment by": "没有可用来分群的列",
    "there is no attribute": "没有因素可分析",
    "{} is the same in all rows": "{} 在所有行中都相同",
    "good and bad must both occur": "好与坏两种结果都须出现",
    "no characteristic tells good from bad": "没有特征能区分好坏",
    "there must be at least one feature, all of one length": "至少需要一个特征，且各特征行数相同",
    "treated and outcome must be 0 or 1": "是否行动与结果只能是 0 或 1",
    "row {}: duration must not be negative, and left must be 0 or 1": "第 {} 行：时长不能为负，是否离开只能是 0 或 1",
    "{}: row {} is infinite": "{}：第 {} 行为无穷大",
    "{} has no value": "{} 没有任何值",
}  # fmt: skip


def in_chinese(text: str) -> str:
    """What is not known here stays as it is. Wrong rows are told one after the other."""
    parts = text.split("; ")
    several = all(part.startswith(("row ", "line ", "and ")) for part in parts)
    return "；".join(map(_translated, parts)) if several else _translated(text)


def _translated(text: str) -> str:
    for pattern, chinese in _patterns():
        if found := pattern.fullmatch(text):
            return chinese.format(*found.groups())
    return text


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Those with the most fixed words first, so that the general ones take what is left."""
    ordered = sorted(SENTENCES.items(), key=lambda pair: -len(pair[0].replace("{}", "")))
    return [(re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.DOTALL), chinese) for english, chinese in ordered]
