"""From the OpenAPI document to what the reference page shows, in finished values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

INDENT = 2
PLACEHOLDER = "…"


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter or field."""

    name: str
    kind: str
    about: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation."""

    name: str
    method: str
    path: str
    title: str
    about: str
    statuses: str
    asked: list[Row]
    told: list[Row]
    example: str
    answer: str


@dataclass(frozen=True, slots=True)
class Section:
    """The operations of one kind of thing."""

    title: str
    entries: list[Entry] = field(default_factory=list)


def sections(document: Mapping[str, Any]) -> list[Section]:
    """The document's operations, by tag, in its order."""
    made: dict[str, Section] = {}
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = operation["tags"][0]
            section = made.setdefault(tag, Section(tag))
            section.entries.append(_entry(path, method, operation, schemas))
    return list(made.values())


def _entry(
    path: str, method: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]
) -> Entry:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    told = _resolved(body.get("schema", {}), schemas)
    good = {code: one for code, one in operation["responses"].items() if code.startswith("2")}
    answer = next(iter(good.values()))["content"]["application/json"]["schema"]
    return Entry(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        title=operation["summary"],
        about=operation["description"].replace("`", ""),
        statuses=" or ".join(good),
        asked=[_parameter(one, schemas) for one in operation["parameters"]],
        told=_rows(told, schemas),
        example=_written(_example(told, schemas)) if told else "",
        answer=_written(_example(answer, schemas)),
    )


def _parameter(one: Mapping[str, Any], schemas: Mapping[str, Any]) -> Row:
    place = "" if one["in"] == "query" else f", in the {one['in']}"
    kind = _kind(one["schema"], schemas) + place
    return Row(one["name"], kind, one.get("description", ""), one["required"])


def _rows(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[Row]:
    required = schema.get("required", ())
    return [
        Row(name, _kind(one, schemas), one.get("description", ""), name in required)
        for name, one in schema.get("properties", {}).items()
    ]


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in schema:
        found: Mapping[str, Any] = schemas[schema["$ref"].rpartition("/")[2]]
        return found
    options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return _resolved(options[0], schemas) if options else schema


def _kind(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    found = _resolved(schema, schemas)
    if "enum" in found:
        return " · ".join(found["enum"])
    if found.get("type") == "array":
        return f"list of {_kind(found['items'], schemas)}"
    if found.get("type") == "object":
        return "amount" if "amount_minor" in found.get("properties", {}) else "object"
    if found.get("format"):
        return {"date-time": "instant", "date": "day"}.get(found["format"], "text")
    return {"integer": "whole number", "boolean": "true or false"}.get(found["type"], "text")


def _example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """A plausible value: the first example, else the default, else one made from the type."""
    if "examples" in schema:
        return schema["examples"][0]
    found = _resolved(schema, schemas)
    if "examples" in found:
        return found["examples"][0]
    if "properties" in found:
        return {name: _example(one, schemas) for name, one in found["properties"].items()}
    if "enum" in found:
        return found["enum"][0]
    if found.get("type") == "array":
        return [_example(found["items"], schemas)]
    if found.get("default") not in (None, ""):
        return found["default"]
    if found.get("format") == "date-time":
        return "2026-03-02T09:00:00Z"
    return {"integer": 1, "boolean": False}.get(found.get("type", ""), PLACEHOLDER)


def _written(value: Any) -> str:
    return json.dumps(value, indent=INDENT, ensure_ascii=False)
