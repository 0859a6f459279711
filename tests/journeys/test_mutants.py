"""P18: the tests have teeth. Each mutant breaks a copy of the program in one place, and the one
test that has to notice turns red. Listed in docs/reliability.md.

One mutant alone: `pytest -m long tests/journeys/test_mutants.py -k fresh-key`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv", ".make", ".hypothesis", ".*_cache", "__pycache__", "var", "node_modules"
)
FAILED = 1  # pytest: tests were run, and some failed
BATCHES = "tests/rooms/payouts/test_batches.py"
SENDING = "tests/rooms/payouts/test_sending.py"
RUNS = "tests/rooms/payouts/test_commands.py"


@dataclass(frozen=True)
class Mutant:
    """In `path`, `old` (there once) becomes `new`; then `test` must fail."""

    name: str
    path: str
    old: str
    new: str
    test: str


MUTANTS = [
    Mutant(
        "fresh-key", "portal/payouts/calls.py",
        "receipt = rail.send(transfer, idempotency_key=transfer.key)",
        'receipt = rail.send(transfer, idempotency_key=f"{transfer.key}:{clock.wall()}")',
        f"{SENDING}::test_the_key_is_the_payouts_and_the_attempts",
    ),
    Mutant(
        "commit-after-call", "portal/payouts/dispatch.py",
        "        claimed = commands.claim_each(payout_ids, instance, rates)\n",
        "        claimed = commands.claim_each(payout_ids, instance, rates)\n"
        "        for one in claimed.transfers:\n"
        "            rails[one.rail].send(one, idempotency_key=one.key)\n",
        "tests/rooms/payouts/test_cut_anywhere.py"
        "::test_P1_the_intent_is_committed_before_the_rail_is_called",
    ),
    Mutant(
        "never-asks", "portal/payouts/calls.py",
        "receipt = rail.find(transfer) if transfer.is_resumed else None", "receipt = None",
        f"{SENDING}::test_p1_killed_after_the_call",
    ),
    Mutant(
        "unknown-is-failed", "portal/payouts/dispatch.py",
        "commands.lose(payout_id, said.message)",
        'commands.release(payout_id, said.message, code="lost", is_retryable=True)',
        f"{SENDING}::test_p2_an_answer_that_never_came_is_asked_for_and_never_failed",
    ),
    Mutant(
        "late-call", "portal/payouts/calls.py",
        "return is_over or clock.wall() >= self._claimed.call_until", "return is_over",
        f"{BATCHES}::test_p1_a_call_that_its_lease_would_not_outlast_is_not_begun",
    ),
    Mutant(
        "all-or-nothing", "portal/payouts/dispatch.py",
        "        together = set()\n", "        return\n",
        f"{BATCHES}::test_one_that_cannot_be_recorded_keeps_no_other_from_it",
    ),
    Mutant(
        "no-unique", "portal/integrations/models.py",
        '        UniqueConstraint("provider", "door", "provider_event_id"),\n'
        '        UniqueConstraint("provider", "door", "content_sha256",'
        ' name="uq_inbound_events_content"),\n', "",
        "tests/rooms/integrations/test_hook_doors.py::test_p7_five_deliveries_at_once_have_one_effect",
    ),
    Mutant(
        "total-price", "portal/sales/rules.py",
        "return max(Money.total(counted, self.currency), Money.zero(self.currency))",
        "return max(self.total, Money.total(counted, self.currency))",
        "tests/rooms/integrations/test_hook_doors.py"
        "::test_a_signed_order_is_kept_before_any_thinking_and_then_recorded",
    ),
    Mutant(
        "no-tenant", "portal/payouts/queries.py",
        "select(PayoutRun).where(PayoutRun.brand_id == brand_id, PayoutRun.public_id == public_id)",
        "select(PayoutRun).where(PayoutRun.public_id == public_id)",
        f"{RUNS}::test_another_brands_run_does_not_exist",
    ),
    Mutant(
        "must-cover", "portal/ledger/commands.py",
        "if account.name in must_cover and after < 0:", "if must_cover and after < -(10**9):",
        "tests/rooms/ledger/test_commands.py::test_must_cover_refuses_and_leaves_nothing",
    ),
    Mutant(
        "must-cover-in-sets", "portal/ledger/set_commands.py",
        "    if db.session.scalar(short) is not None:\n", "    if db.session.scalar(short) == 0:\n",
        "tests/rooms/ledger/test_sets.py"
        "::test_a_source_that_does_not_cover_its_amount_is_overdrawn",
    ),
    Mutant(
        "own-approval", "portal/payouts/rules.py",
        "    if user_id in touched_by:\n", "    if user_id not in touched_by and not user_id:\n",
        f"{RUNS}::test_r87_nobody_approves_what_they_touched",
    ),
    Mutant(
        "any-hash", "portal/payouts/commands.py",
        "if control_hash != run.control_hash or control_hash != control.recomputed_hash(run):",
        "if not control_hash:",
        "tests/rooms/payouts/test_finance_doors.py"
        "::test_a_run_that_changed_since_the_page_was_opened_is_not_approved",
    ),
    Mutant(
        "steps-not-sums", "portal/commissions/refund_rules.py",
        "return net - target_after_refunds(amount, basket, left)",
        "return net - target_after_refunds(net, basket, left)",
        "tests/unit/commissions/test_refund_rules.py"
        "::test_R65_three_refunds_end_at_exactly_zero_whether_or_not_they_name_lines",
    ),
    Mutant(
        "whole-cart", "portal/commissions/purchase_queries.py",
        '    if "groups" not in inputs:\n', "    if inputs:\n",
        "tests/rooms/commissions/test_line_refunds.py"
        "::test_R14_R66_each_line_of_the_cart_takes_back_its_own",
    ),
    Mutant(
        "negative-money", "portal/payouts/sending.py",
        '    _post(payout, "failed", [(committed, owed, payout.owed)], must_cover=(committed,))\n', "",
        f"{SENDING}::test_p4_a_definite_refusal_fails_only_that_payout_and_gives_the_money_back",
    ),
    Mutant(
        "early-answer", "portal/integrations/fast_path.py",
        "        except (PortalError, SQLAlchemyError):\n            return False\n",
        "        except (PortalError, SQLAlchemyError):\n            return True\n",
        "tests/rooms/integrations/test_database_lost.py"
        "::test_P11_at_every_step_of_a_webhook_the_connection_goes",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole program beside itself; its tests import from there."""
    made = tmp_path_factory.mktemp("mutants") / "portal"
    shutil.copytree(ROOT, made, ignore=LEFT_BEHIND, symlinks=True)
    where = subprocess.run(
        [sys.executable, "-c", "import portal; print(portal.__file__)"],
        cwd=made, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert Path(where).is_relative_to(made), "the copy would test the original"
    return made


def outcome_of(copy: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run these tests on the copy as it is now."""
    options = ("-q", "-n0", "-p", "no:randomly", "-p", "no:cacheprovider")
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",  # a mutant as long as its original would run unmutated
        "PORTAL_TEST_PGDATA": os.environ.get("PORTAL_TEST_PGDATA", str(ROOT / ".make" / "pgdata")),
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=copy, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def mutated(copy: Path, request: pytest.FixtureRequest) -> Iterator[Mutant]:
    mutant: Mutant = request.param
    place = copy / mutant.path
    before = place.read_text()
    assert before.count(mutant.old) == 1, f"{mutant.path} has changed: {mutant.old!r}"
    place.write_text(before.replace(mutant.old, mutant.new))
    yield mutant
    place.write_text(before)


@pytest.mark.long
def test_P18_before_any_mutant_these_tests_pass(copy: Path) -> None:
    done = outcome_of(copy, *dict.fromkeys(mutant.test for mutant in MUTANTS))
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.long
@pytest.mark.parametrize("mutated", MUTANTS, indirect=True, ids=lambda one: one.name)
def test_P18_each_mutant_turns_its_test_red(copy: Path, mutated: Mutant) -> None:
    done = outcome_of(copy, mutated.test)
    assert done.returncode == FAILED, f"{mutated.name} survived: {done.stdout[-2000:]}"
    assert f"FAILED {mutated.test}" in done.stdout, done.stdout[-2000:]


def test_every_mutant_is_in_the_document_and_still_fits() -> None:
    """Fast: a mutant whose place has changed would be found only by the long run."""
    listed = (ROOT / "docs" / "reliability.md").read_text()
    for mutant in MUTANTS:
        assert f"| {mutant.name} |" in listed
        assert (ROOT / mutant.path).read_text().count(mutant.old) == 1, mutant.name
        path, _, name = mutant.test.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text(), mutant.name
