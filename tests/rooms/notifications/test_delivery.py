"""What becomes of a letter that opens a door, once nothing sends it any more."""

import pytest

from portal.jobs import queries as jobs_queries
from portal.kernel.errors import ProviderRefused, ProviderUnavailable
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


def three_waiting() -> list[int]:
    letter = letter_of("Paid", "80.00 USD", "")
    with unit_of_work():
        commands.write_each("payout_sent", [(n, f"c{n}@example.com", letter, "") for n in range(3)])
    return sorted(one.id for one in queries.latest())


def test_one_without_an_answer_keeps_no_other_waiting_and_is_tried_again(app):
    class Moody(Server):
        def send(self, *, recipient: str, subject: str, text: str, html: str) -> None:
            if recipient == "c1@example.com":
                raise ProviderUnavailable("No answer.")
            super().send(recipient=recipient, subject=subject, text=text, html=html)

    ids = three_waiting()
    jobs.deliver_each(ids, Moody(takes=True))
    states = [queries.message(one).state for one in ids]
    assert states == [MessageState.SENT, MessageState.QUEUED, MessageState.SENT]
    assert jobs_queries.waiting_among([f"message:{one}" for one in ids]) == {f"message:{ids[1]}"}


def test_many_are_kept_at_once_where_there_is_no_mail_server(app):
    ids = three_waiting()
    jobs.deliver_each(ids, None)
    assert {queries.message(one).state for one in ids} == {MessageState.KEPT}
    with unit_of_work():  # the same letter again is not written again
        commands.write_each("payout_sent", [(0, "c0@example.com", letter_of("Paid", "", ""), "")])
    assert len(queries.latest()) == 3
