"""What a passkey is asked, and whether its answer is right: webauthn behind four functions.

Pure: no database, no clock. Every refusal is one InvalidInput with a sentence; what exactly was
wrong with an answer helps only whoever forged it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.factors.models import Passkey
from portal.kernel.errors import InvalidInput

NO_ANSWER = "The browser sent no answer of a passkey. Try again, or use another way."
WRONG_ANSWER = "This passkey could not be checked. Try again, or use another way."
NOT_AN_ANSWER = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
UNKNOWN = "This passkey does not belong to your account. Use another one, or a code."


@dataclass(frozen=True, slots=True)
class Site:
    """Where the portal lives: passkeys are bound to it."""

    origin: str

    @property
    def host(self) -> str:
        """The name a passkey belongs to."""
        return urlsplit(self.origin).hostname or "localhost"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A passkey that was just made: everything base64url."""

    credential_id: str
    public_key: str
    sign_count: int
    transports: list[str]


def site_of(base_url: str) -> Site:
    """The site of an installation's address."""
    parts = urlsplit(base_url)
    return Site(f"{parts.scheme}://{parts.netloc}")


def making(site: Site, who: str, name: str, known: Sequence[Passkey], challenge: str) -> str:
    """What the browser is asked to make, as JSON. `who` is the person's public id."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="Vouch",
        user_id=who.encode(),
        user_name=name,
        user_display_name=name,
        challenge=base64url_to_bytes(challenge),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[_described(one) for one in known],
    )
    return webauthn.options_to_json(options)


def asking(site: Site, known: Sequence[Passkey], challenge: str) -> str:
    """What the browser is asked to sign, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=base64url_to_bytes(challenge),
        allow_credentials=[_described(one) for one in known],
    )
    return webauthn.options_to_json(options)


def made(site: Site, answer: str, challenge: str) -> NewKey:
    """The key in a browser's answer. Raises InvalidInput (field answer)."""
    with _refused():
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
        parsed = webauthn.helpers.parse_registration_credential_json(answer)
    return NewKey(
        bytes_to_base64url(found.credential_id),
        bytes_to_base64url(found.credential_public_key),
        found.sign_count,
        [one.value for one in parsed.response.transports or ()],
    )


def credential_in(answer: str) -> str:
    """Which key a browser's answer comes from. Raises InvalidInput (field answer)."""
    with _refused():
        parsed = webauthn.helpers.parse_authentication_credential_json(answer)
    return bytes_to_base64url(parsed.raw_id)


def signed(site: Site, answer: str, challenge: str, key: Passkey) -> int:
    """The key's new count of signatures. Raises InvalidInput (field answer) for a wrong answer,
    also for a count that did not grow: then there are two of this key."""
    with _refused():
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
        )
    return found.new_sign_count


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except (WebAuthnException, *NOT_AN_ANSWER) as wrong:
        raise InvalidInput("answer", WRONG_ANSWER) from wrong


def _described(key: Passkey) -> PublicKeyCredentialDescriptor:
    known = {one.value for one in AuthenticatorTransport}
    return PublicKeyCredentialDescriptor(
        id=base64url_to_bytes(key.credential_id),
        transports=[AuthenticatorTransport(one) for one in key.transports if one in known],
    )
