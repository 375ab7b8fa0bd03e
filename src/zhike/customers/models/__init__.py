from zhike.customers.models.comments import Comment
from zhike.customers.models.customer import Address, Consent, Contact, Customer, CustomerShare, Identifier, Relationship, Source
from zhike.customers.models.duplicates import DuplicatePair, DuplicateSearch, Merge
from zhike.customers.models.fields import FieldDefinition
from zhike.customers.models.imports import ImportBatch, ImportChange, ImportMapping
from zhike.customers.models.interactions import Interaction, VoiceLabel
from zhike.customers.models.mass import MassChange
from zhike.customers.models.surveys import Answer, AnswerSheet, Survey, SurveyQuestion

__all__ = [
    "Address", "Answer", "AnswerSheet", "Comment", "Consent", "Contact", "Customer", "CustomerShare", "DuplicatePair",
    "DuplicateSearch", "FieldDefinition", "Identifier", "ImportBatch",
    "ImportChange", "ImportMapping", "Interaction", "MassChange", "Merge", "Relationship", "Source", "Survey",
    "SurveyQuestion", "VoiceLabel",
]  # fmt: skip
