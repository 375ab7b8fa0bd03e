"""The REST API, with OpenAPI at /api/docs: everything the screens can do, on the same actions and queries."""

from zhike.api import (
    analyses,
    answers,
    comments,
    credit,
    customer_details,
    customer_knowledge,
    customers,
    customers_many,
    departments,
    duplicates,
    exports,
    fields,
    files,
    imports,
    interactions,
    me,
    notices,
    orders,
    people,
    products,
    roles,
    settings,
    today,
    tokens,
    value,
    value_pictures,
    views,
)
from zhike.api.docs import DocsPage, for_insiders
from zhike.api.openapi import ZhikeAPI

DESCRIPTION = """
Lists come in pages: follow `next` until it is null. Every POST that creates or moves something takes an `Idempotency-Key`.
Money and quantities are decimal numbers as text; times carry their offset, and one without is taken as the company's.
Refusals have one shape: `error` (a word for programs), `message` (in your language), `fields`, `reference`.
"""

api = ZhikeAPI(
    title="Zhike", version="1", description=DESCRIPTION.strip(), docs=DocsPage(), docs_url="/docs", openapi_url="/openapi.json",
    docs_decorator=for_insiders, urls_namespace="api",
)  # fmt: skip
AREAS = (
    customers_many, customers, customer_knowledge, customer_details, interactions, comments, files, answers, exports,
    duplicates, orders, products, imports, value, value_pictures, analyses, credit, today,
    people, departments, roles, me, tokens, notices, views, fields, settings,
)  # fmt: skip
for area in AREAS:
    api.add_router("", area.router)
