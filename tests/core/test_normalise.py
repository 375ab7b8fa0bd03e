"""One written form for what people write in many ways."""

import pytest
from hypothesis import given, strategies as st

from zhike.core import normalise


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "１３８ ００１３ ８０００",
        "13800138000.0",
        "+86 138-0013-8000",
        "0086 13800138000",
        "1795113800138000",
        "8613800138000",
        "013800138000",
        " 138 0013 8000 ",
    ],
)
def test_a_mobile_however_it_is_written(written: str) -> None:
    assert normalise.phone(written) == "+8613800138000"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("010-88886666", "+861088886666"),
        ("(010)88886666转802", "+861088886666-802"),
        ("86-10-88886666", "+861088886666"),
        ("0755-8888666", "+867558888666"),
        ("021-88886666-12", "+862188886666-12"),
        ("400-800-1234", "+864008001234"),
        ("+86 (0)21 5888 8888", "+862158888888"),
        ("+1 415 555 2671", "+14155552671"),
        ("00852 2345 6789", "+85223456789"),
        ("13800138000-2", "+8613800138000"),
    ],
)
def test_landlines_and_foreign_numbers(written: str, kept: str) -> None:
    assert normalise.phone(written) == kept


@pytest.mark.parametrize(
    "written", ["", "abc", "88886666", "12345", "138001380001", "1.38E+10", "+999 1234567", "00000000000", "+"]
)
def test_what_is_no_phone_is_empty(written: str) -> None:
    assert normalise.phone(written) == ""


def test_several_numbers_in_a_cell() -> None:
    assert normalise.phones("13800138000 / 010-88886666；坏的") == ["+8613800138000", "+861088886666"]


@given(st.text(max_size=40))
def test_a_normalised_phone_stays_as_it_is_and_fits(text: str) -> None:
    kept = normalise.phone(text)
    assert len(kept) <= 20
    assert normalise.phone(kept) == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" Foo@BAR.com ", "foo@bar.com"),
        ("ｌｉ@ｑｑ．ｃｏｍ", "li@qq.com"),
        ("mailto:a@b.cn", "a@b.cn"),
        ("no at", ""),
        ("a@b", ""),
        ("a@b.c,d@e.f", ""),
        ("a@-b.cn", ""),
        ("x" * 250 + "@qq.com", ""),
    ],
)
def test_an_email_is_lower_case_or_empty(written: str, kept: str) -> None:
    assert normalise.email(written) == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("91350100M000100Y43", "91350100M000100Y43"),
        ("９１３５０１００m000100y43", "91350100M000100Y43"),
        ("91350100M000100Y44", ""),
        ("91350100M000100Y4", ""),
        ("I1350100M000100Y43", ""),
    ],
)
def test_a_credit_code_has_the_right_check_character(written: str, kept: str) -> None:
    assert normalise.credit_code(written) == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [("张　伟", "张伟"), ("  Li   Wei\n", "Li Wei"), ("A\x00B\u200bC", "ABC"), ("华腾（北京）", "华腾(北京)"), ("\x07", "")],
)
def test_a_name_is_cleaned(written: str, kept: str) -> None:
    assert normalise.name(written) == kept


def test_names_written_differently_have_the_same_key() -> None:
    assert normalise.name_key("北京（華騰）科技　Co.,Ltd") == normalise.name_key("北京(华腾)科技CO LTD")
