"""Each question's ear (what is an answer, what is a slip) and its memory (what is kept is understood again)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.talk import ask
from bot.talk.day import Day
from bot.talk.heard import Said, Shown, Unread
from bot.talk.pick import Pick
from bot.talk.question import TEXT_CHARS_MAX, UNREAD, Answer, Ear, Edit, Offer, Picked, Question
from bot.talk.review import FIELDS_MAX, Review, Row
from rules.folding import Found, find
from rules.money import Rupiah
from rules.nik import Nik
from rules.phone import Phone
from rules.words import Slip, Text, _
from tests.talk.driver import CATALOGUES, START

EAR = Ear("id", CATALOGUES, START)
TODAY = START.date()
HASNA = "7312045205799901"
FRUIT = {"north": ("mango", "durian"), "south": ("papaya", "salak", "rambutan", "langsat", "jeruk", "nanas")}


class Orchard:
    """A small catalogue: two groups of fruit."""

    def items(self, group: str) -> Sequence[str]:
        return FRUIT.get(group, ())

    def find(self, text: str) -> Found[str]:
        return find(text, {item: (item,) for items in FRUIT.values() for item in items})

    def label(self, code: str) -> Text:
        return Text(code.title())

    def __contains__(self, code: object) -> bool:
        return any(code in items for items in FRUIT.values())


def _not_in_the_future(day: date) -> Slip | None:
    return Slip(_("Belum terjadi.")) if day > TODAY else None


def _row(name: str) -> Row:
    return Row(_("Nama"), name, (name,))


TEXT = ask.Text("name", _("Nama?"), capitals=True)
CHOICE = ask.Choice(
    "kin", _("Siapanya?"), {"spouse": _("Suami atau istri"), "child": _("Anak"), "none": _("Tidak ada")},
    words={"child": ("anak saya",)},
)  # fmt: skip
CLINIC = ask.Choice(
    "clinic", _("Ke mana?"), {"a": _("Klinik Jampu, 2 km"), "b": _("Klinik Galung, 3 km"), "c": _("Klinik A")}
)  # fmt: skip
CONFIRM = ask.Confirm("right", _("Benar?"), yes=_("Benar"), no=_("Keliru"))
DAY = Day("born", _("Lahir?"), check=_not_in_the_future)
NIK = ask.Nik("nik", _("NIK?"))
PHONE = ask.Phone("phone", _("HP?"))
AMOUNT = ask.Amount("income", _("Berapa?"))
PHOTO = ask.Photo("photo", _("Kirim foto."), instead={"type": _("Ketik saja")})
PHOTOS = ask.Photos("stack", _("Kirim foto."))
PICK = Pick("fruit", _("Buah apa?"), Orchard(), ("north", "south"))
REVIEW = Review("review", _("Periksa:"), [_row("HASNA"), _row("JAMPU"), _row("PETANI")], about="these values")
ALL: tuple[Question[Any], ...] = (TEXT, CHOICE, CONFIRM, DAY, NIK, PHONE, AMOUNT, PHOTO, PHOTOS, PICK, REVIEW)

RIGHT: list[tuple[Question[Any], Answer, Any]] = [
    (TEXT, Said("  la   baco "), "LA BACO"),
    (TEXT, Said("I La Galigo"), "I LA GALIGO"),
    (TEXT, Said("Nurhasanah, S.Pd."), "NURHASANAH, S.PD."),
    (TEXT, Said("x" * ask.NAME_CHARS_MAX), "X" * ask.NAME_CHARS_MAX),
    (ask.Text("words", _("Apa?")), Said("Saya  tani"), "Saya tani"),
    (CHOICE, Said("2"), "child"),
    (CHOICE, Said("no. 2"), "child"),
    (CHOICE, Said("dua"), "child"),
    (CHOICE, Said("suami atau istri"), "spouse"),
    (CHOICE, Said("suami atau isteri"), "spouse"),
    (CHOICE, Said("Istri"), "spouse"),
    (CHOICE, Said("anak saya"), "child"),
    (CHOICE, Said("Tidak ada"), "none"),
    (CHOICE, Picked("spouse"), "spouse"),
    (CLINIC, Said("jampu"), "a"),
    (CLINIC, Said("klinik a"), "c"),
    (CONFIRM, Said("1"), True),
    (CONFIRM, Said("2"), False),
    (CONFIRM, Said("iye'"), True),
    (CONFIRM, Said("Keliru."), False),
    (CONFIRM, Said("ga benar"), False),
    (CONFIRM, Said("👍🏽"), True),
    (CONFIRM, Picked("yes"), True),
    (CONFIRM, Picked("no"), False),
    (DAY, Said("12-05-1979"), date(1979, 5, 12)),
    (DAY, Said(" 1/3/2000 "), date(2000, 3, 1)),
    (DAY, Said("29.2.2000"), date(2000, 2, 29)),
    (DAY, Said("31 12 1999"), date(1999, 12, 31)),
    (DAY, Said("12 Mei 1979"), date(1979, 5, 12)),
    (DAY, Said("12 mei 79"), date(1979, 5, 12)),
    (DAY, Said("12/5/1979"), date(1979, 5, 12)),
    (DAY, Said("12.05.1979"), date(1979, 5, 12)),
    (DAY, Said("12 - 5 - 79"), date(1979, 5, 12)),
    (DAY, Said("17agt1985"), date(1985, 8, 17)),
    (DAY, Said("1 Nop. 2024"), date(2024, 11, 1)),
    (DAY, Said("3 October 1990"), date(1990, 10, 3)),
    (DAY, Said("1-1-26"), date(2026, 1, 1)),
    (DAY, Said("1-1-27"), date(1927, 1, 1)),
    (NIK, Said("7312 0452 0579 9901"), Nik(HASNA)),
    (PHONE, Said("0812 3456 7890"), Phone("+6281234567890")),
    (PHONE, Said("1"), None),
    (PHONE, Said("tidak punya"), None),
    (PHONE, Said("de' gaga"), None),
    (PHONE, Picked("none"), None),
    (AMOUNT, Said("1.500.000"), Rupiah(1_500_000)),
    (AMOUNT, Said("Rp1500000"), Rupiah(1_500_000)),
    (AMOUNT, Said("rp. 750.000,-"), Rupiah(750_000)),
    (AMOUNT, Said("999.999.999.999"), Rupiah(999_999_999_999)),
    (PHOTO, Shown(7), 7),
    (PHOTO, Said("1"), "type"),
    (PHOTO, Said("ketik saja"), "type"),
    (PHOTO, Picked("type"), "type"),
    (PHOTOS, Shown(7), (7,)),
    (PHOTOS, Shown(7, (8, 9)), (7, 8, 9)),
    (PHOTOS, Shown(1, tuple(range(2, 31))), tuple(range(1, 21))),
    (PICK, Said("Mango"), "mango"),
    (PICK, Picked("salak"), "salak"),
    (REVIEW, Said("ya"), True),
    (REVIEW, Said("kirim"), True),
    (REVIEW, Picked("send"), True),
]

SLIPS: list[tuple[Question[Any], Answer]] = [
    (TEXT, Said("x")),
    (TEXT, Said("...")),
    (TEXT, Said("081234567890")),
    (TEXT, Said("x" * (ask.NAME_CHARS_MAX + 1))),
    (CHOICE, Said("0")),
    (CHOICE, Said("4")),
    (CHOICE, Said("cucu")),
    (CHOICE, Picked("cousin")),
    (CLINIC, Said("klinik")),
    (ask.Choice("who", _("Siapa?"), {"1": _("Hasna"), "2": _("Hasna")}), Said("hasna")),
    (ask.Choice("of", _("Siapa?"), {"1": _("Klinik A"), "2": _("Klinik B")}), Said("klinik c")),
    (CONFIRM, Said("iya tapi besok")),
    (CONFIRM, Said("ya?")),
    (CONFIRM, Said("siapa")),
    (CONFIRM, Said("tidak tahu")),
    (CONFIRM, Said("3")),
    (CONFIRM, Picked("maybe")),
    (DAY, Said("30-02-1979")),
    (DAY, Said("31 Jun 1979")),
    (DAY, Said("12 Mai 1979")),
    (DAY, Said("12-05")),
    (DAY, Said("Mei 1979")),
    (DAY, Said("1205-1979")),
    (DAY, Said("00-00-0000")),
    (DAY, Said("١٢-٠٥-١٩٧٩")),
    (DAY, Said(f"{TODAY + timedelta(days=1):%d-%m-%Y}")),
    (NIK, Said("7312 0452 0579 990")),
    (NIK, Said("O312045205799901")),
    (NIK, Said("7312049952799901")),
    (PHONE, Said("0812")),
    (PHONE, Said("tidak tahu")),
    (PHONE, Said("2")),
    (AMOUNT, Said("sejuta")),
    (AMOUNT, Said("1,5 juta")),
    (AMOUNT, Said("-5000")),
    (AMOUNT, Said("9" * 13)),
    (AMOUNT, Said("999.999.999.999.999")),
    (PHOTO, Said("2")),
    (PHOTO, Said("foto apa")),
    (PHOTO, Picked("other")),
    (PHOTOS, Said("1")),
    (PHOTOS, Picked("other")),
    (PICK, Said("3")),
    (PICK, Said("kursi")),
    (PICK, Picked("nothing")),
    (PICK, Picked("more:south:99")),
    (PICK, Picked("more:south:" + "9" * 5_000)),
    (PICK, Picked("more:")),
    (REVIEW, Said("1")),
    (REVIEW, Said("9")),
    (REVIEW, Said("ubah 7")),
    (REVIEW, Said("tidak")),
    (REVIEW, Said("ga benar")),
    (REVIEW, Picked("9" * 5_000)),
    (REVIEW, Picked("²")),
]


def _case(value: Any) -> str:
    return type(value).__name__ if isinstance(value, Question) else str(value)[:30]


@pytest.mark.parametrize(("question", "answer", "value"), RIGHT, ids=_case)
def test_hears_a_right_answer(question: Question[Any], answer: Answer, value: Any) -> None:
    assert question.listen(answer, EAR) == value


@pytest.mark.parametrize(("question", "answer", "value"), RIGHT, ids=_case)
def test_remembers_what_it_heard(question: Question[Any], answer: Answer, value: Any) -> None:
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(question.keep(value)))

    recalled = question.recall(kept)

    assert recalled == value
    assert type(recalled) is type(value)
    assert question.called(kept).tell("id", str)


@pytest.mark.parametrize(("question", "answer"), SLIPS, ids=_case)
def test_a_slip_gives_words_back(question: Question[Any], answer: Answer) -> None:
    slip = question.listen(answer, EAR)

    assert isinstance(slip, Slip)
    assert slip.words.tell("id", str)


@pytest.mark.parametrize("question", ALL, ids=_case)
@pytest.mark.parametrize("typed", ["a" * 10_000, "1" * 10_000, "ya " * 4_000, "🙏", "", "   ", "?!", "\u200b", "٣"])
def test_what_is_too_long_or_no_word_is_a_slip(question: Question[Any], typed: str) -> None:
    assert isinstance(question.listen(Said(typed), EAR), Slip)


@pytest.mark.parametrize("question", ALL, ids=_case)
@pytest.mark.parametrize("kind", UNREAD)
def test_what_cannot_be_opened_is_answered_kindly(question: Question[Any], kind: Any) -> None:
    assert question.listen(Unread(kind), EAR) == Slip(UNREAD[kind])


@pytest.mark.parametrize("question", [one for one in ALL if one.wants != "photo"], ids=_case)
def test_a_photo_is_an_answer_only_where_one_is_asked_for(question: Question[Any]) -> None:
    assert isinstance(question.listen(Shown(7), EAR), Slip)


@pytest.mark.parametrize("question", [one for one in ALL if one.numbered], ids=_case)
def test_every_numbered_option_can_be_typed_and_pressed(question: Question[Any]) -> None:
    for number, option in enumerate(question.options(), 1):
        typed, pressed = question.listen(Said(str(number)), EAR), question.listen(Picked(option.key), EAR)

        assert typed == pressed
        assert not isinstance(typed, Slip)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
_NEARLY = st.sampled_from([{"digits": "73"}, {"digits": HASNA[::-1]}, {"e164": "0812"}, {"amount": "1"}, "30-02-1979"])


@pytest.mark.parametrize("question", ALL, ids=_case)
@given(kept=_JSON | _NEARLY)
def test_a_nonsense_memory_is_a_slip_or_a_value_never_a_stumble(question: Question[Any], kept: Any) -> None:
    value = question.recall(kept)

    assert isinstance(value, Slip) or question.recall(question.keep(value)) == value
    assert isinstance(question.called(kept), Text)


@pytest.mark.parametrize("question", ALL, ids=_case)
@given(typed=st.text(max_size=TEXT_CHARS_MAX))
def test_whatever_is_typed_is_a_value_or_words(question: Question[Any], typed: str) -> None:
    understood = question.listen(Said(typed), EAR)

    if not isinstance(understood, Slip | Offer | Edit):
        assert question.recall(msgspec.json.decode(msgspec.json.encode(question.keep(understood)))) == understood


@pytest.mark.parametrize("question", ALL, ids=_case)
@given(option=st.text(max_size=64))
def test_whatever_a_button_holds_is_a_value_or_words(question: Question[Any], option: str) -> None:
    assert question.listen(Picked(option), EAR) is not None or option == "none"


def test_what_is_remembered_is_checked_by_the_rule_of_today() -> None:
    tomorrow = DAY.keep(TODAY + timedelta(days=1))

    assert isinstance(DAY.recall(tomorrow), Slip)
    assert isinstance(PICK.recall("north"), Slip)
    assert isinstance(PHOTO.recall(True), Slip)


@pytest.mark.parametrize(("question", "photos", "words"), [
    (PHOTO, 1, ""),
    (PHOTO, 2, "Saya pakai foto yang pertama."),
    (PHOTOS, 20, ""),
    (PHOTOS, 21, "Saya pakai 20 foto yang pertama. Sisanya kirim sesudah ini."),
])  # fmt: skip
def test_of_photos_that_are_not_used_it_is_said_so(question: Question[Any], photos: int, words: str) -> None:
    unused = question.unused(Shown(1, tuple(range(2, photos + 1))))

    assert (unused.tell("id", str) if unused else "") == words


class TestPick:
    """A long list is walked through, or found by spelling; what is near is offered, never taken."""

    def test_a_group_opens_its_items(self) -> None:
        offer = PICK.listen(Said("1"), EAR)

        assert isinstance(offer, Offer)
        assert [option.key for option in offer.options] == ["mango", "durian"]

    def test_a_long_group_has_pages_of_five_at_most(self) -> None:
        first = PICK.listen(Said("2"), EAR)
        assert isinstance(first, Offer)
        more = PICK.listen(Picked(first.options[-1].key), EAR)

        assert [option.key for option in first.options] == ["papaya", "salak", "rambutan", "langsat", "more:south:4"]
        assert isinstance(more, Offer)
        assert [option.key for option in more.options] == ["jeruk", "nanas"]

    def test_what_is_near_is_asked_and_yes_takes_it(self) -> None:
        question = Pick("fruit", _("Buah apa?"), Orchard(), ("north", "south"))

        offer = question.listen(Said("rambutann"), EAR)
        assert isinstance(offer, Offer)
        question.offered = tuple(option.key for option in offer.options)

        assert question.offered == ("rambutan",)
        assert question.listen(Said("iye'"), EAR) == question.listen(Said("1"), EAR) == "rambutan"
        assert isinstance(question.listen(Said("ga benar"), EAR), Slip)


class TestDay:
    """A date is read as people write it, and as we do."""

    @given(st.dates(date(1000, 1, 1), TODAY), st.sampled_from(["id", "en"]))
    def test_what_we_write_we_read(self, day: date, language: str) -> None:
        told = Text("{day}", {"day": day}).tell(language, CATALOGUES[language])

        assert DAY.listen(Said(told), EAR) == day

    def test_a_month_has_a_short_form(self) -> None:
        for month, written in enumerate("jan feb mar apr mei jun jul agu sep okt nov des".split(), 1):
            assert DAY.listen(Said(f"3 {written} 1990"), EAR) == date(1990, month, 3)

    @pytest.mark.parametrize("typed", ["kemarin", "30-02-2026"])
    def test_a_slip_leaves_the_example_to_the_question(self, typed: str) -> None:
        slip = Day("on", _("Tanggal berapa? Contoh: 12-05-2026.")).listen(Said(typed), EAR)

        assert isinstance(slip, Slip)
        assert "Contoh" not in slip.words.msgid


class TestReview:
    """A summary is sent by "ya" alone; a number changes a field."""

    @pytest.mark.parametrize("typed", ["2", "ubah 2", "Ganti no. 2", "2 salah", "no 2 salah", "dua", "perbaiki 2"])
    def test_a_number_changes_its_field(self, typed: str) -> None:
        assert REVIEW.listen(Said(typed), EAR) == Edit(("JAMPU",))

    def test_field_one_is_changed_by_its_full_words_only(self) -> None:
        assert REVIEW.listen(Said("ubah 1"), EAR) == REVIEW.listen(Picked("1"), EAR) == Edit(("HASNA",))
        assert isinstance(REVIEW.listen(Said("1"), EAR), Slip)

    def test_has_room_for_eight_fields(self) -> None:
        with pytest.raises(ValueError, match="at most 8"):
            Review("review", _("Periksa:"), [_row("x")] * (FIELDS_MAX + 1), about=None)
