"""What can go wrong, in words a user may read. Only `web/errors.py` knows status codes."""


class PortalError(Exception):
    """The root of every error of ours. `message` is a sentence shown to the user as it is."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(PortalError):
    """The thing does not exist, or belongs to somebody else: both look the same (HOUSE §6)."""

    def __init__(self, message: str = "This page does not exist, or it is not yours.") -> None:
        super().__init__(message)


class NotAllowed(PortalError):
    """The signed-in person may see the place but lacks the role for this act."""


class Conflict(PortalError):
    """The thing has changed, or its state does not permit this: stale, duplicate, illegal."""


class InvalidInput(PortalError):
    """One field's value cannot be used. `field` names it, `message` says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class ProviderRefused(PortalError):
    """A definite no of an outside service: nothing happened there, and nothing will.

    `code` is the provider's own word for it, stored raw; `retryable` says whether the same
    request may succeed later under a new attempt.
    """

    def __init__(self, message: str, *, code: str = "refused", retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


class ProviderUnavailable(PortalError):
    """We do not know what happened there. Never to be treated as a failure."""
