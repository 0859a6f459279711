"""Forms from the first word to the decision, reminders, rules: R97, R101, R103, R104."""

from datetime import date

import pytest
from sqlalchemy import select, text

from portal.audit.models import AuditEntry
from portal.kernel import clock
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.money import Money
from portal.kernel.pages import PageRequest
from portal.notifications.models import Message
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from portal.tax import commands, entry_commands, exports, jobs, list_queries, queries
from portal.tax.models import Asks, FormKind, FormState, FormStatus, Purpose
from portal.tax.rules import Payee
from tests.support.tax import SSN


def acts(*wanted):
    end_read()
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.act.in_(wanted)))
    return [row.act for row in rows.all()]


def mails(world, to):
    world.settle()
    end_read()
    rows = db.session.scalars(select(Message).where(Message.recipient == to).order_by(Message.id))
    return [row.subject for row in rows if "account" not in row.subject]


def received(payees, creator, amount, source="x", on="2026-03-02T09:00Z", rail="stripe"):
    with clock.at(on), unit_of_work():
        entry_commands.record_payments([entry_commands.Paid(
            source, brand_id=payees.brand.id, creator_id=creator.id, amount=Money.of(amount),
            withheld=Money.zero(amount[-3:]), rail=rail, at=clock.now(),
        )])  # fmt: skip


def test_a_draft_survives_and_a_number_is_kept_without_being_typed_again(payees):
    ada = payees.creator("Ada")
    with unit_of_work():
        form = commands.start_form(ada.id, FormKind.W9, by=ada.user_id)
        commands.save_draft(form.id, {"name": "Ada", "tin": SSN})
        commands.save_draft(form.id, {"city": "Portland", "tin": ""})
        again = commands.start_form(ada.id, FormKind.W9, by=ada.user_id)
    assert again.id == form.id
    end_read()
    kept = queries.answers_of(queries.form(form.id))
    assert (kept["tin"], kept["name"], kept["city"]) == (SSN, "Ada", "Portland")
    with pytest.raises(InvalidInput, match="Choose how you are taxed"), unit_of_work():
        commands.sign(form.id, "Ada", by=ada.user_id)


def test_R103_what_she_writes_is_sealed_in_the_database(payees, papers):
    ada = payees.creator("Ada")
    papers.w9(ada, name="Ada Lovelace")
    row = db.session.execute(text("SELECT * FROM tax_forms")).one()
    stored = " ".join(str(value) for value in row)
    assert "4399" in stored
    for secret in (SSN, "536904399", "53690", "Main St", "Ada Lovelace", "Lovelace"):
        assert secret not in stored
    trail = " ".join(str(one.facts) for one in db.session.scalars(select(AuditEntry)))
    assert "4399" not in trail
    assert "Main St" not in trail


def test_a_plain_form_needs_nobody_and_a_doubtful_one_waits_for_finance(payees, papers):
    ada, eve = payees.creator("Ada"), payees.creator("Eve")
    papers.w9(ada)
    form = papers.w9(eve, name="Mallory Miller")
    assert papers.state(ada) is FormState.ACCEPTED
    assert papers.state(eve) is FormState.CHECKING
    with unit_of_work():
        commands.decide(payees.brand.id, form.id, accept=True, by=payees.finn.user_id)
    assert papers.state(eve) is FormState.ACCEPTED
    with pytest.raises(Conflict, match="accepted"), unit_of_work():
        commands.decide(payees.brand.id, form.id, accept=True, by=payees.finn.user_id)
    papers.policy(asks=Asks.THRESHOLD, checks_by_hand=True)
    assert papers.state(ada) is FormState.CHECKING


def test_one_brand_never_decides_for_another(world, payees, papers):
    ada = payees.creator("Ada")
    form = papers.w9(ada)
    with unit_of_work():
        commands.decide(payees.brand.id, form.id, accept=False, reason="The stamp is missing.",
                        by=payees.finn.user_id)  # fmt: skip
    assert papers.state(ada) is FormState.REJECTED
    assert papers.state(ada, world.rival.id) is FormState.ACCEPTED


def test_a_rejected_form_is_told_corrected_and_replaced(world, payees, papers):
    ada = payees.owed("Ada", "2500.00 USD")
    form = papers.w9(ada)
    with pytest.raises(InvalidInput), unit_of_work():
        commands.decide(payees.brand.id, form.id, accept=False, reason=" ", by=payees.finn.user_id)
    with unit_of_work():
        commands.decide(payees.brand.id, form.id, accept=False, reason="The name is cut off.",
                        by=payees.finn.user_id)  # fmt: skip
    assert mails(world, "ada@example.com") == ["Glow cannot use your W-9"]
    assert queries.gate(payees.brand.id, [Payee(ada.id, Money.of("2500.00 USD"))])[ada.id].stop
    newer = papers.w9(ada)
    end_read()
    assert queries.form(form.id).status is FormStatus.SUPERSEDED
    assert queries.answers_of(queries.form(newer.id))["tin"] == SSN
    assert papers.state(ada) is FormState.ACCEPTED
    with pytest.raises(Conflict), unit_of_work():
        commands.decide(payees.brand.id, form.id, accept=True, by=payees.finn.user_id)


def test_a_signed_form_is_never_written_again(payees, papers):
    form = papers.w9(payees.creator("Ada"))
    for act in (lambda: commands.save_draft(form.id, {"name": "Eve"}),
                lambda: commands.sign(form.id, "Ada", by=1),
                lambda: commands.discard_draft(form.id, by=1)):  # fmt: skip
        with pytest.raises(Conflict, match="signed already"), unit_of_work():
            act()


def test_R101_reminders_60_and_14_days_before_and_on_the_day_once_each(world, payees, papers):
    ada = payees.creator("Ada")
    papers.w8ben(ada)
    told = []
    for day in ("2029-10-31", "2029-11-01", "2029-11-20", "2029-12-17", "2030-01-01", "2030-02-01"):
        with clock.at(f"{day}T09:00Z"):
            jobs.tend_forms()
            jobs.tend_forms()
            world.settle()
        told.append(len(mails(world, "ada@example.com")))
    assert told == [0, 1, 1, 2, 3, 3]
    assert "lapses on" in mails(world, "ada@example.com")[0]
    assert mails(world, "ada@example.com")[-1] == "Your W-8BEN has lapsed"


def test_finance_asks_by_mail_at_most_once_a_day(world, payees):
    ada = payees.creator("Ada")
    with unit_of_work():
        assert commands.ask(payees.brand.id, [ada.id], by=payees.finn.user_id) == 1
    with unit_of_work():
        assert commands.ask(payees.brand.id, [ada.id], by=payees.finn.user_id) == 0
    assert mails(world, "ada@example.com") == ["A tax form is needed for Glow"]
    with clock.at("2026-03-03T09:00:01Z"), unit_of_work():
        assert commands.ask(payees.brand.id, [ada.id], by=payees.finn.user_id) == 1


def test_R97_figures_are_entered_with_their_day_and_their_trail(payees):
    brand, by = payees.brand.id, payees.faye.user_id
    with unit_of_work():
        commands.enter_rule(None, FormKind.W9, date(2027, 1, 1), Money.of("2100.00 USD"), 2400,
                            by=by, note="Notice 2026-70")  # fmt: skip
    with unit_of_work():
        commands.enter_rule(brand, FormKind.W9, date(2027, 1, 1), Money.of("2000.00 USD"), 2400,
                            by=by)  # fmt: skip
    assert list_queries.threshold_of(brand, 2027).threshold == Money.of("2000.00 USD")
    assert list_queries.threshold_of(payees.world.rival.id, 2027).threshold.minor == 210_000
    assert list_queries.threshold_of(brand, 2026).threshold == Money.of("2000.00 USD")
    assert acts("tax-rule.entered") == ["tax-rule.entered"] * 2
    with pytest.raises(InvalidInput, match="hundreds"), unit_of_work():
        commands.enter_rule(brand, FormKind.W9, date(2028, 1, 1), Money.of("2150.00 USD"), 2400,
                            by=by)  # fmt: skip


def test_R104_a_file_marks_what_was_corrected_since_the_last_one(payees, papers):
    ada, ben = payees.creator("Ada"), payees.creator("Ben")
    papers.w9(ada)
    received(payees, ada, "2000.00 USD", "a")
    received(payees, ben, "1999.99 USD", "b")

    def file(**how):
        end_read()
        made = exports.nec_file(payees.brand.id, 2026, whole=False, **how)
        with unit_of_work():
            exports.note_export(payees.brand.id, 2026, exports.NEC, made, whole=False,
                                by=payees.finn.user_id)  # fmt: skip
        end_read()
        return [dict(zip(made.head, row, strict=True)) for row in made.rows]

    first = file()
    assert [(row["creator"], row["status"], row["number"]) for row in first] == [
        ("Ada", "original", "••4399")
    ]
    assert first[0]["reported_total"] == "2000.00"
    assert [row["status"] for row in file()] == ["unchanged"]
    received(payees, ben, "0.01 USD", "c")
    with unit_of_work():
        entry_commands.take_back("a", Money.of("500.00 USD"), Money.of("500.00 USD"),
                                 Money.of("0.00 USD"))  # fmt: skip
    changed = {row["creator"]: row for row in file()}
    assert (changed["Ada"]["status"], changed["Ada"]["reported_total"]) == ("corrected", "1500.00")
    assert (changed["Ben"]["status"], changed["Ben"]["form"]) == ("original", "missing")
    assert file(corrections_only=True) == []
    papers.w9(ada, street="2 Side St")
    assert [row["creator"] for row in file(corrections_only=True)] == ["Ada"]
    assert len(acts("tax-export.made")) == 5


def test_R104_a_file_of_corrections_leaves_new_ones_to_the_next_whole_file(payees):
    ada, ben = payees.creator("Ada"), payees.creator("Ben", "acct_ben")

    def file(**how):
        end_read()
        made = exports.nec_file(payees.brand.id, 2026, whole=False, **how)
        with unit_of_work():
            exports.note_export(payees.brand.id, 2026, exports.NEC, made, whole=False,
                                by=payees.finn.user_id)  # fmt: skip
        return {row[3]: row[2] for row in made.rows}

    received(payees, ada, "2500.00 USD", "a")
    assert file() == {"Ada": "original"}
    received(payees, ben, "3000.00 USD", "b")
    assert file(corrections_only=True) == {}
    assert file() == {"Ada": "unchanged", "Ben": "original"}


def test_R101_who_is_no_US_person_is_in_the_file_only_for_what_was_withheld(payees, papers):
    ada, ben = payees.creator("Ada"), payees.creator("Ben", "acct_ben")
    for one in (ada, ben):
        papers.w8ben(one, name=one.name)
        received(payees, one, "2500.00 USD", one.name)
    with clock.at("2026-03-02T09:00Z"), unit_of_work():
        entry_commands.record_payments([entry_commands.Paid(
            "kept", brand_id=payees.brand.id, creator_id=ben.id, amount=Money.of("100.00 USD"),
            withheld=Money.of("24.00 USD"), rail="stripe", at=clock.now(),
        )])  # fmt: skip
    end_read()
    made = exports.nec_file(payees.brand.id, 2026, whole=False)
    assert [row[3] for row in made.rows] == ["Ben"]
    figures, policy = (
        list_queries.threshold_of(payees.brand.id, 2026),
        queries.policy_of(payees.brand.id),
    )
    page, sums = list_queries.year_page(
        payees.brand.id, 2026, _page(), "candidates", figures, policy
    )
    assert [row.creator.name for row in page.rows if row.is_candidate] == ["Ben"]
    assert (len(page.rows), sums[0].candidates) == (1, 1)


def test_R103_whole_numbers_stand_in_a_file_only_when_asked_for(payees, papers):
    ada = payees.creator("Ada")
    papers.w9(ada)
    received(payees, ada, "2000.00 USD")
    whole = exports.nec_file(payees.brand.id, 2026, whole=True)
    assert "536904399" in whole.rows[0]
    assert "536904399" not in str(exports.nec_file(payees.brand.id, 2026, whole=False).rows)


def test_R105_the_dac7_file_has_quarters_and_no_least_amount(payees, papers):
    eva = payees.creator("Eva")
    papers.dac7(eva)
    received(payees, eva, "1.00 EUR", "a", "2026-01-15T12:00Z")
    received(payees, eva, "2.50 EUR", "b", "2026-03-15T12:00Z")
    received(payees, eva, "4.00 EUR", "c", "2026-12-15T12:00Z", rail="paypal")
    received(payees, payees.creator("Ada"), "900.00 EUR", "d", "2026-12-15T12:00Z")
    end_read()
    made = exports.dac7_file(payees.brand.id, 2026, whole=False)
    rows = [dict(zip(made.head, row, strict=True)) for row in made.rows]
    assert [row["creator"] for row in rows] == ["Eva"]
    assert (rows[0]["q1_amount"], rows[0]["q1_activities"]) == ("3.50", 2)
    assert (rows[0]["q2_amount"], rows[0]["q4_amount"]) == ("0.00", "4.00")
    assert rows[0]["number"] == "••5976"


def test_R105_a_payment_that_came_back_whole_is_no_activity(payees, papers):
    """Paid, returned, paid again is one; of a part that came back the payment stays one."""
    eva = payees.creator("Eva")
    papers.dac7(eva)
    for source, back in (("a", "100.00 EUR"), ("b", "40.00 EUR"), ("c", "")):
        received(payees, eva, "100.00 EUR", source, "2026-01-15T12:00Z")
        if back:
            with unit_of_work():
                entry_commands.take_back(source, Money.of(back), Money.of(back),
                                         Money.zero("EUR"))  # fmt: skip
    end_read()
    made = exports.dac7_file(payees.brand.id, 2026, whole=False)
    row = dict(zip(made.head, made.rows[0], strict=True))
    assert (row["q1_amount"], row["q1_activities"]) == ("160.00", 2)


def test_the_list_says_what_the_rules_say(payees, papers):
    """The states in SQL are those of form_rules.state_of, whoever is asked."""
    people = {}
    for name in ("Abe", "Bea", "Cleo", "Dan", "Ed", "Flo", "Gus", "Hal"):
        people[name] = payees.owed(name, "2000.00 USD" if name != "Hal" else "10.00 USD")
    papers.w9(people["Bea"])
    papers.w9(people["Cleo"], name="Somebody Else")
    rejected = papers.w9(people["Dan"])
    with unit_of_work():
        commands.decide(payees.brand.id, rejected.id, accept=False, reason="Not readable.",
                        by=payees.finn.user_id)  # fmt: skip
        commands.start_form(people["Ed"].id, FormKind.W9, by=people["Ed"].user_id)
    with clock.at("2022-06-01T09:00Z"):
        papers.w8ben(people["Flo"], name="Flo")
    with clock.at("2023-06-01T09:00Z"):
        papers.w8ben(people["Gus"], name="Gus")
    with clock.at("2026-11-15T09:00Z"):
        end_read()
        found = {row.creator.name: row.state.value for row in
                 list_queries.forms(payees.brand.id, _page()).rows}  # fmt: skip
        assert found == {
            "Abe": "needed", "Bea": "accepted", "Cleo": "checking", "Dan": "rejected",
            "Ed": "draft", "Flo": "expired", "Gus": "expiring", "Hal": "not_needed",
        }  # fmt: skip
        forms = queries.current_forms([one.id for one in people.values()])
        states = queries.states_of(payees.brand.id, list(forms.values()), clock.today("UTC"))
        for (creator_id, purpose), form in forms.items():
            name = next(name for name, one in people.items() if one.id == creator_id)
            assert purpose is Purpose.PAYER
            assert states[form.id].value == found[name]
        counts = list_queries.state_counts(payees.brand.id)
        assert counts[FormState.CHECKING] == 1
        assert list_queries.creators_in(payees.brand.id, [FormState.DRAFT], 10) == [people["Ed"].id]


def test_the_list_pages_by_name_without_gaps(payees):
    for number in range(7):
        payees.owed(f"P{number}", "10.00 USD", account="")
    end_read()
    names, cursor = [], None
    while True:
        page = list_queries.forms(payees.brand.id, _page(cursor, 3))
        names += [row.creator.name for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert names == sorted(names)
    assert len(set(names)) == 7
    with pytest.raises(InvalidInput):
        list_queries.forms(payees.brand.id, _page("WzFd", 3))


def _page(cursor=None, size=50):
    return PageRequest(cursor, size)
