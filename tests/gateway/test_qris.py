"""The text of a QRIS code: made, read, and refused when a character is off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway import qris
from gateway.qris import Account, NotQris, Qris
from rules.money import Rupiah

SAMPLE = (
    "00020101021226690017ID.CO.EXAMPLE.WWW011893600000000000000002150000000000000000303UMI51440014ID.CO.QRIS.WWW"
    "0215ID00000000000000303UMI5204939953033605405168005802ID5912SUTASOMA UJI6007SOPPENG6105908116209"
    "0105INV-1630497BC"
)
CODE = Qris(
    accounts=(Account("ID.CO.EXAMPLE.WWW", "936000000000000000", "000000000000000", "UMI"),),
    national_id="ID0000000000000", criteria="UMI", category="9399", name="SUTASOMA UJI", city="SOPPENG",
    postal_code="90811", amount=Rupiah(16_800), bill="INV-1",
)  # fmt: skip


def resealed(text: str) -> str:
    return text[:-4] + qris.checksum(text[:-4])


def test_a_code_is_made_and_read() -> None:
    assert qris.make(CODE) == SAMPLE
    assert qris.parse(SAMPLE) == CODE


def test_the_checksum_is_crc_16_ccitt_false() -> None:
    assert qris.checksum("123456789") == "29B1"
    assert qris.checksum("") == "FFFF"


def test_a_code_without_an_amount_is_static() -> None:
    made = qris.make(replace(CODE, amount=None))

    assert isinstance(made, str)
    assert made.startswith("000201010211")
    assert qris.parse(made) == replace(CODE, amount=None)


PRINTABLE = st.characters(min_codepoint=32, max_codepoint=126)
TEXTS = st.text(PRINTABLE, max_size=25)
ACCOUNTS = st.builds(Account, TEXTS, TEXTS, TEXTS, st.sampled_from(qris.CRITERIA))
CODES = st.builds(
    Qris,
    accounts=st.lists(ACCOUNTS, min_size=1, max_size=2).map(tuple), national_id=TEXTS,
    criteria=st.sampled_from(qris.CRITERIA), category=st.from_regex(r"[0-9]{4}", fullmatch=True),
    name=st.text(PRINTABLE, min_size=1, max_size=25), city=st.text(PRINTABLE, min_size=1, max_size=15),
    postal_code=TEXTS, amount=st.none() | st.integers(1, 10**13 - 1).map(Rupiah), bill=TEXTS, reference=TEXTS,
    terminal=TEXTS,
)  # fmt: skip


@given(CODES)
def test_what_is_made_reads_as_it_was(code: Qris) -> None:
    made = qris.make(code)

    assert made == NotQris("the whole: too long") or (isinstance(made, str) and qris.parse(made) == code)


@given(st.integers(0, len(SAMPLE) - 1), PRINTABLE)
def test_one_wrong_character_is_never_believed(place: int, character: str) -> None:
    wrong = SAMPLE[:place] + character + SAMPLE[place + 1 :]

    assert wrong == SAMPLE or isinstance(qris.parse(wrong), NotQris)


@given(st.text(max_size=600))
def test_no_text_breaks_it(text: str) -> None:
    assert isinstance(qris.parse(text), NotQris)
    assert isinstance(qris.parse(resealed(text + "63040000")), NotQris | Qris)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("5303360", "5303840", "00, 53 or 58"),
        ("5802ID", "5802SG", "00, 53 or 58"),
        ("010212", "010211", "01 and 54"),
        ("010212", "010213", "01 and 54"),
        ("540516800", "540516.80", "54"),
        ("540516800", "540500000", "54"),
        ("5912SUTASOMA UJI", "5999SUTASOMA UJI", ": a tag or a length"),
        ("6007SOPPENG", "5907SOPPENG", ": a tag or a length"),
        ("0303UMI52", "0303XXX52", "the size of the merchant"),
        ("ID.CO.QRIS.WWW", "ID.CO.QRIS.XXX", "26 or 51"),
        ("52049399", "520493AB", "52"),
    ],
)
def test_a_code_that_breaks_the_standard_says_where(old: str, new: str, where: str) -> None:
    assert old in SAMPLE
    assert qris.parse(resealed(SAMPLE.replace(old, new))) == NotQris(where)


def test_an_amount_may_be_written_with_cents_that_are_none() -> None:
    assert qris.parse(resealed(SAMPLE.replace("540516800", "540816800.00"))) == CODE


def test_a_tag_that_we_do_not_know_is_passed_over() -> None:
    assert qris.parse(resealed(SAMPLE.replace("5802ID", "55020156035005802ID"))) == CODE


@pytest.mark.parametrize(
    ("code", "where"),
    [
        (replace(CODE, name="A" * 26), "59"),
        (replace(CODE, city=""), "60"),
        (replace(CODE, name="SUTASOMA É"), "59"),
        (replace(CODE, amount=Rupiah(0)), "54"),
        (replace(CODE, amount=Rupiah(10**13)), "54"),
        (replace(CODE, category="12"), "52"),
        (replace(CODE, bill="A" * 100), "62.01"),
        (replace(CODE, accounts=()), "26: one to twenty accounts are needed"),
    ],
)
def test_what_does_not_fit_is_not_made(code: Qris, where: str) -> None:
    assert qris.make(code) == NotQris(where)
