"""The whole wiring of events: which room reacts to what. Read top to bottom: one order's story."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from portal.ambassadors.events import AgreementAccepted, AmbassadorEnded
from portal.briefs import subscribers as briefs

SUBSCRIPTIONS: Mapping[type, Sequence[Callable[[Any], None]]] = {
    AgreementAccepted: [briefs.on_agreement_accepted],
    AmbassadorEnded: [briefs.on_ambassador_ended],
}
