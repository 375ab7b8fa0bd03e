"""Finding a name by any piece of it: what a person types is contained in what is kept."""

import pytest
from hypothesis import given, settings, strategies as st

from zhike.core import hanzi, search


def finds(query: str, name: str, phones: tuple[str, ...] = (), codes: tuple[str, ...] = ()) -> bool:
    wanted = search.wanted(query)
    return wanted is not None and wanted.found_in(search.tokens_for(name, phones=phones, codes=codes))


@pytest.mark.parametrize(
    "query",
    [
        "张",
        "伟",
        "小伟",
        "张小伟",
        "zhang",
        "zhangxiaowei",
        "zhangx",
        "zhangxi",
        "xiaow",
        "zhangxw",
        "zxw",
        "zx",
        "xw",
        "zh",
        "Zhang Wei",
    ],
)
def test_a_person_is_found_by_characters_pinyin_and_initials(query: str) -> None:
    assert finds(query, "张小伟")


@pytest.mark.parametrize(
    "query", ["李", "李小", "张伟", "zhao", "zw", "lxw", "wxz", "xiaozhang", "weixiao", "zhangwei", "x", "shangx"]
)
def test_another_name_does_not_find_the_person(query: str) -> None:
    assert not finds(query, "张小伟")


@pytest.mark.parametrize(
    ("name", "spelled", "initials"),
    [
        ("单雄信", "shanxiongxin", "sxx"),
        ("仇英", "qiuying", "qy"),
        ("解晓东", "xiexiaodong", "xxd"),
        ("区楚良", "ouchuliang", "ocl"),
        ("查良镛", "zhaliangyong", "zly"),
        ("盖叫天", "gejiaotian", "gjt"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("万俟卨", "moqi", "mq"),
        ("长孙无忌", "zhangsunwuji", "zswj"),
        ("长安汽车", "changanqiche", "caqc"),
        ("重庆银行", "chongqingyinhang", "cqyh"),
        ("吕布", "lvbu", "lb"),
        ("吕布", "lubu", "lb"),
        ("曾国藩", "zengguofan", "zgf"),
        ("阿里巴巴", "alibaba", "albb"),
    ],
)
def test_surnames_and_places_are_found_by_their_own_reading(name: str, spelled: str, initials: str) -> None:
    assert finds(spelled, name)
    assert finds(initials, name)


def test_the_syllables_are_those_that_characters_have() -> None:
    spoken = {reading for sign in range(0x4E00, 0xA000) for reading in hanzi.readings(chr(sign))}
    assert spoken - {"m", "n", "hm"} == hanzi.SYLLABLES


chinese = st.text(alphabet="张王李单仇长伟小明华腾科技有限公司安恩乐吕", min_size=1, max_size=6)


@given(chinese, st.data())
def test_pinyin_finds_from_any_syllable_on_and_cut_off_anywhere(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    spelled = "".join(hanzi.readings(sign)[0] for sign in name[start:])
    typed = spelled[: data.draw(st.integers(2, len(spelled)))] if len(spelled) > 1 else spelled
    assert finds(typed, name) or len(typed) == 1


@given(chinese, chinese)
def test_whole_pinyin_finds_only_who_sounds_so(one: str, two: str) -> None:
    """Four syllables and more, so that no other way to read the letters is left."""
    spelled = "".join(hanzi.readings(sign)[0] for sign in one)
    sounds = {reading for sign in two for reading in hanzi.readings(sign)}
    if len(one) >= 4 and finds(spelled, two):
        assert any(reading in sounds for reading in hanzi.readings(one[0]))


def test_the_ordinary_reading_is_found_too() -> None:
    assert finds("danxiongxin", "单雄信")
    assert finds("chouying", "仇英")


@pytest.mark.parametrize("query", ["華騰", "华腾", "ｈｕａｔｅｎｇ", "HuaTeng", "北京华腾", "（北京）"])
def test_traditional_and_full_width_are_the_same(query: str) -> None:
    assert finds(query, "（北京）華騰科技有限公司")


@pytest.mark.parametrize(
    "query", ["8000", "13800138000", "138 0013 8000", "+86 138-0013-8000", "0138", "１３８００１３８０００", "0086 13800138000"]
)
def test_a_phone_is_found_by_any_four_digits(query: str) -> None:
    assert finds(query, "张伟", phones=("+8613800138000",))


@pytest.mark.parametrize("query", ["010-88886666", "88886666", "(010) 8888", "6666"])
def test_a_landline_is_found_with_and_without_its_area_code(query: str) -> None:
    assert finds(query, "张伟", phones=("+861088886666-802",))


@pytest.mark.parametrize("query", ["K-1001", "k1001", "1001", "MA01KP", "91110108MA01KP2T5G", "911"])
def test_numbers_and_codes_are_found_by_a_piece(query: str) -> None:
    assert finds(query, "张伟", codes=("K-1001", "91110108MA01KP2T5G"))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("oneil", "Shaun O'Neil"),
        ("O'N", "Shaun O'Neil"),
        ("liwei", "Li Wei"),
        ("lw", "Li Wei"),
        ("caf", "Café Müller"),
        ("muller", "Café Müller"),
        ("7-11", "7-11便利店"),
        ("bld", "7-11便利店"),
        ("360", "360安全"),
        ("ge", "GE医疗"),
    ],
)
def test_foreign_names_are_found(query: str, name: str) -> None:
    assert finds(query, name)


@pytest.mark.parametrize("query", ["", "   ", "-", "（）", "!?"])
def test_nothing_to_search_by(query: str) -> None:
    assert search.wanted(query) is None


names = st.text(alphabet="张王李单仇长伟小明華騰科技有限公司ABcd 12-（）𠮷é", min_size=1, max_size=20)


@given(names, st.data())
def test_every_fragment_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    fragment = name[start:end]
    if any((sign.isascii() and sign.isalnum()) or sign == "é" for sign in fragment):
        return  # short pieces out of the middle of a foreign word are not kept
    assert search.wanted(fragment) is None or finds(fragment, name)


@given(st.text(max_size=300))
def test_any_text_gives_short_tokens(text: str) -> None:
    search.wanted(text)
    for piece in search.tokens_for(text, phones=[text], codes=[text]):
        assert 1 <= len(piece) <= 20
    assert len(search.tokens_for(text)) <= search.MOST_PIECES


@settings(max_examples=50)
@given(st.text(alphabet="0123456789", min_size=11, max_size=11), st.data())
def test_every_four_digits_of_a_mobile_find_it(digits: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, 7))
    end = data.draw(st.integers(start + 4, 11))
    assert finds(digits[start:end], "张伟", phones=(f"+86{digits}",)) or digits[0] != "1"


def test_many_names_are_cut_like_one() -> None:
    assert search.bulk_tokens(["张伟", "Li Wei"], ["+8613800138000", ""], ["K-1 91110108MA01KP2T5G", ""]) == [
        search.tokens_for("张伟", phones=["+8613800138000"], codes=["K-1", "91110108MA01KP2T5G"]),
        search.tokens_for("Li Wei"),
    ]


@pytest.mark.parametrize(
    ("text", "first"), [("lina", ["ina", "la", "ln"]), ("zhangwei", ["ngw", "zw"]), ("liane", ["ian", "le", "ln", "la"])]
)
def test_what_few_records_have_is_looked_for_first(text, first):
    """The index begins with the first piece, so that is none of the syllables that tens of thousands have."""
    [spellings] = search.wanted(text).words
    assert [one.every[0] for one in spellings][: len(first)] == first
