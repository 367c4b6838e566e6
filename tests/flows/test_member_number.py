"""A member is looked for by a number, whose kind needn't be said first."""

from __future__ import annotations

from datetime import date

import pytest

from bot.flows import claim
from bot.flows.claim_asks import ClaimPeople, FindMember, MemberUnknown
from bot.talk.flow import House
from rules.nik import Nik
from tests.talk.driver import Chat
from tests.talk.small_flows import HOME

KPJ, NIK, BORN = "31754442421", "7312045205799901", date(1979, 5, 12)
ASKED_BORN = "Tanggal lahirnya? Contoh: 12-05-1979."


@pytest.fixture
def chat() -> Chat:
    chat = Chat(House((HOME, *claim.FLOWS)), {ClaimPeople: [], FindMember: MemberUnknown(too_many=True)})
    assert "Nomor apa yang ada?" in chat.tell("meninggal")
    return chat


@pytest.mark.parametrize(
    ("typed", "looked_for"),
    [
        (KPJ, FindMember(KPJ, None, BORN, 1)),
        ("317 5444 2421", FindMember(KPJ, None, BORN, 1)),
        (NIK, FindMember("", Nik(NIK), BORN, 1)),
        ("7312.0452.0579.9901", FindMember("", Nik(NIK), BORN, 1)),
    ],
)
def test_a_number_is_taken_for_what_its_digits_say(chat: Chat, typed: str, looked_for: FindMember) -> None:
    assert chat.tell(typed) == ASKED_BORN
    chat.hear("12 Mei 1979")

    assert looked_for in chat.asked


@pytest.mark.parametrize(("kind", "number"), [("1", KPJ), ("nik", NIK)])
def test_who_says_the_kind_is_asked_for_the_number(chat: Chat, kind: str, number: str) -> None:
    assert chat.tell(kind).startswith("Ketik 1")
    assert chat.tell(number) == ASKED_BORN


@pytest.mark.parametrize("typed", ["317544424", "7312049952799901", "12345678901234567"])
def test_what_is_no_number_is_asked_again(chat: Chat, typed: str) -> None:
    assert "Nomor apa yang ada?" in chat.tell(typed)
