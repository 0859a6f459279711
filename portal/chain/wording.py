"""Where the chains end, in words that an outsider can compare. Pure."""

from collections.abc import Sequence

from portal.chain.models import ChainHead

NAMES = {"audit": "audit trail", "ledger": "books"}


def seals(heads: Sequence[ChainHead]) -> list[str]:
    """ "books: batch 12, 3fa9…": the number and the whole hash of each chain's last batch. Whoever
    kept such a line can hold `portal audit verify` against it: the batch must still have it."""
    return [
        f"{NAMES.get(head.name, head.name)}: batch {head.number}, {head.hash}"
        for head in heads if head.hash
    ]  # fmt: skip
