"""A brand's own program: calls the REST interface with a key, as a client library would."""

from __future__ import annotations

from contextvars import Context
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from portal.api import commands, rules
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work

ROOT = "/api/v1"


class Caller:
    """Every answer is checked: JSON, or a problem that says its own status."""

    def __init__(self, app: Flask, token: str) -> None:
        self.app, self.token = app, token

    def gets(self, path: str, expect: int = 200, **query: Any) -> dict[str, Any]:
        return self._asks("GET", path, expect, query_string=query)

    def posts(
        self, path: str, body: Any = None, expect: int = 201, key: str | None = None
    ) -> dict[str, Any]:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self._asks("POST", path, expect, json={} if body is None else body, headers=headers)

    def answer(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        url = path if path.startswith("/api") else ROOT + path
        client = self.app.test_client()
        try:
            return Context().run(client.open, url, method=method, headers=headers, **options)
        finally:
            db.session.remove()

    def _asks(self, method: str, path: str, status: int, **options: Any) -> dict[str, Any]:
        found = self.answer(method, path, **options)
        told = found.get_json(force=True)
        assert found.status_code == status, f"{method} {path}: {found.status_code} {told}"
        if status < 400:
            assert found.mimetype == "application/json"
        else:
            assert found.mimetype == "application/problem+json"
            assert told["status"] == status
            assert told["detail"].endswith((".", "…"))
        return told


def a_caller(world: Any, brand: Any, *scopes: str, name: str = "Shop") -> Caller:
    """A program with a new key; without scopes named it may do everything."""
    with unit_of_work():
        _, token = commands.create_key(brand.id, name, scopes or rules.SCOPES, by=None)
    return Caller(world.app, token)


def told(order_id: str = "1001", amount_minor: int = 8000, **more: Any) -> dict[str, Any]:
    """The smallest conversion a program can report."""
    subtotal = {"amount_minor": amount_minor, "currency": "USD"}
    return {"order_id": order_id, "subtotal": subtotal, **more}
