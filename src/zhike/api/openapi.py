"""The API as an object: strict reading of JSON, one shape for refusals, and an OpenAPI file that says all of it."""

import json
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser

from zhike.api import door, problems
from zhike.api.schemas.base import Problem

REFUSALS = {
    "400": "The request cannot be read.",
    "401": "No token and nobody signed in, or the token is unknown, expired or revoked.",
    "403": "The caller may see this but not do it, lacks the permission, or sent no CSRF token.",
    "404": "It does not exist, or the caller may not see it.",
    "409": "Somebody else changed it first, or a request with the same Idempotency-Key is still running.",
    "413": "The request is too large.",
    "422": "Fields are wrong; `fields` says which and why. Also: an Idempotency-Key used for another request.",
    "429": "Too many requests; `Retry-After` says when to come back.",
}
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token, made under “own account”."},
    "session": {
        "type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME,
        "description": "The signed-in browser. Requests that change something also need the header X-CSRFToken.",
    },
}  # fmt: skip
KEY_PARAMETER = {
    "in": "header", "name": door.KEY_HEADER, "required": False,
    "schema": {"type": "string", "maxLength": door.LONGEST_KEY, "pattern": "^[!-~]+$"},
    "description": "The same key with the same request gives the first answer again, for 30 days, and has one effect.",
}  # fmt: skip


class StrictParser(Parser):
    """JSON as its standard has it, and only text that the database keeps."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = json.loads(request.body, parse_constant=_no_number)
        _check_text(body)
        return body

    def parse_querydict(self, data: Any, list_fields: list[str], request: HttpRequest) -> Any:
        for values in data.values():
            if isinstance(values, str):
                _check_text(values)
        return super().parse_querydict(data, list_fields, request)


class ZhikeAPI(NinjaAPI):
    def __init__(self, **options: Any) -> None:
        super().__init__(parser=StrictParser(), **options)
        problems.register(self)
        self.add_decorator(door.door, mode="view")

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **_options: Any) -> OpenAPISchema:
        return self._schema

    @cached_property
    def _schema(self) -> OpenAPISchema:
        with translation.override("en"):
            schema = super().get_openapi_schema()
        schema["components"]["securitySchemes"] = SECURITY
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        for methods in schema["paths"].values():
            for method, operation in methods.items():
                _complete(method, operation)
        return schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    operation["security"] = [{"session": []}] if operation.get("x-browser-only") else [{"token": []}, {"session": []}]
    if method == "post" and operation.get("x-idempotent", True):
        operation["parameters"].append(KEY_PARAMETER)
    answer = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, description in REFUSALS.items():
        operation["responses"].setdefault(status, {"description": description, "content": answer})
    operation["responses"] = {str(status): details for status, details in operation["responses"].items()}


def _no_number(word: str) -> None:
    raise ValueError(word)


def _check_text(value: Any) -> None:
    """Refuses NUL and halves of characters, wherever they hide."""
    if isinstance(value, str):
        if "\x00" in value:
            raise problems.Refused(422, "invalid", str(problems.BAD_SIGNS))
        try:
            value.encode()
        except UnicodeEncodeError as problem:
            raise problems.Refused(422, "invalid", str(problems.BAD_SIGNS)) from problem
    elif isinstance(value, dict):
        for name, one in value.items():
            _check_text(name)
            _check_text(one)
    elif isinstance(value, list):
        for one in value:
            _check_text(one)
