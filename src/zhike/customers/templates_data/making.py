"""How the template files write a field: one line each."""

from typing import Any

from zhike.customers.choices import CustomerKind, FieldType, Ring

VISIBLE, RELATED, EXTENDED = Ring.VISIBLE, Ring.RELATED, Ring.EXTENDED
TEXT, NUMBER, MONEY, DATE, LUNAR = FieldType.TEXT, FieldType.NUMBER, FieldType.MONEY, FieldType.DATE, FieldType.LUNAR_DATE
CHOICE, MULTI, YES_NO, REFERENCE, LOCATION = (
    FieldType.CHOICE, FieldType.MULTI_CHOICE, FieldType.YES_NO, FieldType.REFERENCE, FieldType.LOCATION,
)  # fmt: skip
PERSON, ORGANISATION = CustomerKind.PERSON, CustomerKind.ORGANISATION


def made(code: str, ring: Ring, type: FieldType, labels: str, question: str, **more: Any) -> dict[str, Any]:
    """`labels`, `question` and `unit` hold Chinese and English, divided by a bar. `options`: `code 中文 English` lines."""
    label_zh, label_en = labels.split("|")
    question_zh, question_en = question.split("|") if question else ("", "")
    unit_zh, unit_en = more.pop("unit", "|").split("|")
    options = more.pop("options", ())
    choices = [dict(zip(("code", "zh", "en"), option.split("/"), strict=True)) for option in options]
    return {
        "code": code, "ring": ring, "type": type, "label_zh": label_zh, "label_en": label_en, "unit_zh": unit_zh,
        "unit_en": unit_en, "question_zh": question_zh,
        "question_en": question_en, "choices": choices, "used_by": more.pop("used", []),
        "shelf_life_days": more.pop("shelf", None), **more,
    }  # fmt: skip
