"""Stripe's own surface: who may call, which operation answers, once per idempotency key."""

import base64
import binascii
import re
from collections.abc import Callable

from portal.demo.stripe_simulator import accounts, endpoints, events, promotions, transfers
from portal.demo.stripe_simulator.call import Call
from portal.demo.stripe_simulator.faults import Faults
from portal.demo.stripe_simulator.idempotency import Keys
from portal.demo.stripe_simulator.limits import Limit
from portal.demo.stripe_simulator.refusals import JSON, Answer, Hangup, Invalid, Refusal
from portal.demo.stripe_simulator.state import Cause, Store

Operation = Callable[..., JSON]

OPERATIONS: dict[str, Operation] = {
    "GET /v1/accounts": accounts.list_all,
    "POST /v1/accounts": accounts.create,
    "GET /v1/accounts/*": accounts.retrieve,
    "POST /v1/accounts/*": accounts.update,
    "DELETE /v1/accounts/*": accounts.delete,
    "POST /v1/accounts/*/login_links": accounts.create_login_link,
    "POST /v1/account_links": accounts.create_link,
    "GET /v1/balance": transfers.balance,
    "GET /v1/transfers": transfers.list_all,
    "POST /v1/transfers": transfers.create,
    "GET /v1/transfers/*": transfers.retrieve,
    "POST /v1/transfers/*": transfers.update,
    "GET /v1/transfers/*/reversals": transfers.list_reversals,
    "POST /v1/transfers/*/reversals": transfers.reverse,
    "GET /v1/transfers/*/reversals/*": transfers.retrieve_reversal,
    "GET /v1/coupons": promotions.list_coupons,
    "POST /v1/coupons": promotions.create_coupon,
    "GET /v1/coupons/*": promotions.retrieve_coupon,
    "POST /v1/coupons/*": promotions.update_coupon,
    "DELETE /v1/coupons/*": promotions.delete_coupon,
    "GET /v1/promotion_codes": promotions.list_promotions,
    "POST /v1/promotion_codes": promotions.create_promotion,
    "GET /v1/promotion_codes/*": promotions.retrieve_promotion,
    "POST /v1/promotion_codes/*": promotions.update_promotion,
    "GET /v1/events": events.list_all,
    "GET /v1/events/*": events.retrieve,
    "GET /v1/webhook_endpoints": endpoints.list_all,
    "POST /v1/webhook_endpoints": endpoints.create,
    "GET /v1/webhook_endpoints/*": endpoints.retrieve,
    "POST /v1/webhook_endpoints/*": endpoints.update,
    "DELETE /v1/webhook_endpoints/*": endpoints.delete,
}
_PATTERNS = [
    (re.compile(re.escape(address).replace(r"\*", "([A-Za-z0-9_-]+)")), operation)
    for address, operation in OPERATIONS.items()
]


class Api:
    """Answers calls; `keys` and `faults` are steered and read by the control surface."""

    def __init__(self, store: Store, faults: Faults, limit: Limit) -> None:
        self._store, self._faults, self._limit = store, faults, limit
        self._keys = Keys(store)

    def answer(self, call: Call) -> Answer | None:
        """What goes back, or None when the connection is to be closed without an answer."""
        try:
            if call.key is not None and call.method == "POST":
                self._keys.count(call.key)
            _want_test_key(call)
            self._limit.take()
            self._faults.meet(call, "before")
            answer = self._once(call)
            self._faults.meet(call, "after")
        except Refusal as refusal:
            return refusal.answer()
        except Hangup:
            return None
        return answer

    def _once(self, call: Call) -> Answer:
        operation, ids = _operation(call)
        if call.method != "POST":
            return self._work(call, operation, ids)
        if kept := self._keys.begin(call):
            return kept
        try:
            fault = self._faults.delayed(call, "during")
            answer = self._work(call, operation, ids)
        finally:
            self._keys.end(call)
        if fault is not None:
            fault.strike(call)
        return answer

    def _work(self, call: Call, operation: Operation, ids: tuple[str, ...]) -> Answer:
        """Run it, and keep the answer under the key in the same change.

        An operation refuses before it changes anything, so a refusal can be kept as well.
        """
        with self._store.change(Cause(call.id, call.key)):
            try:
                answer = Answer(200, operation(self._store, call, *ids))
            except Invalid:
                raise
            except Refusal as refusal:
                answer = refusal.answer()
            if call.method == "POST":
                self._keys.keep(call, answer)
        return answer


def _operation(call: Call) -> tuple[Operation, tuple[str, ...]]:
    address = f"{call.method} {call.path}"
    for pattern, operation in _PATTERNS:
        if found := pattern.fullmatch(address):
            return operation, found.groups()
    raise Invalid(f"Unrecognized request URL ({call.method}: {call.path}).", 404)


def _want_test_key(call: Call) -> None:
    key = _secret_key(call.authorization)
    if not key.startswith(("sk_test_", "rk_test_")):
        live = key.startswith(("sk_live_", "rk_live_"))
        raise Invalid(
            "The Stripe simulator takes no live keys."
            if live
            else f"Invalid API Key provided: {key[:8]}{'*' * 8}"
            if key
            else "You did not provide an API key.",
            401,
        )
    if call.on_behalf_of:
        raise Invalid("The Stripe simulator does not act for connected accounts.")


def _secret_key(authorization: str) -> str:
    """The key of a Bearer header, or the user name of a Basic one."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return value.strip()
    try:
        return base64.b64decode(value, validate=True).decode("ascii").partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
