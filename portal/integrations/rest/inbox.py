"""Keep what programs tell where shops' webhooks are kept (implements `api.provider.Inbox`)."""

from portal.api.provider import Call
from portal.integrations import applying, commands, shop_commands
from portal.integrations.commands import Message
from portal.integrations.doors import Door, Label
from portal.integrations.models import SightingKind
from portal.kernel import codes
from portal.sales.models import Connection, Source
from portal.storage.model import db


class RestInbox:
    """Each call is one message of its shop: a program may tell the same state twice."""

    def keep(self, call: Call, order_id: int | None) -> None:
        """It was done: kept as processed."""
        event = commands.keep(_message(call))
        commands.close(event, applying.recorded(applying.read(event), order_id))

    def refuse(self, call: Call, reason: str) -> None:
        """It was refused: kept with the reason."""
        commands.keep_refused(_message(call), reason)

    def note_wrong_key(self, connection_id: int) -> None:
        """Nothing is kept of what nobody signed for."""
        shop_commands.note_sighting(connection_id, SightingKind.BAD_SIGNATURE, "")


def _message(call: Call) -> Message:
    shop = db.session.get_one(Connection, call.connection_id)
    door = Door(Source.API, shop.public_id, (), shop.id, shop.brand_id)
    once = codes.random_symbols(40).lower()
    return Message(door, Label(once, call.topic, {"API key": call.key}, once), call.body)
