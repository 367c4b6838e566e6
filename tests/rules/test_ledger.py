"""A member's ledger adds up, in whatever order things are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.ledger import Dispute, Entry, Expect, Ledger, Oddity, Pay, Posted, Refund, ReportCash, balance, post
from rules.money import Rupiah
from rules.month import Month

DECEMBER, JANUARY = Month(2026, 12), Month(2027, 1)
RELIEF, FULL = Rupiah(8_400), Rupiah(16_800)
BOTH = ((DECEMBER, RELIEF), (JANUARY, FULL))


def book(*entries: Entry) -> Ledger:
    ledger = Ledger()
    for entry in entries:
        ledger = post(ledger, entry).ledger
    return ledger


def last(*entries: Entry) -> Posted:
    return post(book(*entries[:-1]), entries[-1])


def states(ledger: Ledger) -> dict[str, str]:
    return {str(month): line.state for month, line in ledger.lines.items()}


def test_a_payment_over_new_year_covers_each_month_at_its_own_price() -> None:
    ledger = book(Expect(DECEMBER, RELIEF), Expect(JANUARY, FULL), Pay("a", Rupiah(25_200), BOTH))

    assert {str(month): line.amount for month, line in ledger.lines.items()} == {"2026-12": RELIEF, "2027-01": FULL}
    assert states(ledger) == {"2026-12": "paid", "2027-01": "paid"}


def test_cash_is_reported_and_paid_only_by_the_word_of_who_collects() -> None:
    reported = book(Expect(DECEMBER, RELIEF), ReportCash("cash", ((DECEMBER, RELIEF),)))

    assert states(reported) == {"2026-12": "reported"}
    assert balance(reported).paid_in == Rupiah(0)
    assert states(post(reported, Pay("a", RELIEF, ((DECEMBER, RELIEF),))).ledger) == {"2026-12": "paid"}


def test_disputed_cash_may_still_turn_out_to_be_paid() -> None:
    disputed = book(ReportCash("cash", ((DECEMBER, RELIEF),)), Dispute("cash"))

    assert states(disputed) == {"2026-12": "disputed"}
    assert states(post(disputed, Pay("a", RELIEF, ((DECEMBER, RELIEF),))).ledger) == {"2026-12": "paid"}


def test_cash_reported_again_does_not_undo_the_dispute() -> None:
    cash = ReportCash("cash", BOTH)

    posted = last(cash, Dispute("cash"), cash)

    assert (posted.odd, states(posted.ledger)) == (None, {"2026-12": "disputed", "2027-01": "disputed"})


def test_what_is_given_back_is_owed_again() -> None:
    ledger = book(Pay("a", Rupiah(25_200), BOTH), Refund("a"))

    assert states(ledger) == {"2026-12": "refunded", "2027-01": "refunded"}
    assert states(post(ledger, Expect(DECEMBER, RELIEF)).ledger)["2026-12"] == "expected"
    assert states(post(ledger, Pay("b", RELIEF, ((DECEMBER, RELIEF),))).ledger)["2026-12"] == "paid"


def test_a_new_price_replaces_what_was_expected_and_nothing_that_was_paid() -> None:
    expected = book(Expect(DECEMBER, RELIEF), Expect(DECEMBER, FULL))
    paid = book(Pay("a", RELIEF, ((DECEMBER, RELIEF),)), Expect(DECEMBER, FULL))

    assert expected.lines[DECEMBER].amount == FULL
    assert paid.lines[DECEMBER].amount == RELIEF


@pytest.mark.parametrize(("entries", "odd", "state"), [
    ([Pay("a", Rupiah(8_000), ((DECEMBER, RELIEF),))], "wrong-amount", {}),
    ([Pay("a", RELIEF, ((DECEMBER, RELIEF),)), Pay("b", RELIEF, ((DECEMBER, RELIEF),))], "paid-twice",
     {"2026-12": "paid"}),
    ([Pay("a", RELIEF, ((DECEMBER, RELIEF),)), Pay("a", FULL, ((DECEMBER, FULL),))], "told-otherwise",
     {"2026-12": "paid"}),
    ([Pay("a", RELIEF, ((DECEMBER, RELIEF),)), ReportCash("cash", ((DECEMBER, RELIEF),))], "paid-already",
     {"2026-12": "paid"}),
    ([Expect(DECEMBER, RELIEF), Dispute("cash")], "not-reported", {"2026-12": "expected"}),
    ([ReportCash("cash", ((DECEMBER, RELIEF),)), Dispute("cash"), ReportCash("more", ((DECEMBER, RELIEF),))],
     "disputed-before", {"2026-12": "disputed"}),
    ([Refund("a")], "unknown-payment", {}),
])  # fmt: skip
def test_what_does_not_fit_changes_no_month_and_is_named(
    entries: list[Entry], odd: Oddity, state: dict[str, str]
) -> None:
    posted = last(*entries)

    assert (posted.odd, states(posted.ledger)) == (odd, state)
    assert balance(posted.ledger).adds_up


def test_a_wrong_amount_belongs_to_no_month_until_somebody_looks() -> None:
    assert balance(book(Pay("a", Rupiah(8_000), ((DECEMBER, RELIEF),)))).unallocated == Rupiah(8_000)


def test_of_a_payment_for_two_months_one_of_which_is_paid_the_other_is_covered() -> None:
    posted = last(Pay("a", RELIEF, ((DECEMBER, RELIEF),)), Pay("b", Rupiah(25_200), BOTH))

    assert states(posted.ledger) == {"2026-12": "paid", "2027-01": "paid"}
    assert posted.ledger.payments["b"].unallocated == RELIEF


MONTHS = st.integers(0, 5).map(lambda passed: Month(2026, 10) + passed)
AMOUNTS = st.sampled_from([RELIEF, FULL, Rupiah(13_400)])
PRICED = st.dictionaries(MONTHS, AMOUNTS, min_size=1, max_size=4).map(lambda them: tuple(them.items()))
REFERENCES = st.sampled_from(["a", "b", "c", "d"])
ENTRIES = st.one_of(
    st.builds(Expect, MONTHS, AMOUNTS),
    st.builds(ReportCash, REFERENCES, PRICED),
    st.builds(Dispute, REFERENCES),
    st.builds(lambda reference, priced: Pay(reference, sum((a for _m, a in priced), Rupiah(0)), priced),
              REFERENCES, PRICED),
    st.builds(Pay, REFERENCES, AMOUNTS, PRICED),
    st.builds(Refund, REFERENCES),
)  # fmt: skip


@given(st.lists(ENTRIES, max_size=30))
def test_it_adds_up_after_every_entry_in_any_order(entries: list[Entry]) -> None:
    ledger = Ledger()
    for entry in entries:
        ledger = post(ledger, entry).ledger
        assert balance(ledger).adds_up


@given(st.lists(ENTRIES, max_size=30))
def test_a_month_is_paid_by_one_payment_that_was_not_given_back(entries: list[Entry]) -> None:
    ledger = book(*entries)

    for month, line in ledger.lines.items():
        paying = [name for name, one in ledger.payments.items() if month in one.months and not one.refunded]
        assert paying == ([line.reference] if line.state == "paid" else [])


@given(st.lists(ENTRIES, max_size=20), ENTRIES)
def test_the_same_entry_told_again_is_booked_once(entries: list[Entry], entry: Entry) -> None:
    once = book(*entries, entry)

    assert balance(post(once, entry).ledger) == balance(once)


@given(st.lists(ENTRIES, max_size=30))
def test_a_dispute_holds_until_whoever_collects_has_spoken(entries: list[Entry]) -> None:
    ledger = Ledger()
    for entry in entries:
        before, ledger = ledger, post(ledger, entry).ledger
        undone = [month for month, line in before.lines.items()
                  if line.state == "disputed" and ledger.lines[month].state != "disputed"]  # fmt: skip
        assert not undone or isinstance(entry, Pay)
