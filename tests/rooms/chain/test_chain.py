"""R143: the audit trail and the books are chained; whoever changes a row by hand is found out."""

import hashlib
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from portal.audit.commands import note
from portal.audit.models import AuditEntry
from portal.chain import checkpoints, commands, jobs, queries, rules
from portal.chain.models import ChainBatch
from portal.chain.rules import AUDIT, LEDGER
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger.commands import post
from portal.ledger.models import LedgerJournal
from portal.storage import engine
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work

EURO = Money.of("10.00 EUR")


@pytest.fixture
def data(app, tmp_path):
    return tmp_path


def write(count: int = 5) -> list[int]:
    with unit_of_work():
        for number in range(count):
            note(None, "thing.changed", number, reason=f"because {number}", rate_bp=number)
        db.session.flush()
        return list(db.session.scalars(db.select(AuditEntry.id).order_by(AuditEntry.id)))


def book(count: int = 4) -> list[int]:
    with unit_of_work():
        moves = [(accounts.expense(1), accounts.pending(1, 2), EURO)]
        return [post("commission", f"commission:{number}", moves).id for number in range(count)]


def by_hand(*statements: str) -> None:
    """What somebody does who may write into the database: the triggers are no hindrance."""
    db.session.remove()
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                connection.execute(text(statement))
            return
        triggers = [(one.split()[2], one) for one in engine.sqlite_triggers()]
        for name, _ in triggers:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        for statement in statements:
            connection.execute(text(statement))
        for _, statement in triggers:
            connection.execute(text(statement))


def sealed(data, passes: int = 4) -> None:
    for _ in range(passes):
        jobs.seal_new(data)


def found(name: str, data=None) -> list[str]:
    kept = checkpoints.kept(data, name) if data else None
    return [one.sentence for one in queries.verified(name, kept).findings]


# ---- nothing wrong
def test_R143_what_was_written_is_sealed_once_and_verifies(data):
    write(), book()
    sealed(data)
    for name, count in ((AUDIT, 5), (LEDGER, 4)):
        report = queries.verified(name, checkpoints.kept(data, name))
        assert (report.ok, report.rows, report.waiting, report.number) == (True, count, 0, 1)
    write(3)
    report = queries.verified(AUDIT)
    assert (report.ok, report.rows, report.waiting) == (True, 5, 3)
    sealed(data)
    assert queries.verified(AUDIT).number == 2
    assert queries.waiting_for_seal(AUDIT) == 0


def test_an_empty_trail_is_in_order(data):
    sealed(data)
    assert all(queries.verified(name).ok for name in (AUDIT, LEDGER))
    assert queries.violations() == []


def test_many_rows_take_several_batches(data, monkeypatch):
    monkeypatch.setattr(rules, "BATCH_ROWS", 7)
    monkeypatch.setattr(queries, "ROWS_AT_ONCE", 5)
    monkeypatch.setattr(queries, "BATCHES_AT_ONCE", 2)
    write(40)
    sealed(data)
    report = queries.verified(AUDIT, checkpoints.kept(data, AUDIT))
    assert (report.ok, report.rows, report.number) == (True, 40, 6)


def test_more_rows_than_one_pass_takes_are_all_sealed_in_the_end(data, monkeypatch):
    monkeypatch.setattr(rules, "BATCH_ROWS", 5)
    monkeypatch.setattr(jobs, "BATCHES_AT_ONCE", 3)
    write(40)
    sealed(data, passes=6)
    report = queries.verified(AUDIT, checkpoints.kept(data, AUDIT))
    assert (report.ok, report.rows, report.waiting) == (True, 40, 0)
    assert queries.head_of(AUDIT).mark_id > 0


# ---- rows changed by hand
def test_R143_a_changed_row_is_named(data):
    ids = write()
    sealed(data)
    by_hand(f"UPDATE audit_entries SET actor_id = 99 WHERE id = {ids[2]}")
    assert found(AUDIT) == [f"audit_entries {ids[2]}: its content is not what was sealed"]
    assert queries.violations() == found(AUDIT)


def test_a_changed_fact_is_named(data):
    ids = write()
    sealed(data)
    by_hand(f"""UPDATE audit_entries SET facts = '{{"reason": "x"}}' WHERE id = {ids[0]}""")
    assert len(found(AUDIT)) == 1


def test_R143_a_deleted_row_is_named(data):
    ids = write()
    sealed(data)
    by_hand(f"DELETE FROM audit_entries WHERE id IN ({ids[1]}, {ids[4]})")
    assert [one.partition(":")[0] for one in found(AUDIT)] == [
        f"audit_entries {ids[1]}", f"audit_entries {ids[4]}",
    ]  # fmt: skip
    assert "is no longer there" in found(AUDIT)[0]
    assert len(queries.violations()) == 2


def test_R143_a_row_put_in_behind_the_seal_is_named(data):
    write()
    sealed(data)
    by_hand(
        "INSERT INTO audit_entries (id, at, act, subject_kind, subject_id, facts) VALUES "
        "(-3, '2026-01-01 00:00:00', 'run.approved', 'run', 1, '{}')"
    )
    assert found(AUDIT) == ["audit_entries -3: was added behind the seal: no batch holds it"]


def test_R143_two_swapped_rows_are_named(data):
    ids = write()
    sealed(data)
    first, second = ids[1], ids[3]
    by_hand(
        f"UPDATE audit_entries SET id = 99999 WHERE id = {first}",
        f"UPDATE audit_entries SET id = {first} WHERE id = {second}",
        f"UPDATE audit_entries SET id = {second} WHERE id = 99999",
    )
    assert found(AUDIT) == [
        (
            f"audit_entries {first}: holds what was sealed as row {second}: "
            "rows were put in another order"
        ),
        (
            f"audit_entries {second}: holds what was sealed as row {first}: "
            "rows were put in another order"
        ),
    ]


def test_a_changed_batch_is_named(data, monkeypatch):
    monkeypatch.setattr(rules, "BATCH_ROWS", 2)
    ids = write()
    sealed(data)
    by_hand(
        f"UPDATE audit_entries SET actor_id = 7 WHERE id = {ids[0]}",
        "DELETE FROM chain_batches WHERE chain = 'audit' AND number = 2",
    )
    told = found(AUDIT)
    assert told[0] == "chain_batches 2: batch 2 of audit is missing"
    assert f"audit_entries {ids[0]}: its content is not what was sealed" in told


def test_a_row_and_its_hash_changed_together_are_told_by_the_chain(data):
    ids = write()
    sealed(data)
    with unit_of_work():
        batch = db.session.scalar(db.select(ChainBatch).where(ChainBatch.chain == AUDIT))
        members = rules.unpacked(batch.members)
        members[0] = (ids[0], b"\0" * 32)
        batch.members = rules.packed(members)
    assert "batch 1 of audit is not what was sealed" in found(AUDIT)[0]


def test_R143_an_end_cut_off_and_sealed_anew_is_told_by_what_was_kept_outside(data):
    ids = write()
    sealed(data)
    write(2)
    sealed(data)
    by_hand(
        "DELETE FROM chain_batches", "DELETE FROM chain_heads",
        f"DELETE FROM audit_entries WHERE id > {ids[3]}",
    )  # fmt: skip
    for name in (AUDIT, LEDGER):
        with unit_of_work():
            start, settled = commands.begin_pass(name)
            commands.seal_next(name, start)
            commands.end_pass(name, settled)
    assert found(AUDIT) == []
    told = found(AUDIT, data)
    assert "was sealed anew" in told[0]
    assert "sealed up to batch 2" in told[1]
    assert "its end was cut off" in told[1]


# ---- the books
def test_R143_a_journal_is_sealed_with_its_entries(data):
    journals = book()
    sealed(data)
    by_hand(
        "UPDATE ledger_entries SET amount_minor = amount_minor * 2 "
        f"WHERE journal_id = {journals[1]}"
    )
    assert found(LEDGER) == [f"ledger_journals {journals[1]}: its content is not what was sealed"]


def test_a_balanced_pair_of_entries_put_into_an_old_journal_is_found(data):
    journals = book()
    sealed(data)
    one, other = db.session.scalars(text("SELECT id FROM ledger_accounts ORDER BY id")).all()
    by_hand(
        "INSERT INTO ledger_entries (journal_id, account_id, currency, amount_minor) VALUES "
        f"({journals[0]}, {one}, 'EUR', 500), ({journals[0]}, {other}, 'EUR', -500)"
    )
    assert len(found(LEDGER)) == 1


def test_an_account_with_another_name_is_found(data):
    book()
    sealed(data)
    by_hand("UPDATE ledger_accounts SET name = 'brand:1:creator:3:pending' WHERE creator_id = 2")
    assert len(found(LEDGER)) == 4


# ---- ids that are committed out of order
def test_a_lower_id_that_is_committed_late_is_sealed_and_not_called_added(app, data):
    """On PostgreSQL a transaction may hold a lower id while a higher one is already sealed."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time")
    with db.engine.connect() as slow:
        slow.execute(text("INSERT INTO audit_entries (at, act, subject_kind, subject_id, facts) "
                          "VALUES (now(), 'slow.act', 'slow', 1, '{}')"))  # fmt: skip
        write(3)
        sealed(data, passes=6)
        assert queries.head_of(AUDIT).mark_id == 0  # it cannot count while the slow one runs
        assert queries.verified(AUDIT).rows == 3
        slow.commit()
    sealed(data, passes=6)
    report = queries.verified(AUDIT)
    assert (report.ok, report.rows, report.waiting) == (True, 4, 0)
    assert queries.head_of(AUDIT).mark_id > 0


def test_two_sealers_at_once_seal_each_row_once(app, data):
    write(50)
    db.session.remove()
    troubles = []

    def seals():
        with app.app_context():
            try:
                jobs.seal_new(data)
            except Exception as trouble:
                troubles.append(trouble)

    threads = [threading.Thread(target=seals) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert troubles == []
    report = queries.verified(AUDIT, checkpoints.kept(data, AUDIT))
    assert (report.ok, report.rows, queries.head_of(AUDIT).row_count) == (True, 50, 50)


# ---- keeping what was found
def test_a_whole_look_is_kept_and_a_torn_line_of_the_file_does_no_harm(data):
    ids = write()
    sealed(data)
    with (data / checkpoints.FILE).open("a") as file:
        file.write('{"chain": "au')
    jobs.verify(data)
    head = queries.head_of(AUDIT)
    assert (head.verified_number, head.wrong_count, head.first_wrong) == (1, 0, "")
    by_hand(f"DELETE FROM audit_entries WHERE id = {ids[0]}")
    assert queries.violations() == []  # before the last whole look: not looked at again and again
    jobs.verify(data)
    assert queries.head_of(AUDIT).wrong_count == 1
    assert "no longer there" in queries.violations()[0]


def test_R143_anybody_can_work_the_hashes_out_again():
    """Spelled out, since it must never change: old seals would no longer hold."""
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    entry = {"at": at, "act": "run.approved", "facts": {"net": "412.40", "ä": [1, None]}}
    plain = (
        '{"act":"run.approved","at":"2026-03-02T09:00:00.000000+00:00",'
        '"facts":{"net":"412.40","ä":[1,null]}}'
    )
    digest = hashlib.sha256(plain.encode()).digest()
    assert rules.content_hash(entry) == digest
    member = (17).to_bytes(8, "big") + digest
    assert rules.packed([(17, digest)]) == member
    head = hashlib.sha256(f"audit\n1\n{'0' * 64}\n".encode() + member).hexdigest()
    assert rules.batch_hash("audit", 1, "0" * 64, member) == head


def test_a_journal_without_entries_does_not_stop_sealing(data):
    with unit_of_work():
        db.session.add(
            LedgerJournal(at=clock.now(), reason="x", reference="bare", reverses_id=None)
        )
    sealed(data)
    assert queries.verified(LEDGER).ok
