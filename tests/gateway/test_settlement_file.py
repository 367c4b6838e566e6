"""A settlement file: its good lines are kept, its broken ones reported by number, and it breaks nothing."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import settlement_file
from gateway.settlement_file import Broken, NotAFile, SettlementFile, read
from rules.money import Rupiah
from rules.settlement import Settled

TITLES = "trxDateTime,channel,billNo,paymentRequestId,referenceNo,amount,fee"
GOOD = "2026-11-21T08:00:00+07:00,va,8808880000000000001,pay-1,R1,33600.00,2000.00"
ROW = Settled(
    datetime.fromisoformat("2026-11-21T08:00:00+07:00"), "va", "8808880000000000001", "pay-1", "R1", Rupiah(33_600),
    Rupiah(2_000),
)  # fmt: skip


def file(*lines: str) -> bytes:
    return "\n".join((TITLES, *lines)).encode()


def test_a_line_is_a_payment() -> None:
    assert read(file(GOOD)) == SettlementFile((ROW,))
    assert read(file()) == SettlementFile(())


def test_columns_may_stand_in_any_order_with_others_between_and_lines_may_end_as_on_windows() -> None:
    content = (
        "\ufefffee,amount,note,referenceNo,paymentRequestId,billNo,channel,trxDateTime\r\n"
        '2000.00,33600.00,"a, b",R1,pay-1,8808880000000000001,VA,2026-11-21T08:00:00+07:00\r\n\r\n'
    )

    assert read(content.encode()) == SettlementFile((ROW,))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (GOOD.replace("2026-11-21T", "21/11/2026 "), "trxDateTime"),
        (GOOD.replace("+07:00", ""), "trxDateTime"),
        (GOOD.replace("2026-11-21", "0001-01-01"), "trxDateTime"),
        (GOOD.replace("2026-11-21", "9999-12-31"), "trxDateTime"),
        (GOOD.replace(",va,", ",cash,"), "channel"),
        (GOOD.replace("33600.00", "33.600"), "amount"),
        (GOOD.replace("33600.00", "-33600.00"), "amount"),
        (GOOD.replace("33600.00", "0.00"), "amount"),
        (GOOD.replace("33600.00", "33600.50"), "amount"),
        (GOOD.replace("2000.00", ""), "fee"),
        (GOOD.replace("pay-1", ""), "paymentRequestId"),
        (GOOD.replace("8808880000000000001", "a b"), "billNo"),
        (GOOD + ",more", "jumlah isinya tidak sama dengan jumlah kolom"),
        ('"' + GOOD, "jumlah isinya tidak sama dengan jumlah kolom"),
        ("TOTAL", "jumlah isinya tidak sama dengan jumlah kolom"),
    ],
)
def test_a_broken_line_is_reported_and_harms_no_other(line: str, why: str) -> None:
    assert read(file(GOOD, line, GOOD)) == SettlementFile((ROW, ROW), (Broken(3, why),))


@pytest.mark.parametrize("content", [b"", b"\n", b"a,b\n", b"\x00\xff", TITLES.replace("fee", "").encode()])
def test_what_is_no_settlement_says_so(content: bytes) -> None:
    assert isinstance(read(content), NotAFile)


def test_a_column_that_is_missing_is_named() -> None:
    assert read(b"trxDateTime,channel,billNo,amount\n") == NotAFile(
        "baris pertamanya tanpa kolom paymentRequestId, referenceNo, fee"
    )


def test_a_file_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settlement_file, "ROWS_MAX", 2)
    assert read(file(GOOD, GOOD, GOOD)) == NotAFile("lebih dari 2 baris")
    monkeypatch.setattr(settlement_file, "FILE_BYTES_MAX", 10)
    assert read(file(GOOD)) == NotAFile("lebih dari 10 byte")


@given(st.binary(max_size=200))
def test_nothing_breaks_it(content: bytes) -> None:
    found = read(TITLES.encode() + b"\n" + content)

    assert isinstance(found, SettlementFile)
    assert len(found.rows) + len(found.broken) <= len(content) + 1
