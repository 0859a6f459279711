"""One doing for all that wait: everybody is served once, nobody waits for nothing."""

import threading

import pytest

from portal.kernel.turns import SharedTurn


class Slow:
    """Doubles what it is asked; the first turn lasts until everybody else has come."""

    def __init__(self, others):
        self.groups, self.others, self.turn = [], others, SharedTurn(self.serve)

    def serve(self, take):
        wishes = take()
        self.groups.append(sorted(wish.asked for wish in wishes))
        if len(self.groups) == 1:
            while len(self.turn._waiting) < self.others:
                threading.Event().wait(0.001)
        if 13 in self.groups[-1]:
            raise OSError("the disk is full")
        for wish in wishes:
            wish.given, wish.is_done = wish.asked * 2, True


def ask_all(slow, numbers):
    found = {}

    def ask(number):
        try:
            found[number] = slow.turn.ask(number)
        except OSError as trouble:
            found[number] = str(trouble)

    threads = [threading.Thread(target=ask, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    return found


def test_who_comes_meanwhile_is_served_together():
    slow = Slow(others=7)
    assert ask_all(slow, range(8)) == {number: number * 2 for number in range(8)}
    assert [len(group) for group in slow.groups] == [1, 7]
    assert slow.turn.ask(100) == 200


def test_trouble_is_told_to_all_who_shared_it_and_the_next_are_served():
    slow = Slow(others=3)
    slow.groups.append([])  # no turn is held up
    found = ask_all(slow, [13])
    assert found == {13: "the disk is full"}
    assert slow.turn.ask(4) == 8


def test_what_is_left_undone_is_never_taken_for_done():
    def forget(take):
        take()

    turn = SharedTurn(forget)
    with pytest.raises(RuntimeError, match="before it was done"):
        turn.ask(1)
    with pytest.raises(RuntimeError):
        turn.ask(2)
