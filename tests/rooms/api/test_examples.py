"""docs/api.md does what it says: its calls are made, its answers compared, its check checked."""

import json
import re
import shlex
from datetime import timedelta

import pytest

from portal.kernel import clock
from portal.webhooks import rules
from tests.support.callers import a_caller
from tests.support.documents import ROOT
from tests.support.people import a_program, an_ambassador

PAGE = (ROOT / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
ALONE = {"-X": "method", "-d": "data"}


def called(world, shop, line, ambassador):
    """One curl line, made with the test client."""
    line = line.replace("\\\n", " ").replace("$VOUCH", "").replace("$KEY", shop.token)
    words = iter(shlex.split(line)[1:])
    url, headers, given = "", {}, {"method": "GET"}
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word in ALONE:
            given[ALONE[word]] = next(words).replace("amb_8kq2f7m3n4p5", ambassador)
        else:
            url = word
    return world.app.test_client().open(url, headers=headers, **given)


def assert_like(example, answer):
    """Every field of the example is in the answer; words and flags are the same."""
    for name, value in example.items():
        assert name in answer
        if isinstance(value, list) and value:
            assert_like(value[0], answer[name][0])
        elif isinstance(value, dict):
            assert_like(value, answer[name])
        elif name not in ("id",):
            assert answer[name] == value


def test_every_call_on_the_page_works_and_answers_as_shown(world):
    ada = an_ambassador(a_program(world.glow), "Ada", code="ADA15")
    shop = a_caller(world, world.glow)
    clock.pass_time(timedelta(minutes=10))
    answer, calls = None, 0
    for kind, text in BLOCKS:
        if kind == "sh":
            line = text[text.index("curl ") :]
            answer = called(world, shop, line, ada.public_id)
            assert answer.status_code < 300, (line, answer.get_json())
            calls += 1
            world.settle()
        elif kind == "json" and '"type"' not in text:
            assert_like(json.loads(text), answer.get_json())
    assert calls == 8


def test_the_check_of_a_signature_tells_ours_from_others():
    [code] = [text for kind, text in BLOCKS if kind == "python"]
    room = {}
    exec(code, room)
    secret, body = rules.new_secret(), '{"type":"order.recorded"}'
    now = int(clock.wall().timestamp())
    headers = rules.headers([rules.new_secret(), secret], "msg_1", now, body)
    assert room["verified"](headers, body.encode(), secret)
    assert not room["verified"](headers, body.encode() + b" ", secret)
    assert not room["verified"](headers, body.encode(), rules.new_secret())
    old = rules.headers([secret], "msg_1", now - 3600, body)
    assert not room["verified"](old, body.encode(), secret)


@pytest.mark.parametrize("kind", rules.TYPES)
def test_every_event_is_on_the_page(kind):
    assert f"| `{kind}` | {rules.TYPES[kind]} |" in PAGE
