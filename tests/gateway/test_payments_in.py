"""What a bank asks and tells us: who may, what it has to hold, and the standard's answer to each case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway import snap
from gateway.payments_in import (
    Bill,
    Inquiry,
    Judged,
    Known,
    Told,
    judge_inquiry,
    judge_payment,
    read_inquiry,
    read_notice,
    read_payment,
)
from gateway.snap_door import Answer, Call, Caller, Passed, admit, give_token
from rules.bank import BankPaid
from rules.money import Rupiah
from tests.gateway.snap_calls import NOW, call, caller, inquiry, notice, payment, token, token_call, told

BILL = Bill("8808880000000000001", "HASNA KARANGAN", Rupiah(33_600), NOW + timedelta(days=7))
SEVERAL = timedelta(minutes=20)


# -- the token ----------------------------------------------------------------------------------------------------


def test_who_signs_is_given_a_token_for_fifteen_minutes() -> None:
    given = give_token(token_call(), caller(), now=NOW, nonce="n1")

    assert given.status == 200
    assert (given.body["responseCode"], given.body["expiresIn"]) == ("2007300", "900")
    assert isinstance(read_inquiry(call(snap.INQUIRY_PATH, inquiry()), caller(), now=NOW), Inquiry)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (token_call(client_id="other"), "4017300"),
        (token_call(NOW - SEVERAL), "4017300"),
        (token_call(body=b"{}"), "4007302"),
        (token_call(body=b'{"grantType":"password"}'), "4007301"),
        (token_call(body=b"[]"), "4007300"),
        (Call("POST", snap.TOKEN_PATH, {}, b"{}"), "4007302"),
    ],
)
def test_who_does_not_sign_so_is_given_none(asked: Call, code: str) -> None:
    given = give_token(asked, caller(), now=NOW, nonce="n1")

    assert told(given) == (int(code[:3]), code)
    assert "accessToken" not in given.body


def test_a_token_ends_and_cannot_be_made_up() -> None:
    asked = call(snap.INQUIRY_PATH, inquiry())
    later = NOW + timedelta(minutes=15)
    invented = [call(snap.INQUIRY_PATH, inquiry(), authorization=f"Bearer {made}") for made in _invented()]

    assert told(_refused(read_inquiry(asked, caller(), now=later))) == (401, "4012401")
    for one in invented:
        assert told(_refused(read_inquiry(one, caller(), now=NOW))) == (401, "4012401")
    other_seal = replace(caller(), seal=b"another seal")
    assert told(_refused(read_inquiry(asked, other_seal, now=NOW))) == (401, "4012401")


def _invented() -> list[str]:
    until, _dot, rest = token().partition(".")
    return ["", "x", f"{int(until) + 900}.{rest}", "9" * 13 + "." + rest, f"{until}.{rest}x", token() + "." * 300]


def _refused(answer: object) -> Answer:
    assert isinstance(answer, Answer)
    return answer


# -- the door -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (call(snap.INQUIRY_PATH, inquiry(), x_signature="AAAA"), "4012400"),
        (call(snap.INQUIRY_PATH, inquiry(), x_partner_id="other"), "4012400"),
        (call(snap.INQUIRY_PATH, inquiry(), x_external_id=""), "4002402"),
        (call(snap.INQUIRY_PATH, inquiry(), x_external_id="abc"), "4002401"),
        (call(snap.INQUIRY_PATH, inquiry(), x_external_id="1" * 37), "4002401"),
        (call(snap.INQUIRY_PATH, inquiry(), channel_id="1234567"), "4002401"),
        (call(snap.INQUIRY_PATH, inquiry(), x_timestamp="yesterday"), "4002401"),
        (call(snap.PAYMENT_PATH, inquiry()), "4012400"),
        (call(snap.INQUIRY_PATH, b"[1]"), "4002400"),
        (call(snap.INQUIRY_PATH, b"{"), "4002400"),
        (call(snap.INQUIRY_PATH, b'{"a": "\xff"}'), "4002400"),
        (call(snap.INQUIRY_PATH, b"[" * 60_000), "4002400"),
    ],
)
def test_a_call_that_is_not_whole_is_refused(asked: Call, code: str) -> None:
    answer = read_inquiry(replace(asked, path=snap.INQUIRY_PATH), caller(), now=NOW)

    assert told(_refused(answer)) == (int(code[:3]), code)


def test_an_old_call_is_refused() -> None:
    asked = call(snap.INQUIRY_PATH, inquiry(), now=NOW)

    assert told(_refused(read_inquiry(asked, caller(), now=NOW + timedelta(minutes=6)))) == (401, "4012400")


@pytest.mark.parametrize(
    ("fields", "code", "named"),
    [
        (payment(paymentRequestId=None), "4002502", "paymentRequestId"),
        (payment(customerNo=""), "4002502", "customerNo"),
        (payment(paidAmount=None), "4002502", "paidAmount.value"),
        (payment(paidAmount="33600.00"), "4002502", "paidAmount.value"),
        (payment(paidAmount={"value": "33600", "currency": "IDR"}), "4002501", "paidAmount.value"),
        (payment(paidAmount={"value": 33600, "currency": "IDR"}), "4002501", "paidAmount.value"),
        (payment(paidAmount={"value": "33600.50", "currency": "IDR"}), "4002501", "paidAmount.value"),
        (payment(paidAmount={"value": "-33600.00", "currency": "IDR"}), "4002501", "paidAmount.value"),
        (payment(paidAmount={"value": "33600.00", "currency": "USD"}), "4002501", "paidAmount.currency"),
        (payment(customerNo="88-1"), "4002501", "customerNo"),
        (payment(customerNo="880000000000002"), "4002501", "virtualAccountNo"),
        (payment(trxDateTime="yesterday"), "4002501", "trxDateTime"),
        (payment(trxDateTime="2026-11-21T08:00:00"), "4002501", "trxDateTime"),
        (payment(paymentRequestId="p" * 129), "4002501", "paymentRequestId"),
    ],
)
def test_a_field_that_is_missing_or_wrong_is_named(fields: dict[str, Any], code: str, named: str) -> None:
    refused = _refused(read_payment(call(snap.PAYMENT_PATH, fields), caller(), now=NOW))

    assert told(refused) == (400, code)
    assert refused.body["responseMessage"].endswith(f" {named}")


# -- inquiry ------------------------------------------------------------------------------------------------------


def asked(**changed: Any) -> Inquiry:
    found = read_inquiry(call(snap.INQUIRY_PATH, inquiry(**changed)), caller(), now=NOW)
    assert isinstance(found, Inquiry)
    return found


def test_a_bill_is_told_with_its_name_and_sum() -> None:
    answer = judge_inquiry(asked(), Known(BILL), now=NOW)

    assert told(answer) == (200, "2002400")
    assert answer.body["virtualAccountData"] == {
        "inquiryStatus": "00",
        "inquiryReason": {"english": "Success", "indonesia": "Sukses"},
        "partnerServiceId": "    8808",
        "customerNo": "880000000000001",
        "virtualAccountNo": "    8808880000000000001",
        "inquiryRequestId": "inq-1",
        "virtualAccountName": "HASNA KARANGAN",
        "totalAmount": {"value": "33600.00", "currency": "IDR"},
    }


@pytest.mark.parametrize(
    ("known", "code"),
    [
        (Known(), "4042412"),
        (Known(replace(BILL, is_paid=True)), "4042414"),
        (Known(replace(BILL, expires=NOW - timedelta(seconds=1))), "4042419"),
        (Known(BILL, call="another call"), "4092400"),
    ],
)
def test_a_bill_that_cannot_be_paid_is_refused_and_its_owner_not_named(known: Known, code: str) -> None:
    answer = judge_inquiry(asked(), known, now=NOW)

    assert told(answer) == (int(code[:3]), code)
    assert answer.body["virtualAccountData"]["inquiryStatus"] == "01"
    assert "virtualAccountName" not in answer.body["virtualAccountData"]


def test_the_same_inquiry_under_the_same_external_id_is_answered_again() -> None:
    assert told(judge_inquiry(asked(), Known(BILL, call=asked().digest), now=NOW)) == (200, "2002400")


# -- payment ------------------------------------------------------------------------------------------------------


def paid(**changed: Any) -> Told:
    found = read_payment(call(snap.PAYMENT_PATH, payment(**changed)), caller(), now=NOW)
    assert isinstance(found, Told)
    return found


def test_a_payment_of_the_sum_is_taken() -> None:
    judged = judge_payment(paid(), Known(BILL))

    assert told(judged.answer) == (200, "2002500")
    assert judged.answer.body["virtualAccountData"]["paymentFlagStatus"] == "00"
    assert judged.taken == BankPaid("va", "pay-1", "8808880000000000001", Rupiah(33_600), NOW, "REF1")


@pytest.mark.parametrize(
    ("told_by_bank", "known", "code"),
    [
        (paid(), Known(), "4042512"),
        (paid(paidAmount={"value": "33500.00", "currency": "IDR"}), Known(BILL), "4042513"),
        (paid(paidAmount={"value": "33601.00", "currency": "IDR"}), Known(BILL), "4042513"),
        (paid(), Known(replace(BILL, is_paid=True)), "4042514"),
        (paid(paidAmount={"value": "8400.00", "currency": "IDR"}), Known(BILL, payment="other"), "4042518"),
        (paid(trxDateTime="2026-12-21T08:00:00+07:00"), Known(BILL), "4042519"),
        (paid(), Known(BILL, call="another call"), "4092500"),
    ],
)
def test_a_payment_that_does_not_fit_is_refused(told_by_bank: Told, known: Known, code: str) -> None:
    judged = judge_payment(told_by_bank, known)

    assert told(judged.answer) == (int(code[:3]), code)
    assert judged.answer.body["virtualAccountData"]["paymentFlagStatus"] == "01"
    assert judged.taken is None


def test_a_payment_told_again_has_the_same_answer_and_is_not_taken_again() -> None:
    first = judge_payment(paid(), Known(BILL))
    again = judge_payment(paid(flagAdvise="Y"), Known(replace(BILL, is_paid=True), payment=paid().digest))

    assert again == Judged(first.answer, None)


def test_a_payment_made_in_time_and_told_late_is_taken() -> None:
    ended = replace(BILL, expires=NOW + timedelta(seconds=1))

    late = read_payment(call(snap.PAYMENT_PATH, payment(), now=NOW + SEVERAL), caller(), now=NOW + SEVERAL)

    assert isinstance(late, Told)
    assert judge_payment(late, Known(ended)).taken is not None


def test_without_a_time_of_its_own_a_payment_was_made_now() -> None:
    assert paid(trxDateTime=None, referenceNo=None).paid == BankPaid(
        "va", "pay-1", "8808880000000000001", Rupiah(33_600), NOW, "pay-1"
    )


# -- a code of QRIS -----------------------------------------------------------------------------------------------

QR_BILL = replace(BILL, number="QR-1")


def noted(**changed: Any) -> Told:
    found = read_notice(call(snap.QR_NOTIFY_PATH, notice(**changed)), caller(), now=NOW)
    assert isinstance(found, Told)
    return found


def test_a_code_that_was_paid_is_taken_once() -> None:
    first = judge_payment(noted(), Known(QR_BILL))
    again = judge_payment(noted(), Known(replace(QR_BILL, is_paid=True), payment=noted().digest))

    assert first.taken == BankPaid("qris", "QR-REF-1", "QR-1", Rupiah(33_600), NOW, "QR-REF-1")
    assert (told(first.answer), told(again.answer), again.taken) == ((200, "2005200"), (200, "2005200"), None)


@pytest.mark.parametrize("state", ["01", "03", "06", "08"])
def test_another_state_than_paid_is_heard_and_takes_nothing(state: str) -> None:
    judged = judge_payment(noted(latestTransactionStatus=state), Known(QR_BILL))

    assert (told(judged.answer), judged.taken) == ((200, "2005200"), None)


@pytest.mark.parametrize(
    ("told_by_bank", "known", "code"),
    [
        (noted(), Known(), "4045201"),
        (noted(amount={"value": "1.00", "currency": "IDR"}), Known(QR_BILL), "4045213"),
        (noted(), Known(replace(QR_BILL, is_paid=True)), "4045214"),
        (noted(amount={"value": "1.00", "currency": "IDR"}), Known(QR_BILL, payment="other"), "4045218"),
        (noted(), Known(QR_BILL, call="another call"), "4095200"),
    ],
)
def test_a_notification_that_does_not_fit_is_refused(told_by_bank: Told, known: Known, code: str) -> None:
    judged = judge_payment(told_by_bank, known)

    assert (told(judged.answer), judged.taken) == ((int(code[:3]), code), None)


# -- whatever comes -----------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(payment(), JSON)))
def test_any_signed_json_is_read_or_refused_in_the_standards_words(fields: dict[str, Any]) -> None:
    answer = read_payment(call(snap.PAYMENT_PATH, payment() | fields), caller(), now=NOW)

    assert isinstance(answer, Told) or answer.status == 400


@given(st.binary(max_size=40), st.dictionaries(st.sampled_from(["X-Signature", "Authorization"]), st.text(max_size=40)))
def test_nothing_unsigned_comes_in(body: bytes, headers: dict[str, str]) -> None:
    assert not isinstance(admit("25", Call("POST", snap.PAYMENT_PATH, headers, body), caller(), now=NOW), Passed)


def test_who_calls_is_never_shown_with_a_secret() -> None:
    assert repr(caller()) == "Caller('bank')"
    assert isinstance(caller(), Caller)
