"""All operations of our own OpenAPI file, and a smallest request for each."""

from dataclasses import dataclass
from typing import Any

from zhike.api.app import api

SCHEMA: dict[str, Any] = api.get_openapi_schema()


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    details: dict[str, Any]

    @property
    def takes_ids(self) -> list[str]:
        return [one["name"] for one in self.details["parameters"] if one["in"] == "path"]

    def address(self, key: int) -> str:
        """With this id wherever one is asked for, and what the query must have."""
        path = self.path
        for name in self.takes_ids:
            path = path.replace("{" + name + "}", str(key) if name.endswith("_id") else "retail")
        needed = [one for one in self.details["parameters"] if one["in"] == "query" and one["required"]]
        query = "&".join(f"{one['name']}={example(one['schema'], key)}" for one in needed)
        return path.removeprefix("/api") + (f"?{query}" if query else "")

    def body(self, key: int) -> Any:
        """The least that its schema accepts; ids in it are `key`."""
        content = self.details.get("requestBody", {}).get("content", {}).get("application/json")
        return example(content["schema"], key) if content else None

    @property
    def wants_file(self) -> bool:
        return "multipart/form-data" in self.details.get("requestBody", {}).get("content", {})


OPERATIONS = [
    Operation(details["operationId"], method.upper(), path, details)
    for path, methods in SCHEMA["paths"].items()
    for method, details in methods.items()
]
BY_NAME = {one.name: one for one in OPERATIONS}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return SCHEMA["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def example(schema: dict[str, Any], key: int) -> Any:
    schema = resolved(schema)
    for way in ("anyOf", "allOf"):
        if way in schema:
            return example(schema[way][0], key)
    if "enum" in schema or "const" in schema:
        return schema.get("enum", [schema.get("const")])[0]
    kind = schema.get("type")
    if kind == "object":
        return {name: example(schema["properties"][name], key) for name in schema.get("required", [])}
    if kind == "array":
        return [example(schema.get("items") or schema["prefixItems"][0], key)] * schema.get("minItems", 0)
    if kind == "integer":
        return key if schema.get("minimum") == 1 else schema.get("minimum", 0)
    if kind == "string":
        made = {"date": "2026-03-08", "date-time": "2026-03-08T09:00:00+08:00", "time": "09:00:00"}
        return made.get(schema.get("format", ""), "x" * max(schema.get("minLength", 0), 1))
    return {"boolean": True, "number": 1, "null": None}[kind or "null"]
