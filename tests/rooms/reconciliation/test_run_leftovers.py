"""A run's difference is located: which transfers stand on one side only (R89)."""

import csv
import io
from typing import Any

from portal.kernel import clock
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.payouts import jobs, leftover_queries
from portal.payouts.models import PayoutRun
from portal.payouts.provider import FoundTransfer
from tests.support.fakes.payouts import ScriptedRail
from tests.support.payees import Payees
from tests.support.world import World


def there(rail: ScriptedRail, run: PayoutRun, ref: str, payout: str, amount: str) -> None:
    """The rail has this transfer in the run's group."""
    money = Money.of(amount)
    rail.made[ref] = FoundTransfer(payout, 1, ref, money, Money.zero(money.currency))
    rail.runs[ref] = run.public_id


def differing(payees: Payees, rail: ScriptedRail) -> tuple[PayoutRun, dict[str, Any]]:
    """Ada's transfer is gone there, Ben's is smaller, Cleo was sent to twice, one is nobody's."""
    people = {name: payees.owed(name, "40.00 USD") for name in ("Ada", "Ben", "Cleo", "Dora")}
    run = payees.approved()
    payees.work()
    refs = {name: payees.of(run, one).provider_ref for name, one in people.items()}
    del rail.made[refs["Ada"]]
    there(rail, run, refs["Ben"], payees.of(run, people["Ben"]).public_id, "15.00 USD")
    there(rail, run, "tr_twice", payees.of(run, people["Cleo"]).public_id, "40.00 USD")
    there(rail, run, "tr_stray", "po_elsewhere", "7.00 USD")
    jobs.reconcile_run(run.id, {"stripe": rail}, "test")
    return payees.again(run), refs


def test_leftovers_are_listed_both_ways(payees: Payees, rail: ScriptedRail) -> None:
    run, refs = differing(payees, rail)
    found = leftover_queries.leftovers(run, PageRequest(None)).rows
    forty, fifteen, seven = (Money.of(f"{some}.00 USD") for some in (40, 15, 7))
    assert {(one.creator, one.reference, one.ours, one.theirs, one.why) for one in found} == {
        ("Ada", refs["Ada"], forty, None, "The provider does not have it"),
        ("Ben", refs["Ben"], forty, fifteen, "The provider has another amount"),
        ("Cleo", "tr_twice", None, forty, "Sent to her besides what her payout recorded"),
        ("", "tr_stray", None, seven, "No payout of this run stands for it"),
    }
    ours = sum(one.ours.minor for one in found if one.ours)
    theirs = sum(one.theirs.minor for one in found if one.theirs)
    assert ours - theirs == run.difference_minor == 1800
    assert run.reconciled_count == 2


def test_leftovers_are_those_of_the_last_comparison(payees: Payees, rail: ScriptedRail) -> None:
    run, refs = differing(payees, rail)
    del rail.made["tr_stray"], rail.made["tr_twice"]
    clock.pass_days(1)
    jobs.reconcile_run(run.id, {"stripe": rail}, "test")
    found = leftover_queries.leftovers(run, PageRequest(None)).rows
    assert sorted(one.reference for one in found) == sorted([refs["Ada"], refs["Ben"]])
    first = leftover_queries.leftovers(run, PageRequest(None, 1))
    rest = leftover_queries.leftovers(run, PageRequest(first.next_cursor, 1))
    assert [*first.rows, *rest.rows] == list(found)
    assert (first.total, rest.next_cursor) == (2, None)


def test_finance_reads_and_downloads_leftovers_and_only_an_approver_explains(
    payees: Payees, rail: ScriptedRail, world: World
) -> None:
    run, refs = differing(payees, rail)
    finn, faye = world.finn.browser, world.faye.browser
    finn.opens("/finance/glow/reconciliation").follows(run.label)
    finn.sees("Ada", "$40.00", refs["Ada"], "Missing", "tr_stray", "Nobody’s", "Download as CSV")
    finn.does_not_see("Explain +")
    url = f"/finance/glow/reconciliation/runs/{run.public_id}"
    finn.opens(f"{url}/leftovers.csv")
    assert finn.response is not None
    rows = list(csv.DictReader(io.StringIO(finn.response.get_data(as_text=True))))
    stray = next(row for row in rows if row["reference"] == "tr_stray")
    assert (stray["ours"], stray["provider"], stray["provider currency"]) == ("", "7.00", "USD")
    assert len(rows) == 4
    faye.opens(url).fills("Why", "Asked the provider.").presses("Explain +$18.00")
    faye.sees("Explained")
    faye.opens(url).follows("Ben").sees("Ben", "$40.00")


def test_leftovers_of_another_brand_are_not_found(
    payees: Payees, rail: ScriptedRail, world: World
) -> None:
    run, _ = differing(payees, rail)
    for end in ("", "/leftovers.csv"):
        world.finn.browser.opens(
            f"/finance/other/reconciliation/runs/{run.public_id}{end}", status=404
        )
