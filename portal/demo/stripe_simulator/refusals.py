"""How the simulator says no: Stripe's statuses, error types and codes, in Stripe's shape."""

from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What goes back to the caller of the API."""

    status: int
    body: JSON
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """A definite no that came from running the call: kept under its key like a success.

    `details` go into the error object: `code`, `param`, `type`.
    """

    def __init__(self, message: str, status: int = 400, **details: str) -> None:
        super().__init__(message)
        self.message, self.status, self.details = message, status, details
        self.headers: dict[str, str] = {}

    def answer(self) -> Answer:
        error = {"type": "invalid_request_error", **self.details, "message": self.message}
        if "code" in error:
            page = error["code"].replace("_", "-")
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{page}"
        return Answer(self.status, {"error": error}, self.headers)


class Invalid(Refusal):
    """A no from before anything ran: nothing is kept, so the key stays free (Stripe's rule)."""


class Hangup(Exception):
    """A fault wants the connection closed without an answer."""


def missing(param: str) -> Invalid:
    return Invalid(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(param: str) -> Invalid:
    return Invalid(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def no_such(thing: str, id_: str, param: str, status: int = 400) -> Refusal:
    """What was named does not exist; 404 when the address itself named it, 400 otherwise."""
    return Refusal(f"No such {thing}: '{id_}'", status, code="resource_missing", param=param)
