"""Idempotency keys as Stripe keeps them: the first answer of a key is its answer for good."""

from portal.demo.stripe_simulator.call import Call
from portal.demo.stripe_simulator.refusals import Answer, Invalid
from portal.demo.stripe_simulator.state import Store

LONGEST_KEY = 255


class Keys:
    """What each key has been used for, and which keys are in use at this moment."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._running: set[str] = set()

    def count(self, key: str) -> None:
        """Note one more POST under this key, whatever becomes of it."""
        with self._store.change():
            self._store.put("seen", key, (self._store.get("seen", key) or 0) + 1)

    def begin(self, call: Call) -> Answer | None:
        """Take the key for this call, or return the kept answer; raises Invalid when neither.

        Whoever gets None must call `end` when the work is over.
        """
        key = call.key
        if key is None:
            return None
        if len(key) > LONGEST_KEY:
            raise Invalid(f"An Idempotency-Key has at most {LONGEST_KEY} characters.")
        with self._store.lock:
            kept = self._store.get("answers", key)
            if key in self._running:
                raise in_use(key)
            if kept is None:
                self._running.add(key)
                return None
        if kept["fingerprint"] != call.fingerprint:
            raise Invalid(
                "Keys for idempotent requests can only be used with the same parameters and "
                f"endpoint they were first used with. Try another key than '{key}' if you meant "
                "a different request.",
                type="idempotency_error",
            )
        headers = {"Idempotent-Replayed": "true", "Original-Request": kept["request"]}
        return Answer(kept["status"], kept["body"], headers)

    def keep(self, call: Call, answer: Answer) -> None:
        """Remember the answer, in the same change as the work itself."""
        if call.key is not None:
            kept = {
                "fingerprint": call.fingerprint,
                "status": answer.status,
                "body": answer.body,
                "request": call.id,
            }
            self._store.put("answers", call.key, kept)

    def end(self, call: Call) -> None:
        with self._store.lock:
            self._running.discard(call.key or "")


def in_use(key: str | None) -> Invalid:
    return Invalid(
        "There is currently another in-progress request using this Idempotent Key (that "
        f"probably means it was sent twice): {key}. Please try again later.",
        409,
        code="idempotency_key_in_use",
        type="idempotency_error",
    )
