"""Paying when something changes meanwhile, and for several people whose prices differ."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from bot.flows import pay
from bot.flows.asks import DuesMember, GetDuesCode, MembersHere, OpenCode, RecordDuesCode
from bot.talk.flow import House
from rules.bpjs import PaymentCode, PaymentRefused
from rules.money import Rupiah
from tests.talk.driver import Chat
from tests.talk.small_flows import HOME

HASNA = DuesMember(1, "HASNA", "31754442421", "other", 1, "2026-11-30")
LA_BACO = DuesMember(2, "LA BACO", "31754442439", "transport", 1, "2026-11-30")
NURDIN = DuesMember(3, "NURDIN", "31754442447", "other", 1, "2026-11-30")
LAST_DAY = date(2026, 11, 9)
OPEN = OpenCode("881234567890124", 8_400, "2026-11-09", ("2026-12",))


class Registry:
    """Members that may change while somebody chooses."""

    def __init__(self, *members: DuesMember) -> None:
        self.members, self.speaks = list(members), True

    def chat(self) -> Chat:
        answers: dict[Any, Any] = {
            MembersHere: lambda asked: list(self.members), RecordDuesCode: lambda asked: self.speaks
        }  # fmt: skip
        return Chat(House((HOME, pay.FLOW)), answers)


def code(chat: Chat, number: int) -> str:
    """BPJS gives a code for what was asked of it last."""
    errand = chat.errands[-1].errand
    assert isinstance(errand, GetDuesCode)
    return chat.result(PaymentCode(f"88000000000000{number}", errand.amount, LAST_DAY))


def test_who_moved_while_it_was_chosen_is_not_paid_for() -> None:
    registry = Registry(HASNA, LA_BACO)
    chat = registry.chat()
    chat.hear("bayar")
    chat.hear("1")
    registry.members.remove(HASNA)

    assert chat.tell("1") == "Hasna sudah pindah ke HP sendiri, jadi iurannya tidak lagi lewat chat ini."
    assert chat.errands == []


def test_who_moved_is_not_offered_to_be_chosen() -> None:
    registry = Registry(HASNA, LA_BACO, NURDIN)
    chat = registry.chat()
    chat.hear("bayar")
    registry.members.remove(HASNA)

    told = chat.tell("1")

    assert "Hasna" not in told
    assert "1 La Baco, sisa 28 hari\n2 Nurdin, sisa 28 hari\n3 Semuanya" in told


def test_who_was_paid_for_meanwhile_is_not_paid_for_again() -> None:
    registry = Registry(HASNA)
    chat = registry.chat()
    chat.hear("bayar")
    chat.hear("panen")
    chat.hear("1")
    registry.members[0] = replace(HASNA, protected_until="2026-12-31")

    assert chat.tell("ya") == "Perlindungan Hasna baru saja berubah. Ketik bayar untuk mulai lagi."
    assert chat.errands == []


def test_a_code_that_came_after_the_move_is_told_to_nobody() -> None:
    registry = Registry(HASNA)
    chat = registry.chat()
    chat.hear("bayar")
    chat.hear("1")
    registry.speaks = False

    assert code(chat, 1) == "Hasna sudah pindah ke HP sendiri, jadi iurannya tidak lagi lewat chat ini."


def test_of_several_only_those_without_an_open_code_get_one_and_all_are_told_together() -> None:
    chat = Registry(replace(HASNA, unpaid=OPEN), LA_BACO, NURDIN).chat()
    chat.hear("bayar")
    choice = chat.tell("semuanya")
    chat.hear("1")
    first = code(chat, 1)
    told = code(chat, 2)

    assert "Hasna sudah punya kode bayar yang masih berlaku." in choice
    assert [sent.errand.kpj for sent in chat.errands if isinstance(sent.errand, GetDuesCode)] == [
        LA_BACO.kpj, NURDIN.kpj,
    ]  # fmt: skip
    assert first == ""
    assert told == (
        "1 Hasna, iuran Desember 2026: Rp8.400, paling lambat 9 November 2026.\nKode bayar: 881234567890124\n"
        "2 La Baco, iuran Desember 2026: Rp8.400, paling lambat 9 November 2026.\nKode bayar: 880000000000001\n"
        "3 Nurdin, iuran Desember 2026: Rp8.400, paling lambat 9 November 2026.\nKode bayar: 880000000000002\n"
        "Jumlah 3 kode: Rp25.200. Tiap kode dibayar sendiri.\n"
        "Bayar di bank, kantor pos, atau minimarket. Tanda terimanya kami kirim ke sini begitu lunas."
    )


def test_an_open_code_of_who_moved_meanwhile_is_not_told_again() -> None:
    registry = Registry(replace(HASNA, unpaid=OPEN), LA_BACO, NURDIN)
    chat = registry.chat()
    for words in ("bayar", "semuanya"):
        chat.hear(words)
    del registry.members[0]
    chat.hear("1")
    code(chat, 1)

    assert OPEN.code not in code(chat, 2)


def test_where_every_one_has_an_open_code_nothing_is_asked_and_none_is_made() -> None:
    chat = Registry(replace(HASNA, unpaid=OPEN), replace(LA_BACO, unpaid=OPEN)).chat()
    chat.hear("bayar")

    assert chat.tell("semuanya").count("Kode bayar: 881234567890124") == 2
    assert chat.errands == []


def test_of_several_one_that_is_refused_is_named_with_its_reason() -> None:
    chat = Registry(HASNA, LA_BACO, NURDIN).chat()
    for words in ("bayar", "semuanya", "1"):
        chat.hear(words)
    code(chat, 1)
    told = chat.result(PaymentRefused("closed", "Loket tutup."))

    assert told == "La Baco: BPJS tidak memberi kode bayar. Loket tutup."
    assert code(chat, 2).startswith("Hasna, iuran Desember 2026")


@pytest.mark.parametrize(("members", "told"), [
    ((HASNA, NURDIN), ["Iuran sebulan Rp8.400 sampai Desember 2026, sesudah itu Rp16.800."]),
    ((HASNA, LA_BACO), ["Iuran Hasna sebulan Rp8.400 sampai Desember 2026, sesudah itu Rp16.800.",
                        "Iuran La Baco sebulan Rp8.400 sampai Maret 2027, sesudah itu Rp16.800."]),
])  # fmt: skip
def test_prices_that_change_are_told_with_names_where_they_differ(
    members: tuple[DuesMember, ...], told: list[str]
) -> None:
    chat = Registry(*members).chat()
    chat.hear("bayar")

    assert [line for line in chat.tell("semuanya").splitlines() if line.startswith("Iuran")] == told


def test_a_later_code_that_takes_long_speaks_of_itself() -> None:
    chat = Registry(HASNA).chat()
    chat.hear("bayar")
    chat.hear("1")

    assert chat.delay() == "BPJS belum menjawab. Kode bayar Hasna menyusul di sini, tanpa perlu menulis lagi."
    assert chat.errands[-1].errand.amount == Rupiah(8_400)  # type: ignore[attr-defined]


def test_whose_money_the_bank_has_gets_no_second_code() -> None:
    registry = Registry(HASNA, replace(LA_BACO, unpaid=replace(OPEN, received=True)))
    chat = registry.chat()
    chat.hear("bayar")

    told = chat.tell("semuanya")

    assert told.startswith("Bank sudah menerima Rp8.400 untuk La Baco. Kami tunggu BPJS mencatatnya.\n")
    registry.members[0] = replace(HASNA, unpaid=replace(OPEN, received=True))
    assert chat.tell("1") == "Bank sudah menerima Rp8.400 untuk Hasna. Kami tunggu BPJS mencatatnya."
    assert chat.errands == []


def test_whose_money_the_bank_has_all_of_them_is_only_told_so() -> None:
    registry = Registry(*(replace(one, unpaid=replace(OPEN, received=True)) for one in (HASNA, LA_BACO)))
    chat = registry.chat()
    chat.hear("bayar")

    assert chat.tell("semuanya").count("Bank sudah menerima Rp8.400") == 2
    assert chat.errands == []


@pytest.mark.parametrize(
    ("said_before", "member", "price"),
    [
        ((), replace(HASNA, protected_until=None), "Rp16.800"),
        (("buat kode baru",), replace(HASNA, protected_until=None, unpaid=OPEN), "Rp16.800"),
        ((), replace(HASNA, protected_until="2026-03-31"), "Rp16.800"),
        ((), replace(HASNA, protected_until="2026-11-30"), "Rp25.200"),  # December is owed
    ],
)
def test_who_chooses_in_another_month_hears_its_price_before_a_code_is_asked_for(
    said_before: tuple[str, ...], member: DuesMember, price: str
) -> None:
    chat = Registry(member).chat()
    for said in ("bayar", *said_before):
        chat.hear(said)
    chat.wait(days=60)  # it is January

    told = chat.tell("1")

    assert f"1 bulan, sampai 31 Januari 2027: {price}" in told
    assert chat.errands == []
    chat.hear("1")
    asked = chat.errands[-1].errand
    assert isinstance(asked, GetDuesCode)
    assert asked.amount.tell("id", str) == price


@pytest.mark.parametrize("harvest", [(), ("1",)])
def test_a_harvest_is_picked_and_priced_from_the_month_in_which_that_is_done(harvest: tuple[str, ...]) -> None:
    chat = Registry(replace(HASNA, protected_until=None)).chat()
    for said in ("bayar", "panen", *harvest):
        chat.hear(said)
    chat.wait(days=60)  # it is January

    chat.hear("1")

    assert chat.errands == []
