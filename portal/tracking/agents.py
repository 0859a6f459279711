"""What a user agent is, by the public list of crawlers; remembered, for a look-up costs 0.15 ms."""

from crawleruseragents import is_crawler

from portal.tracking.redirect import says_bot

REMEMBERED = 50_000
_known: dict[str, bool] = {}


def is_machine(agent: str) -> bool:
    """Whether this agent is a machine: says so itself, stands on the list, or says nothing."""
    found = _known.get(agent)
    if found is None:
        if len(_known) >= REMEMBERED:
            _known.clear()
        found = _known[agent] = not agent or says_bot(agent) or is_crawler(agent)
    return found
