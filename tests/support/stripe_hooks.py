"""What the Stripe simulator tells the portal: signed by it, handed to the platform's own door."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from flask import Flask

from portal.demo import stripe_simulator
from portal.jobs import worker
from portal.storage.unit_of_work import end_read
from tests.support.receiver import Receiver, receiving
from tests.support.stripe import Simulator


@dataclass
class StripeHooks:
    """`hooks.delivers()`: everything the simulator has announced since, and the worker's part."""

    app: Flask
    simulator: Simulator
    receiver: Receiver
    taken: int = 0

    def delivers(self, *, reverse: bool = False) -> list[str]:
        """The types that came. `reverse`: the newest first."""
        self.simulator.control("flush", {})
        fresh = self.receiver.received[self.taken :]
        self.taken += len(fresh)
        for one in fresh[::-1] if reverse else fresh:
            answer = self.app.test_client().post(
                "/hooks/stripe/platform", data=one.body, content_type="application/json",
                headers={"Stripe-Signature": one.headers["stripe-signature"]},
            )  # fmt: skip
            assert answer.status_code == 200
        worker.drain()
        end_read()
        return [one.told["type"] for one in fresh]


@contextlib.contextmanager
def listening(app: Flask) -> Iterator[StripeHooks]:
    """A simulator that is the portal's Stripe, and tells it nothing before it is asked to."""
    rails, before = app.extensions["portal.adapters"].rails, app.config["PORTAL"]
    with stripe_simulator.running() as base_url, receiving() as receiver:
        simulator = Simulator(base_url)
        rails["stripe"] = simulator.rail()
        asked = {"url": receiver.url, "enabled_events": ["*"]}
        made = simulator.rail()._client.v1.webhook_endpoints.create(asked)
        app.config["PORTAL"] = replace(before, stripe_webhook_secret=made.secret)
        simulator.control("hooks", {"hold": True})
        yield StripeHooks(app, simulator, receiver)
    del rails["stripe"]
    app.config["PORTAL"] = before
