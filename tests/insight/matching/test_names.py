"""One company, one person, written in many ways."""

import pytest

import zhike_insight as zi


@pytest.mark.parametrize(
    ("written", "core", "province", "city", "trade"),
    [
        ("浙江省杭州市华信网络科技有限公司", "华信", "浙江", "杭州", "网络科技"),
        ("華信網絡科技（杭州）有限公司", "华信", "浙江", "杭州", "网络科技"),
        ("华信网络科技", "华信", "", "", "网络科技"),
        ("（停用）华信（上海）贸易有限公司", "华信", "上海", "", "贸易"),
        ("上海市浦东新区新世纪商贸有限公司", "新世纪", "上海", "", "商贸"),
        ("昆山市好孩子实业集团股份有限公司", "好孩子", "江苏", "昆山", "实业"),
        ("城市便捷酒店管理有限公司", "城市便捷", "", "", "酒店管理"),
        ("上海银行股份有限公司", "上海银行", "上海", "", ""),
        ("青岛啤酒", "青岛啤酒", "山东", "青岛", ""),
        ("新技术有限公司", "新技术", "", "", ""),
        ("阿里巴巴（中国）有限公司", "阿里巴巴", "", "", ""),
        ("Acme Trading Co., Ltd.", "acmetrading", "", "", ""),
        ("ＡＢＢ（中国）有限公司", "abb", "", "", ""),
        ("上海", "上海", "上海", "", ""),
        ("", "", "", "", ""),
    ],
)
def test_a_company_name_is_taken_apart(written, core, province, city, trade):
    name = zi.company_name(written)
    assert (name.core, name.province, name.city, name.trade) == (core, province, city, trade)


@pytest.mark.parametrize(
    ("written", "branch"),
    [
        ("北京字节科技有限公司上海分公司", "上海分公司"),
        ("麦当劳(南京路店)", "南京路店"),
        ("华信科技有限公司驻杭州办事处", "驻杭州办事处"),
        ("北京字节科技有限公司", ""),
    ],
)
def test_a_branch_is_not_its_company(written, branch):
    assert zi.company_name(written).branch == branch


def test_a_name_sounds_as_it_is_read():
    assert zi.company_name("恒源科技").sound == zi.company_name("衡元科技").sound == "heng yuan"
    assert zi.company_name("新盛科技").near == zi.company_name("星胜科技").near


@pytest.mark.parametrize(
    "written",
    ["张小明", "張小明", "张 小明", "张小明（老客户）", "张小明先生", "Zhang Xiaoming", "Xiaoming Zhang", "Mr. Zhang Xiao Ming"],
)
def test_one_person_however_written(written):
    assert zi.person_name(written).sound == "zhang xiao ming"


def test_a_surname_with_a_title_has_no_given_name():
    for written in ("王先生", "王总", "老王", "王大哥", "王工"):
        name = zi.person_name(written)
        assert (name.surname, name.given) == ("王", ""), written
    assert zi.person_name("欧阳娜娜").surname == "欧阳"
    assert zi.person_name("单丽").sound == "shan li"  # a surname is read in its own way
