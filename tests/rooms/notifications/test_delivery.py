"""What becomes of a letter that opens a door, once nothing sends it any more."""

import pytest

from portal.kernel.errors import ProviderRefused
from portal.notifications import commands, jobs, queries
from portal.notifications.models import MessageState
from portal.notifications.rules import letter_of
from portal.storage.unit_of_work import unit_of_work

CODE = "482 913"


class Server:
    """A mail server that takes everything, or nothing."""

    def __init__(self, *, takes: bool) -> None:
        self.takes, self.seen = takes, []

    def send(self, *, recipient: str, subject: str, text: str, html: str) -> None:
        if not self.takes:
            raise ProviderRefused("550 no such user")
        self.seen.append(text)


def delivered(mailer: Server | None):
    with unit_of_work():
        commands.write("sign_in_code", 1, "ada@example.com", letter_of("Your code", CODE, ""), CODE)
    (written,) = queries.latest()
    jobs.deliver(written.id, mailer)
    return queries.message(written.id)


@pytest.mark.parametrize(
    ("takes", "state"), [(True, MessageState.SENT), (False, MessageState.REFUSED)]
)
def test_a_code_is_forgotten_once_the_mail_server_has_answered(app, takes, state):
    server = Server(takes=takes)
    message = delivered(server)
    assert message.state is state
    assert CODE not in message.text + message.html
    assert len(server.seen) == takes


def test_without_a_mail_server_it_waits_in_the_outbox(app):
    message = delivered(None)
    assert message.state is MessageState.KEPT
    assert CODE in message.text
