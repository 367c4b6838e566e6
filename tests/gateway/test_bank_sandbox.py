"""The imitated bank itself: how it pays and tells, its settlement, its page and its contract."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from gateway import snap
from gateway.payments_in import Bill
from gateway.sandbox.bank import CONTRACT, contract
from gateway.sandbox.bank_keys import kept
from gateway.settlement_file import SettlementFile, read
from rules.bank import BankBill
from rules.money import Rupiah
from tests.gateway.bank_served import ServedBank, bank_client, serving_bank
from tests.gateway.conftest import WITA, Clock

CUSTOMER, NUMBER = "880000000000001", "8808880000000000001"
EXPIRES = datetime(2026, 11, 28, 23, 59, 59, tzinfo=WITA)


@pytest.fixture
def bank(tmp_path: Path, clock: Clock) -> Iterator[ServedBank]:
    with serving_bank(tmp_path / "bank.sqlite", clock) as made:
        yield made


async def with_va(bank: ServedBank, http: httpx.AsyncClient, amount: int = 33_600) -> ServedBank:
    """The bank has a virtual account, and our side knows its bill."""
    client = bank_client(http, bank.url, bank.clock)
    assert isinstance(await client.create_va(CUSTOMER, "HASNA", Rupiah(amount), EXPIRES, "case-1"), BankBill)
    bank.office.bills[NUMBER] = Bill(NUMBER, "HASNA KARANGAN", Rupiah(amount), EXPIRES)
    return bank


async def with_qr(bank: ServedBank, http: httpx.AsyncClient, amount: int = 33_600) -> ServedBank:
    client = bank_client(http, bank.url, bank.clock)
    assert isinstance(await client.make_qr("QR-1", Rupiah(amount), EXPIRES, "case-1"), BankBill)
    bank.office.bills["QR-1"] = Bill("QR-1", "HASNA KARANGAN", Rupiah(amount), EXPIRES)
    return bank


async def pay(bank: ServedBank, http: httpx.AsyncClient, number: str = NUMBER, how: str = "") -> list[str]:
    """Somebody pays; the codes that our side answered since."""
    before = len(bank.office.codes)
    await bank.press(http, f"/sandbox/bills/{number}/paid" + (f"?how={how}" if how else ""))
    return [code for code in bank.office.codes[before:] if code != "2007300"]


async def settled(bank: ServedBank, http: httpx.AsyncClient, day: str = "2026-11-21") -> list[int]:
    """The amounts of a day's settlement, read as our side reads it."""
    answer = await http.get(f"{bank.url}/settlements/{day}.csv")
    found = read(answer.content)
    assert isinstance(found, SettlementFile)
    assert found.broken == ()
    return [row.amount.amount for row in found.rows]


# -- how it pays ----------------------------------------------------------------------------------------------------


async def test_who_pays_is_shown_the_bill_and_we_are_told(bank: ServedBank, http: httpx.AsyncClient) -> None:
    await with_va(bank, http)

    assert await pay(bank, http) == ["2002400", "2002500"]
    assert [(one.kind, one.number, one.amount) for one in bank.office.taken] == [("va", NUMBER, Rupiah(33_600))]
    assert await settled(bank, http) == [33_600]
    assert await pay(bank, http) == ["4042414"]
    assert await settled(bank, http) == [33_600]


async def test_a_code_is_paid_and_we_are_notified(bank: ServedBank, http: httpx.AsyncClient) -> None:
    await with_qr(bank, http)

    assert await pay(bank, http, "QR-1") == ["2005200"]
    assert [(one.kind, one.number) for one in bank.office.taken] == [("qris", "QR-1")]


@pytest.mark.parametrize(
    ("how", "ending", "codes", "amounts"),
    [
        ("other-sum", 201, ["2002400", "4042513"], []),
        ("twice", 202, ["2002400", "2002500", "4042414"], [0]),
        ("changed", 203, ["2002400", "2002500", "4042518"], [0]),
        ("told-twice", 204, ["2002400", "2002500", "2002500"], [0]),
    ],
)
async def test_it_pays_as_it_is_asked_to_or_as_the_sum_says(
    how: str, ending: int, codes: list[str], amounts: list[int], bank: ServedBank, http: httpx.AsyncClient
) -> None:
    await with_va(bank, http, 33_000 + ending)

    assert await pay(bank, http) == codes
    assert await settled(bank, http) == [33_000 + ending + more for more in amounts]


async def test_a_code_that_is_paid_twice_brings_money_twice(bank: ServedBank, http: httpx.AsyncClient) -> None:
    await with_qr(bank, http)

    assert await pay(bank, http, "QR-1", "twice") == ["2005200", "4045214"]
    assert await settled(bank, http) == [33_600, 33_600]
    assert len(bank.office.taken) == 1


async def test_what_was_not_answered_is_told_again_and_taken_once(bank: ServedBank, http: httpx.AsyncClient) -> None:
    await with_qr(bank, http)
    bank.office.silent = 1

    assert await pay(bank, http, "QR-1") == []
    bank.clock.passes(60)
    await bank.tells(http)

    assert bank.office.codes[-1] == "2005200"
    assert len(bank.office.taken) == 1


async def test_a_token_that_ended_is_asked_for_anew(bank: ServedBank, http: httpx.AsyncClient) -> None:
    await with_va(bank, http)
    await pay(bank, http)

    bank.clock.passes(16 * 60)

    assert await pay(bank, http) == ["4012401", "4042414"]


async def test_money_is_settled_on_the_day_on_which_it_came(bank: ServedBank, http: httpx.AsyncClient) -> None:
    await with_qr(bank, http)
    await pay(bank, http, "QR-1")

    bank.clock.now += timedelta(days=1)
    await pay(bank, http, "QR-1")

    assert await settled(bank, http) == [33_600]
    assert await settled(bank, http, "2026-11-22") == [33_600]
    assert await settled(bank, http, "2026-11-23") == []


# -- its door -------------------------------------------------------------------------------------------------------


async def test_the_same_external_id_has_the_same_answer_or_a_conflict(
    bank: ServedBank, http: httpx.AsyncClient
) -> None:
    client = bank_client(http, bank.url, bank.clock)
    first = await client.make_qr("QR-1", Rupiah(33_600), EXPIRES, "case-1")

    assert await client.make_qr("QR-1", Rupiah(33_600), EXPIRES, "case-1") == first
    refused = await client.make_qr("QR-1", Rupiah(16_800), EXPIRES, "case-1")
    assert getattr(refused, "code", "") == "4094700"


async def test_the_unsigned_are_refused_before_anything_is_read(bank: ServedBank, http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{bank.url}{snap.CREATE_PATH}", content=b"not even JSON")

    assert (answer.status_code, answer.json()["responseCode"]) == (401, "4012701")


async def test_an_outage_is_one_for_everybody(bank: ServedBank, http: httpx.AsyncClient) -> None:
    await with_va(bank, http)
    await http.post(f"{bank.url}/sandbox/down")
    answer = await http.post(f"{bank.url}{snap.CREATE_PATH}", content=b"{}")

    assert (answer.status_code, answer.json()["responseCode"]) == (503, "5032700")
    assert "sedang dimatikan" in (await http.get(bank.url)).text
    await http.post(f"{bank.url}/sandbox/up")
    assert await pay(bank, http) == ["2002400", "2002500"]


# -- page, contract, command ----------------------------------------------------------------------------------------


async def test_the_page_shows_bills_and_what_we_answered(bank: ServedBank, http: httpx.AsyncClient) -> None:
    assert "Belum ada tagihan." in (await http.get(bank.url)).text
    await with_va(bank, http)
    await pay(bank, http)

    page = (await http.get(bank.url)).text

    assert f"Bayar {NUMBER}" in page
    assert "Rp33.600 untuk HASNA, sudah dibayar, batas 28-11-2026 23:59 WITA" in page
    assert "2002500" in page
    assert "<script" not in page


def test_the_written_contract_is_up_to_date() -> None:
    assert CONTRACT.read_text(encoding="utf-8") == contract(), "write it anew: python -m gateway.sandbox.bank --openapi"
    assert sorted(json.loads(contract())["paths"]) == sorted(
        [snap.TOKEN_PATH, snap.CREATE_PATH, snap.STATUS_PATH, snap.DELETE_PATH, snap.QR_MAKE_PATH, snap.QR_QUERY_PATH]
    )


def test_both_pairs_of_keys_are_made_once(tmp_path: Path) -> None:
    first, again = kept(tmp_path / "keys"), kept(tmp_path / "keys")

    assert first.bank.private_numbers() == again.bank.private_numbers()
    assert (tmp_path / "keys" / "siaga.pem").stat().st_mode & 0o077 == 0
    ours = snap.private_key((tmp_path / "keys" / "siaga.pem").read_bytes())
    assert ours.public_key().public_numbers() == first.office_public.public_numbers()


def test_it_does_not_start_without_a_secret(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "SIAGA_BANK_SECRET"}
    run = subprocess.run(
        [sys.executable, "-m", "gateway.sandbox.bank", "--database", str(tmp_path / "bank.sqlite")],
        env=environment, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip

    assert run.returncode == 1
    assert run.stderr == "SIAGA_BANK_SECRET is empty: the sandbox and Siaga need the same secret\n"
