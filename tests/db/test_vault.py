"""What is sealed opens in its place with its secret, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.vault import SealBrokenError, Vault
from rules.nik import Nik

VAULT, OTHER = Vault(bytes(32)), Vault(bytes([1]) * 32)
NIK, ANOTHER_NIK = Nik("7312025205799901"), Nik("7312041203859902")
PHOTO = b"\xff\xd8" + bytes(range(256)) * 8


@given(value=st.binary(max_size=500), place=st.text(max_size=40))
def test_what_is_sealed_opens_in_its_place(value: bytes, place: str) -> None:
    sealed = VAULT.seal(value, place)

    assert VAULT.open(sealed, place) == value
    assert value not in sealed or len(value) < 4


@pytest.mark.parametrize("place", ["conversation 18", "inbound 17", ""])
def test_a_value_moved_elsewhere_does_not_open(place: str) -> None:
    sealed = VAULT.seal(b"rahasia", "conversation 17")

    with pytest.raises(SealBrokenError):
        VAULT.open(sealed, place)


def test_another_secret_opens_nothing() -> None:
    with pytest.raises(SealBrokenError):
        OTHER.open(VAULT.seal(b"rahasia", "nik 1"), "nik 1")


def test_any_altered_byte_is_noticed() -> None:
    sealed = VAULT.seal(b"rahasia", "nik 1")

    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(SealBrokenError):
            VAULT.open(bytes(altered), "nik 1")


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(12)])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(SealBrokenError):
        VAULT.open(sealed, "nik 1")


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert VAULT.seal(b"rahasia", "nik 1") != VAULT.seal(b"rahasia", "nik 1")


def test_a_broken_seal_tells_the_kind_of_place_only() -> None:
    with pytest.raises(SealBrokenError) as told:
        VAULT.open(b"", "nik 17")

    assert str(told.value) == "nik"


def test_a_nik_is_found_by_a_keyed_digest() -> None:
    assert VAULT.index(NIK) == Vault(bytes(32)).index(NIK)
    assert VAULT.index(NIK) != VAULT.index(ANOTHER_NIK)
    assert VAULT.index(NIK) != OTHER.index(NIK)
    assert len(VAULT.index(NIK)) == 64


def test_the_digest_stays_what_it_is() -> None:
    """A database of last year is read with the code of today."""
    assert VAULT.index(NIK)[:16] == "7857078c8ef1ab57"


def test_a_photo_opens_with_its_own_key_only() -> None:
    sealed, key = VAULT.seal_photo(PHOTO, 1)
    other_sealed, other_key = VAULT.seal_photo(PHOTO, 2)

    assert VAULT.open_photo(sealed, key, 1) == PHOTO
    for wrong in ((sealed, other_key, 1), (other_sealed, key, 1), (sealed, key, 2)):
        with pytest.raises(SealBrokenError):
            VAULT.open_photo(*wrong)


def test_a_photo_does_not_open_with_the_secret_alone() -> None:
    sealed, key = VAULT.seal_photo(PHOTO, 1)

    with pytest.raises(SealBrokenError):
        VAULT.open(sealed, "photo 1")
    with pytest.raises(SealBrokenError):
        OTHER.open_photo(sealed, key, 1)


def test_a_secret_has_its_length() -> None:
    with pytest.raises(ValueError, match="31 bytes"):
        Vault(bytes(31))


def test_derived_secrets_are_apart() -> None:
    assert len({VAULT.derived(b"chat cookie"), VAULT.derived(b"other"), OTHER.derived(b"chat cookie")}) == 3


def test_a_code_is_found_by_a_digest_of_its_own() -> None:
    assert VAULT.code_digest("418207") == Vault(bytes(32)).code_digest("418207")
    assert len({VAULT.code_digest("418207"), VAULT.code_digest("418208"), OTHER.code_digest("418207")}) == 3
