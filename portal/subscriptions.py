"""The whole wiring of events: which room reacts to what. Read top to bottom: one order's story."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from portal.ambassadors.events import AgreementAccepted, AmbassadorEnded
from portal.attribution import subscribers as attribution
from portal.attribution.events import OrderAttributed
from portal.briefs import subscribers as briefs
from portal.briefs.events import AssignmentCompleted
from portal.commissions import subscribers as commissions
from portal.sales.events import OrderCancelled, OrderDisputed, OrderRecorded, OrderRefunded
from portal.tracking import subscribers as tracking

SUBSCRIPTIONS: Mapping[type, Sequence[Callable[[Any], None]]] = {
    AgreementAccepted: [briefs.on_agreement_accepted],
    AmbassadorEnded: [tracking.on_ambassador_ended, briefs.on_ambassador_ended],
    OrderRecorded: [attribution.on_order_recorded, commissions.on_order_recorded],
    OrderAttributed: [commissions.on_order_attributed],
    OrderRefunded: [commissions.on_order_refunded],
    OrderCancelled: [commissions.on_order_cancelled],
    OrderDisputed: [commissions.on_order_disputed],
    AssignmentCompleted: [commissions.on_assignment_completed],
}
