"""The key behind sign-in codes and invitation links. Handed over once by `sign_in.install`.

Codes and links are derived from it and from an id, so that neither the database nor a job ever
holds one.
"""

import hashlib
import hmac

_held: dict[str, bytes] = {}


def configure(secret_key: str) -> None:
    """Take the installation's secret."""
    _held["key"] = hashlib.sha256(b"vouch identity\0" + secret_key.encode()).digest()


def derived(purpose: str, subject: str) -> bytes:
    """32 bytes that only this installation can compute for a purpose and a public id."""
    if "key" not in _held:
        raise RuntimeError("identity.keys.configure() must run before codes are made.")
    return hmac.new(_held["key"], f"{purpose}\0{subject}".encode(), hashlib.sha256).digest()
