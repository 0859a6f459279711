"""The OpenAPI 3.1 document, made from the doors themselves: their scopes, shapes and docstrings.

Nothing is written twice: a request is checked by the model it is documented with.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from portal.api.doors import IDEMPOTENCY, Door
from portal.api.shapes import Problem
from portal.web.problems import KINDS, MEDIA_TYPE

VERSION = "1"
REFERENCE = "#/components/schemas/{model}"
ABOUT = """\
Report orders and refunds, read who was credited and what it earned, manage codes and links.

Send an API key of your brand with every request: `Authorization: Bearer vouch_…`. Amounts are whole
minor units with their currency, instants are ISO 8601 in UTC, ids are opaque. Lists are paged by
cursors. Every refusal is a problem (RFC 9457). Repeat a POST safely by sending the same
`Idempotency-Key`: the first answer comes again, and nothing happens twice; it is kept for 30 days.
"""
PATH_PART = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")


@dataclass(frozen=True, slots=True)
class Operation:
    """One door with its address, as the reference page lists it."""

    name: str
    method: str
    path: str
    summary: str
    text: str
    tag: str
    door: Door


def operations(app: Flask) -> Iterator[Operation]:
    """Every door of /api/v1, in the order of addresses."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        view = app.view_functions[rule.endpoint]
        door = getattr(view, "door", None)
        if door is None:
            continue
        summary, _, text = (view.__doc__ or "").partition(". ")
        path = PATH_PART.sub(r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            name = view.__name__
            tag = path.removeprefix("/api/v1/").partition("/")[0].capitalize()
            yield Operation(
                name, method, path, summary.strip().rstrip("."), " ".join(text.split()), tag, door
            )


def document(app: Flask, base_url: str) -> dict[str, Any]:
    """The whole document, as plain JSON values."""
    found = list(operations(app))
    paths: dict[str, dict[str, Any]] = {}
    for one in found:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Vouch", "version": VERSION, "description": ABOUT},
        "servers": [{"url": base_url}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(found),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key of a brand, made in its settings under API.",
                }
            },
        },
    }


def _operation(one: Operation) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"{one.text} Scope: `{one.door.scope}`.".strip(),
        "tags": [one.tag],
        "parameters": [*_path_parameters(one.path), *_query_parameters(one.door)],
        "responses": _responses(one),
    }
    if one.door.writes:
        made["parameters"].append(_idempotency())
    if one.door.takes is not None:
        made["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference(one.door.takes)}},
        }
    return made


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True,
         "schema": {"type": "string", "minLength": 1, "maxLength": 60},
         "description": f"The {name.replace('_', ' ')}’s id"}
        for name in re.findall(r"\{([a-z_]+)\}", path)
    ]  # fmt: skip


def _query_parameters(door: Door) -> list[dict[str, Any]]:
    if door.asks is None:
        return []
    schema = _plain(door.asks.model_json_schema(ref_template=REFERENCE))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", []),
            "description": one.pop("description", ""),
            "schema": _without_null(one),
        }
        for name, one in schema["properties"].items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that may be left out is not null: it is left out."""
    if schema.get("default", 0) is None:
        schema.pop("default")
    options = schema.pop("anyOf", None)
    if options:
        schema.update(next(one for one in options if one.get("type") != "null"))
    return schema


def _idempotency() -> dict[str, Any]:
    return {
        "name": IDEMPOTENCY,
        "in": "header",
        "required": False,
        "description": "Send the request again under the same key: it has its effect once.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    }


def _responses(one: Operation) -> dict[str, Any]:
    door = one.door
    good = {"description": "As asked",
            "content": {"application/json": {"schema": _reference(door.gives)}}}  # fmt: skip
    made: dict[str, Any] = {str(status): good for status in (door.status, door.also) if status}
    refusals = {400, 401, 403, 422, 429}
    refusals |= {404} if "{" in one.path else set()
    refusals |= {409, 413} if door.writes else set()
    refusals |= {415} if door.takes is not None else set()
    for status in sorted(refusals):
        made[str(status)] = _refusal(KINDS[status][1])
    if 429 in refusals:
        made["429"]["headers"] = {
            "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}
        }
    made["default"] = _refusal("Any other refusal")
    return made


def _refusal(words: str) -> dict[str, Any]:
    return {"description": words, "content": {MEDIA_TYPE: {"schema": _reference(Problem)}}}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model.__name__)}


def _schemas(found: list[Operation]) -> dict[str, Any]:
    taken = {one.door.takes for one in found if one.door.takes is not None}
    asked = {one.door.asks for one in found if one.door.asks is not None}
    given = {one.door.gives for one in found} | {Problem}
    wanted: list[tuple[Any, Any]] = [(model, "validation") for model in taken | asked]
    wanted += [(model, "serialization") for model in given]
    wanted.sort(key=lambda pair: pair[0].__name__)
    _, made = models_json_schema(wanted, ref_template=REFERENCE)
    names = {model.__name__ for model in asked}
    schemas = {name: _plain(schema) for name, schema in made["$defs"].items() if name not in names}
    return dict(sorted(schemas.items()))


def _plain(schema: Any) -> Any:
    """Without the titles that only repeat the names, and without descriptions of enums, which
    speak to readers of the code."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    is_enum = "enum" in schema
    kept = {}
    for name, value in schema.items():
        if name == "title" and isinstance(value, str):
            continue
        if name == "description" and is_enum:
            continue
        if name in ("description", "detail") and isinstance(value, str):
            kept[name] = " ".join(value.split())
            continue
        kept[name] = _plain(value)
    return kept
