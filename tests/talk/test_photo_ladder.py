"""The KTP by photo: one fault with its drawing, two tries, then other ways; and what of a card is asked about."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bot.flows.photo import PHOTOS_MAX, TROUBLES
from bot.talk.awaited import CallPerson
from bot.talk.heard import Shown, Unread
from bot.talk.message import Crop, Drawing, Message
from rules.card import Card, Fault, Field, Unusable
from tests.talk.driver import Chat
from tests.talk.house_chat import CARD, house_chat

ASKED, WAYS = "Kirim foto KTP", "Pilih cara lain:"
BOX = (350, 305, 650, 327)


def at_photo() -> Chat:
    chat = house_chat()
    for words in ("daftar", "1", "1"):
        chat.hear(words)
    assert ASKED in chat.said[-1].text
    return chat


def show(chat: Chat, read: Card | Unusable | None, photo: int = 7) -> Message:
    """What the bot says to a photo that is read like this."""
    chat.hear(Shown(photo))
    chat.result(read)
    return chat.said[-1]


def drawn(message: Message) -> str:
    assert message.picture is not None
    assert isinstance(message.picture.shows, Drawing)
    return message.picture.shows.name


@pytest.mark.parametrize("fault", TROUBLES)
def test_each_fault_has_its_drawing_and_at_most_two_sentences(fault: Fault) -> None:
    said = show(at_photo(), Unusable(fault))

    assert drawn(said) == fault
    first = said.text.split("\n")[0]
    assert 1 <= first.count(".") <= 2
    assert said.wants == "photo"


def test_the_first_request_shows_a_good_photo() -> None:
    assert drawn(at_photo().said[-1]) == "good"


@pytest.mark.parametrize(("kind", "name"), [("photo-too-large", "too-large"), ("not-an-image", "not-an-image")])
def test_what_never_reaches_the_reader_is_drawn_too(kind: str, name: str) -> None:
    chat = at_photo()

    assert drawn(chat.hear(Unread(kind))[-1]) == name  # type: ignore[arg-type]
    assert drawn(chat.hear(Unread("voice"))[-1]) == "good"


def test_after_the_second_there_are_other_ways() -> None:
    chat = at_photo()
    show(chat, Unusable("dark"))

    said = show(chat, Unusable("blurred"), 8)

    assert drawn(said) == "blurred"
    assert [button.label for button in said.buttons] == [
        "Ketik NIK saja", "Dibantu petugas", "Nanti saja", "Coba foto lagi",
    ]  # fmt: skip
    assert said.wants == "choice"


def failed_twice() -> Chat:
    chat = at_photo()
    show(chat, Unusable("dark"), 7)
    show(chat, None, 8)
    return chat


def test_no_photo_is_asked_for_again_unless_it_is_chosen() -> None:
    chat = failed_twice()

    for number in range(3, PHOTOS_MAX + 1):
        assert ASKED in chat.tap("Coba foto lagi")
        said = show(chat, Unusable("cut-off"), 10 + number)
        assert WAYS in said.text
        assert ASKED not in said.text

    assert "Coba foto lagi" not in chat.said[-1].text


def test_a_photo_that_is_sent_instead_of_a_choice_is_read() -> None:
    said = show(failed_twice(), CARD, 9)

    assert said.text.startswith("NIK 7312")


@pytest.mark.parametrize("words", ["nanti", "nanti saja", "3"])
def test_later_keeps_everything(words: str) -> None:
    chat = failed_twice()
    kept, asked = chat.kept(), chat.said[-1]

    assert chat.tell(words) == "Baik. Jawaban Anda tersimpan. Tulis apa saja kalau sudah siap lanjut."
    assert chat.kept() == kept
    again = chat.wait(days=3).hear("halo")[-1]
    assert again.text.endswith(asked.text)
    assert again.picture == asked.picture


def test_a_person_is_called_and_the_nik_may_be_typed_meanwhile() -> None:
    chat = failed_twice()

    said = chat.tap("Dibantu petugas")

    assert CallPerson("enrol", "photo") in chat.asked
    assert said.endswith("Ketik 16 angka NIK, seperti di KTP.")


# -- what is asked about --------------------------------------------------------------------------------------------


def unsure(**boxes: tuple[int, int, int, int] | None) -> Card:
    """The card, with these fields read unsurely, there."""
    return replace(CARD, **{name: Field(getattr(CARD, name).value, 0.5, box) for name, box in boxes.items()})


def asked_about(card: Card) -> Message:
    """The first thing asked after the NIK."""
    chat = at_photo()
    show(chat, card, 7)
    return chat.hear("benar")[-1]


def test_a_sure_card_is_asked_nothing() -> None:
    assert "pekerjaan" in asked_about(CARD).text


def test_a_doubtful_field_is_shown_where_it_was_read() -> None:
    said = asked_about(unsure(name=BOX))

    assert said.text.startswith("Di KTP tertulis nama: HASNA. Benar?")
    assert said.picture is not None
    assert (said.picture.alt, said.picture.shows) == ("Potongan foto: nama", Crop(7, BOX))


def test_without_a_place_it_is_asked_without_a_picture() -> None:
    said = asked_about(unsure(name=None))

    assert said.text.startswith("Di KTP tertulis nama: HASNA. Benar?")
    assert said.picture is None


def test_a_doubtful_birth_date_that_agrees_with_the_nik_is_asked_about_no_more() -> None:
    assert "pekerjaan" in asked_about(unsure(birth_date=BOX, sex=BOX)).text


def test_one_that_disagrees_is_shown() -> None:
    card = replace(CARD, birth_date=Field("1979-05-13", 0.5, BOX))

    said = asked_about(card)

    assert said.text.startswith("Tanggal lahir mana yang benar?")
    assert said.picture is not None
    assert said.picture.shows == Crop(7, BOX)


@pytest.mark.parametrize(("first", "last", "turn"), [
    ((300, 200, 600, 220), (300, 700, 500, 720), 0),
    ((480, 200, 500, 500), (80, 200, 100, 400), 3),  # its foot lies left
    ((300, 700, 600, 720), (300, 200, 500, 220), 2),
    ((80, 200, 100, 500), (480, 200, 500, 400), 1),
])  # fmt: skip
def test_a_part_of_a_turned_card_is_set_upright(
    first: tuple[int, int, int, int], last: tuple[int, int, int, int], turn: int
) -> None:
    card = replace(CARD, name=Field("HASNA", 0.5, first), valid_until=Field("SEUMUR HIDUP", 0.9, last))

    picture = asked_about(card).picture

    assert picture is not None
    assert picture.shows == Crop(7, first, turn)
