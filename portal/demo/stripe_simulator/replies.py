"""What goes out over HTTP."""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def as_json(
    value: Any, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Reply:
    body = json.dumps(value, indent=2).encode() + b"\n"
    return Reply(status, body, {"Content-Type": "application/json", **(headers or {})})


def as_page(html: str, status: int = HTTPStatus.OK) -> Reply:
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'",
        "Cache-Control": "no-store",
    }
    return Reply(status, html.encode(), headers)


def redirect(address: str) -> Reply:
    """A 303: whatever was sent, go and read that page."""
    return Reply(HTTPStatus.SEE_OTHER, b"", {"Location": address, "Cache-Control": "no-store"})
