"""What the pages about payees show: gathered here, so that the doors stay short."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from flask import request, url_for

from portal.creators import queries as creators
from portal.creators.models import Creator, Rail
from portal.destinations import queries as destinations
from portal.destinations.rules import WORDS as WAYS
from portal.destinations.wording import missing_words
from portal.identity import queries as identity
from portal.kernel import clock, currencies
from portal.kernel.pages import PageRequest
from portal.ledger import queries as books
from portal.payee_holds import queries as payee_holds
from portal.payee_holds import sharing_queries as sharing
from portal.payees import balance_queries as balances
from portal.payees import commands, rules
from portal.payees.queries import Payee, Payees
from portal.payees.rules import Readiness, View
from portal.payouts import queries as payouts
from portal.payouts import wording
from portal.payouts.line_rules import ASKS_ACCOUNT, ASKS_FORM
from portal.tax.list_queries import Standings
from portal.tax.wording import KINDS
from portal.web.formatting import country, day
from portal.web.guards import person

MOST_IN_FILE, MOST_ASKED = 10_000, 2_000
READINESS = {
    Readiness.VERIFIED: ("success", "Verified"),
    Readiness.COOLING: ("hold", "Cooling 72 h"),
    Readiness.NEEDS: ("waiting", "Needs action"),
    Readiness.MISSING: ("neutral", "No account"),
}
CSV_HEAD = (
    "Creator", "Handle", "Country", "Way", "Account", "State", "Missing", "Changed", "Tax form",
    "Currency", "Payable", "Pending", "On hold", "In a run", "Why not paid", "Last paid",
)  # fmt: skip


def listing(brand_id: int) -> dict[str, Any]:
    """One page of payees, the counts of every view, the countries to choose from."""
    view, text, code = _wanted()
    standings = Standings(brand_id)
    found = Payees(standings, text, code)
    listed = found.page(view, PageRequest(request.args.get("cursor")))
    tallies = found.tallies()
    listed = replace(listed, total=tallies.views[view])
    here: dict[str, Any] = {"brand_id": brand_id, "q": text or None, "country": code or None}
    return {
        "brand_id": brand_id, "zone": identity.brand(brand_id).zone, "listed": listed,
        "balances": balances.owed_to(standings, listed.rows, found.now),
        "any": bool(text or code or tallies.views[View.ALL]),
        "view": view.value, "q": text, "country": code,
        "countries": [("", "Everywhere"), *((one, country(one)) for one in tallies.countries)],
        "views": [
            {"label": rules.WORDS[one], "count": tallies.views[one], "current": one is view,
             "href": _address("finance", view=one, **here)}
            for one in View
        ],
        "next_href": _address("finance", view=view, cursor=listed.next_cursor, **here),
        "start_href": _address("finance", view=view, **here),
        "file_href": _address("file", view=view, **here),
        "remind_href": url_for("payees_finance.remind_all", view=view.value, **here)
        if view in (View.MISSING, View.NEEDS) and listed.total else "",
        **words(),
    }  # fmt: skip


def remind_view(brand_id: int, *, by: int) -> str:
    """Ask everybody of the view in the address, at most 2,000; what to say of it."""
    view, text, code = _wanted()
    standings = Standings(brand_id)
    found = Payees(standings, text, code)
    return _reminded(*commands.remind(standings, found.every(view, MOST_ASKED), by=by))


def remind_one(brand_id: int, creator: Creator, *, by: int) -> str:
    """Ask one payee; what to say of it."""
    standings = Standings(brand_id)
    payee = Payees(standings).one(creator.id)
    return _reminded(*commands.remind(standings, [[payee]], by=by))


def here(brand_id: int) -> str:
    """The list at the view in the address."""
    view, text, code = _wanted()
    return _address("finance", view=view, brand_id=brand_id, q=text or None, country=code or None)


def words() -> dict[str, Any]:
    """The words that list and page share."""
    return {
        "readiness_words": READINESS, "reasons": wording.REASONS, "kinds": KINDS,
        "ways": {rail.value: title for rail, (title, _) in WAYS.items()}, "lacks": missing_words,
    }  # fmt: skip


def lines(brand_id: int) -> Iterator[list[str]]:
    """The same payees as a file, one line to a currency, at most 10,000 payees."""
    view, text, code = _wanted()
    standings, zone = Standings(brand_id), identity.brand(brand_id).zone
    found = Payees(standings, text, code)
    for some in found.every(view, MOST_IN_FILE):
        owed = balances.owed_to(standings, some, found.now)
        for payee in some:
            for balance in owed.get(payee.creator.id, []):
                yield [*_who(payee, zone), *_owed(balance), _paid_on(payee, zone)]
            if payee.creator.id not in owed:
                yield [*_who(payee, zone), "", "", "", "", "", "", _paid_on(payee, zone)]


def one(brand_id: int, creator: Creator) -> dict[str, Any]:
    """One payee: where her money goes, what blocks it, what she is owed and was paid, and how her
    account changed."""
    standings, now = Standings(brand_id), clock.now()
    payee = Payees(standings).one(creator.id)
    owed = balances.owed_to(standings, [payee], now).get(creator.id, [])
    paid = {
        balance.payable.currency: books.paid_to(brand_id, creator.id, balance.payable.currency)
        for balance in owed
    }
    listed = payouts.payouts_to(brand_id, creator.id, PageRequest(request.args.get("cursor")))
    address: dict[str, Any] = {"brand_id": brand_id, "creator": creator.public_id}
    return {
        "brand_id": brand_id, "zone": identity.brand(brand_id).zone, "payee": payee,
        "creator": creator, "owed": owed, "paid": paid, "listed": listed,
        "runs": payouts.runs_by_id([row.run_id for row in listed.rows]),
        "history": history(brand_id, creator.id),
        **_held(brand_id, creator.id), **_sharing(brand_id, payee),
        "rail_by_hand": Rail.MANUAL.value,
        "may_ask": any({*one.blocked} & (ASKS_ACCOUNT | ASKS_FORM) for one in owed),
        "is_cooling": payee.readiness is Readiness.COOLING,
        "next_href": url_for("payees_finance.payee", cursor=listed.next_cursor, **address),
        "start_href": url_for("payees_finance.payee", **address), **words(),
    }  # fmt: skip


def history(brand_id: int, creator_id: int) -> list[dict[str, Any]]:
    """How her account changed, when she was reminded and when her payouts were held, the newest
    first, as a timeline."""
    steps = _holds(brand_id, creator_id)
    steps += [
        {"icon": "mail", "who": "", "text": "Reminded that money waits", "at": row.sent_at}
        for row in destinations.reminders_of(creator_id)
    ]
    asks = destinations.asks_of(brand_id, creator_id)
    names = identity.users([row.asked_by for row in asks])
    steps += [
        {"icon": "mail", "who": names[row.asked_by].name, "text": "asked for an account",
         "at": row.at}
        for row in asks
    ]  # fmt: skip
    for change in destinations.changes_of(creator_id):
        text = f"Changed from {change.before_masked or 'another account'} to "
        text += change.label_masked or WAYS[change.rail][0]
        steps.append({"icon": "refresh-cw", "who": "", "text": text, "at": change.at})
        if change.confirmed_at:
            steps.append({"icon": "check", "who": "", "text": "Confirmed by mail",
                          "at": change.confirmed_at})  # fmt: skip
        if change.denied_at:
            steps.append({"icon": "circle-x", "who": "", "text": "Denied: it was not she",
                          "at": change.denied_at})  # fmt: skip
    return sorted(steps, key=lambda step: step["at"], reverse=True)


# ---- inside
def _held(brand_id: int, creator_id: int) -> dict[str, Any]:
    found = payee_holds.open_hold(brand_id, creator_id)
    holder = identity.users([found.held_by])[found.held_by].name if found else ""
    may_hold = person().may("finance.preparer", brand_id)
    return {"hold": found, "holder": holder, "may_hold": may_hold}


def _sharing(brand_id: int, payee: Payee) -> dict[str, Any]:
    """Who else of the brand is paid to her account, and who said why that they may be."""
    to = payee.destination
    ids = sharing.sharers_with(brand_id, payee.creator.id, to.account_ref) if to else []
    permit = sharing.permit_of(brand_id, payee.creator.id, to.account_ref) if to and ids else None
    names = identity.users([permit.permitted_by]) if permit else {}
    people = creators.creators(ids).values() if ids else []
    return {"sharers": sorted(people, key=lambda one: one.name), "permit": permit,
            "permitter": names[permit.permitted_by].name if permit else ""}  # fmt: skip


def _holds(brand_id: int, creator_id: int) -> list[dict[str, Any]]:
    """When her payouts were held and released, with who and why."""
    found, steps = payee_holds.history_of(brand_id, creator_id), []
    names = identity.users([i for row in found for i in (row.held_by, row.released_by) if i])
    for row in found:
        steps.append({"icon": "pause", "who": names[row.held_by].name,
                      "text": f"held all payouts: {row.reason}", "at": row.held_at})  # fmt: skip
        if row.released_by:
            steps.append({"icon": "play", "who": names[row.released_by].name,
                          "text": "released them", "at": row.released_at})  # fmt: skip
    return steps


def _reminded(accounts: int, forms: int) -> str:
    asked = [f"{accounts:,} for an account"] if accounts else []
    asked += [f"{forms:,} for a tax form"] if forms else []
    if not asked:
        return "Nobody was asked: nothing is missing, or everybody was asked in the last day."
    return f"Asked by mail: {', '.join(asked)}."


def _wanted() -> tuple[View, str, str]:
    asked = request.args
    code = asked.get("country", "").strip().upper()[:2]
    return rules.view_of(asked.get("view", "")), asked.get("q", "").strip()[:80], code


def _address(door: str, view: View, **values: Any) -> str:
    name = "payees" if door == "finance" else "file"
    chosen = None if view is View.ALL else view.value
    return url_for(f"payees_finance.{name}", view=chosen, **values)


def _who(payee: Payee, zone: str) -> Sequence[str]:
    to, lacks = payee.destination, list(payee.destination.missing) if payee.destination else []
    return [
        payee.creator.name, f"@{payee.creator.handle}", payee.creator.country,
        WAYS[to.rail][0] if to else "", to.label_masked if to else "",
        READINESS[payee.readiness][1], ", ".join(missing_words(lacks)),
        day(to.changed_at, zone) if to else "", payee.form_state.value.replace("_", " "),
    ]  # fmt: skip


def _owed(balance: balances.Balance) -> Sequence[str]:
    amounts = (balance.payable, balance.pending, balance.held, balance.committed)
    return [
        balance.payable.currency,
        *(f"{currencies.to_major(one.minor, one.currency):f}" for one in amounts),
        "; ".join(wording.REASONS[reason].label for reason in balance.blocked),
    ]


def _paid_on(payee: Payee, zone: str) -> str:
    return day(payee.last_paid_at, zone) if payee.last_paid_at else ""
