"""What a column can mean, and the words people put above it."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Meaning:
    code: str
    label: str | Promise
    kinds: str  # "c" customers, "o" orders, "a" answers
    words: str  # as they stand above columns, without spaces, lower case


MEANINGS = (
    Meaning(
        "number",
        _("customer number"),
        "coa",
        "客户编号 客户号 客户编码 客户代码 客户id 会员id 会员编号 顾客编号 顾客id 用户id 用户编号 买家id 卡号 "
        "编号 customerid customerno customernumber custid customer customercode clientid userid memberid "
        "buyerid accountid id 客户标识 客户 account",
    ),
    Meaning(
        "name",
        _("customer name"),
        "coa",
        "客户名称 客户姓名 姓名 名称 名字 客户名 顾客姓名 会员姓名 联系人姓名 收货人 收件人 收货人姓名 "
        "买家姓名 公司 公司名称 单位名称 企业名称 用户名 name customername fullname clientname buyername "
        "company companyname accountname 车主 车主姓名 业主 业主姓名 投保人",
    ),
    Meaning(
        "phone",
        _("phone"),
        "coa",
        "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 移动电话 客户手机 客户电话 会员手机 收货人手机 "
        "收货人电话 买家手机 手机1 phone mobile telephone tel phonenumber mobilephone cellphone cell mobileno "
        "phoneno contactphone",
    ),
    Meaning(
        "email",
        _("e-mail address"),
        "coa",
        "邮箱 电子邮箱 电子邮件 邮件 email mail emailaddress 客户邮箱",
    ),
    Meaning(
        "credit_code",
        _("unified social credit code"),
        "coa",
        "统一社会信用代码 信用代码 社会信用代码 税号 纳税人识别号 creditcode uscc taxid",
    ),
    Meaning(
        "member_no",
        _("membership number"),
        "coa",
        "会员号 会员卡号 会员卡 memberno membershipno memberno. cardno membernumber",
    ),
    Meaning(
        "wechat",
        _("WeChat id"),
        "c",
        "微信 微信号 wechat wechatid weixin",
    ),
    Meaning(
        "kind",
        _("person or organisation"),
        "c",
        "客户类型 客户性质 类型 customertype customerkind kind",
    ),
    Meaning(
        "birthday",
        _("birthday"),
        "c",
        "生日 出生日期 出生年月日 出生年月 birthday birthdate dateofbirth dob",
    ),
    Meaning(
        "customer_region",
        _("region of the customer"),
        "c",
        "地区 区域 城市 省份 所在地 所在地区 省市 客户地区 国家 region city province state country area officelocation",
    ),
    Meaning(
        "address",
        _("address"),
        "c",
        "地址 联系地址 详细地址 通讯地址 家庭住址 住址 收货地址 公司地址 address streetaddress",
    ),
    Meaning(
        "contact",
        _("contact at the organisation"),
        "c",
        "联系人 主要联系人 对接人 contact contactname contactperson",
    ),
    Meaning(
        "tags",
        _("tags"),
        "c",
        "标签 客户标签 tags tag labels",
    ),
    Meaning(
        "note",
        _("note"),
        "c",
        "备注 说明 客户备注 note notes remark remarks comment comments memo",
    ),
    Meaning(
        "owner",
        _("owner"),
        "c",
        "负责人 客户经理 业务员 销售 销售员 归属人 跟进人 顾问 owner salesperson salesrep accountmanager 销售代表",
    ),
    Meaning(
        "source",
        _("source"),
        "c",
        "来源 客户来源 来源渠道 获客渠道 source leadsource customersource",
    ),
    Meaning(
        "order_no",
        _("order number"),
        "o",
        "订单号 订单编号 单号 订单id 订单号码 单据编号 交易号 交易单号 流水号 小票号 工单号 发票号 销售单号 "
        "orderno orderid ordernumber order invoice invoiceno invoicenumber transactionid transactionno "
        "receiptno",
    ),
    Meaning(
        "date",
        _("date"),
        "oa",
        "日期 时间 下单时间 下单日期 订单日期 订单时间 交易时间 交易日期 付款时间 支付时间 成交时间 成交日期 "
        "消费时间 消费日期 购买日期 购买时间 销售日期 开单日期 创建时间 订单创建时间 date orderdate ordertime "
        "invoicedate purchasedate transactiondate datetime time createdat timestamp closedate saledate "
        "orderedat 填写时间 填写日期 提交时间 提交日期 提交答卷时间 答卷时间 答题时间 调查日期 调查时间 回访日期 "
        "回访时间 评价时间 评价日期 "
        "surveydate surveytime submittedat answeredon",
    ),
    Meaning(
        "due_on",
        _("due date"),
        "o",
        "应付日期 应付日 到期日 到期日期 付款到期日 应收日期 应收款日期 账期到期日 约定付款日 约定付款日期 还款日 还款日期 "
        "最迟付款日 duedate dueon paymentdue paymentduedate dueindate",
    ),
    Meaning(
        "paid_on",
        _("payment date"),
        "o",
        "到账日期 到账日 到账时间 付款日期 付款日 回款日期 回款日 回款时间 收款日期 收款日 结清日期 实际付款日 实际付款日期 "
        "paidon paiddate paidat paymentdate datepaid cleardate settledon settlementdate",
    ),
    Meaning(
        "amount",
        _("amount"),
        "o",
        "金额 实付金额 实付 实收金额 实收 订单金额 总金额 总额 合计 合计金额 消费金额 交易金额 成交金额 "
        "销售额 销售金额 支付金额 付款金额 应付金额 应收金额 实付款 买家实付 小计 总价 amount total "
        "totalamount orderamount dollarvalue sales revenue value spend price_total totalprice dollars "
        "closevalue paid payment lineamount subtotal",
    ),
    Meaning(
        "quantity",
        _("quantity"),
        "o",
        "数量 件数 购买数量 商品数量 销售数量 订购数量 quantity qty numberofcds count units pieces number_of_items items",
    ),
    Meaning(
        "unit_price",
        _("unit price"),
        "o",
        "单价 售价 商品单价 销售单价 成交单价 价格 unitprice price priceeach saleprice",
    ),
    Meaning(
        "product",
        _("product"),
        "oa",
        "商品 商品名称 产品 产品名称 品名 货品名称 项目 服务项目 项目名称 品项 宝贝标题 product productname "
        "description item itemname goods service",
    ),
    Meaning(
        "product_code",
        _("product code"),
        "o",
        "商品编码 商品编号 商品代码 产品编号 产品编码 产品代码 货号 条码 商品条码 sku skuid stockcode "
        "productcode productid itemcode itemid barcode",
    ),
    Meaning(
        "cost",
        _("cost"),
        "o",
        "成本 成本价 成本金额 总成本 cost totalcost costamount",
    ),
    Meaning(
        "channel",
        _("channel"),
        "o",
        "渠道 销售渠道 订单来源 下单渠道 平台 门店 店铺 店铺名称 门店名称 channel saleschannel platform store shop",
    ),
    Meaning(
        "shop",
        _("shop or place"),
        "a",
        "门店 门店名称 店铺 店铺名称 网点 分店 营业部 服务网点 店 地点 shop store branch outlet place location",
    ),
    Meaning(
        "person",
        _("member of staff"),
        "a",
        "服务人员 服务顾问 顾问 技师 员工 员工姓名 接待人 接待人员 客户经理 业务员 负责人 staff employee advisor adviser person "
        "servedby technician",
    ),
    Meaning(
        "words",
        _("in their own words"),
        "a",
        "意见 建议 意见建议 意见与建议 意见和建议 其他意见 评论 留言 备注 comment comments feedback suggestions "
        "remark remarks words",
    ),
    Meaning(
        "region",
        _("region"),
        "o",
        "地区 区域 城市 省份 所在地 收货省份 收货城市 国家 大区 region city province state country area",
    ),
)

WHOLE = {"due_on", "paid_on"}  # 保险到期日 is another day
IGNORED = {"行号", "原因", "row", "reason", "序号", "no"}  # what our own file of rejected rows adds, and running numbers
ORDERS = tuple(one for one in MEANINGS if "o" in one.kinds)
CUSTOMERS = tuple(one for one in MEANINGS if "c" in one.kinds)
ANSWERS = tuple(one for one in MEANINGS if "a" in one.kinds)
_NOISE = re.compile(r"[\s_\-*:：.．#/\\'\"“”]|[(（\[【].*?[)）\]】]")


def of_kind(kind: str) -> tuple[Meaning, ...]:
    return {"orders": ORDERS, "answers": ANSWERS}.get(kind, CUSTOMERS)


def word(title: str) -> str:
    """A title as the word list spells it: half width, lower case, without spaces, punctuation and units in brackets."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", title).lower())


@cache
def by_word() -> dict[str, tuple[str, ...]]:
    """{word: codes}; `region` is another thing in a file of customers than in one of orders."""
    found: dict[str, tuple[str, ...]] = {}
    for meaning in MEANINGS:
        for one in meaning.words.split():
            found[one] = (*found.get(one, ()), meaning.code)
    return found


def label(code: str) -> str:
    return next((str(one.label) for one in MEANINGS if one.code == code), code)
