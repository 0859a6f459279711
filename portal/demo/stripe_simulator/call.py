"""One call of the API as it came in."""

import hashlib
import json
from dataclasses import dataclass, field

from portal.demo.stripe_simulator.refusals import JSON
from portal.demo.stripe_simulator.state import new_id


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    params: JSON
    base_url: str
    authorization: str = ""
    on_behalf_of: str | None = None
    key: str | None = None
    id: str = field(default_factory=lambda: new_id("req", 14))

    @property
    def fingerprint(self) -> str:
        """Equal for calls with the same endpoint and parameters."""
        whole = json.dumps([self.method, self.path, self.params], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()
