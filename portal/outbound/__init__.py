"""Calls to addresses that people typed: shop pages, webhook receivers, shops' own interfaces.

One function, `fetch`, and what it never does: reach an address that is not public (SSRF), connect
elsewhere than to the address it checked, follow a redirect, wait or read without a bound.
"""

from portal.outbound.egress import Answer as Answer
from portal.outbound.egress import Forbidden as Forbidden
from portal.outbound.egress import fetch as fetch
