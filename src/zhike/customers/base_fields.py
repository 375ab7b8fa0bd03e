"""Fields of the information model that are columns of every customer. They exist from the first start; an administrator may change
their ring, weight, question, class and shelf life, not their code or type."""

from typing import Any

from django.apps import apps as registry
from django.db import connection

from zhike.customers.choices import CustomerKind, FieldType, Ring
from zhike.customers.models import FieldDefinition
from zhike.teams.choices import Confidentiality

_PERSON, _ORGANISATION = CustomerKind.PERSON, CustomerKind.ORGANISATION

COLUMNS: list[dict[str, Any]] = [
    {
        "code": "phone", "label_zh": "电话", "label_en": "Phone", "ring": Ring.VISIBLE, "type": FieldType.TEXT,
        "confidentiality": Confidentiality.CONFIDENTIAL, "weight": 5, "shelf_life_days": 730, "purpose": "to reach the customer",
        "used_by": ["care.contact", "duplicates"], "question_zh": "现在打哪个手机号联系您最方便？",
        "question_en": "Which number is best to reach you at now?",
    },
    {
        "code": "birthday", "label_zh": "生日", "label_en": "Birthday", "ring": Ring.VISIBLE, "type": FieldType.DATE, "weight": 3,
        "applies_to": _PERSON, "purpose": "birthday care", "used_by": ["care.birthday"],
        "question_zh": "方便告诉我您的生日吗？我们想在那天问候您。过公历还是农历？",
        "question_en": "May I ask for your birthday, so that we can send our wishes?",
    },
    {
        "code": "region", "label_zh": "地区", "label_en": "Region", "ring": Ring.VISIBLE, "type": FieldType.LOCATION, "weight": 2,
        "shelf_life_days": 1095, "purpose": "nearest shop, regional offers", "used_by": ["segments", "care.channel"],
        "question_zh": "您现在主要在哪个区活动？", "question_en": "Which part of town are you mostly in?",
    },
    {
        "code": "wechat", "label_zh": "微信号", "label_en": "WeChat", "ring": Ring.VISIBLE, "type": FieldType.TEXT, "weight": 2,
        "confidentiality": Confidentiality.CONFIDENTIAL, "purpose": "to reach the customer", "used_by": ["care.contact"],
        "question_zh": "方便加一下您的微信吗？", "question_en": "May we connect on WeChat?",
    },
    {
        "code": "email", "label_zh": "邮箱", "label_en": "E-mail", "ring": Ring.VISIBLE, "type": FieldType.TEXT, "weight": 1,
        "purpose": "to reach the customer", "used_by": ["care.contact", "duplicates"], "shelf_life_days": 1095,
        "question_zh": "资料发到哪个邮箱最方便？", "question_en": "Which e-mail address is best for documents?",
    },
    {
        "code": "preferred_channel", "label_zh": "偏好渠道", "label_en": "Preferred channel", "ring": Ring.RELATED,
        "type": FieldType.CHOICE, "weight": 2, "shelf_life_days": 730, "purpose": "contact the way the customer likes",
        "used_by": ["care.channel"], "question_zh": "以后联系您，打电话、微信还是短信更方便？",
        "question_en": "How would you rather hear from us: phone, WeChat or text?",
    },
    {
        "code": "preferred_time", "label_zh": "方便时段", "label_en": "Preferred time", "ring": Ring.RELATED,
        "type": FieldType.TEXT, "weight": 1, "shelf_life_days": 730, "purpose": "contact when it suits",
        "used_by": ["care.channel"], "question_zh": "一般什么时间联系您比较方便？",
        "question_en": "What time of day suits you best?",
    },
    {
        "code": "member_no", "label_zh": "会员号", "label_en": "Membership no.", "ring": Ring.RELATED, "type": FieldType.TEXT,
        "weight": 0, "applies_to": _PERSON, "purpose": "to recognise the customer", "used_by": ["duplicates"],
    },
    {
        "code": "credit_code", "label_zh": "统一社会信用代码", "label_en": "Unified social credit code", "ring": Ring.RELATED,
        "type": FieldType.TEXT, "weight": 2, "applies_to": _ORGANISATION, "purpose": "invoices, to recognise the customer",
        "used_by": ["duplicates", "invoices"], "question_zh": "开票用的统一社会信用代码是？",
        "question_en": "Which credit code shall be on the invoice?",
    },
]  # fmt: skip


def seed(*, apps: Any = registry, **_: Any) -> None:
    """After every migration, with the models as they then are: the definitions that are missing. Existing ones stay as the
    administrator left them."""
    if FieldDefinition._meta.db_table not in connection.introspection.table_names():
        return
    model = apps.get_model("zhike", "FieldDefinition")
    wanted = [model(is_column=True, position=place, **column) for place, column in enumerate(COLUMNS)]
    model.objects.bulk_create(wanted, ignore_conflicts=True)
