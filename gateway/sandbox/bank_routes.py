"""The services of the imitated bank that the office asks: virtual accounts, codes of QRIS."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from fastapi.responses import HTMLResponse, JSONResponse

from gateway import snap
from gateway.sandbox.bank_books import DOWN, FAILS_ONCE, NONSENSE, REFUSED, SLOW, Books, amount_of
from gateway.sandbox.bank_contract import (
    AccountAnswer,
    CreateVa,
    DeleteVa,
    Grant,
    MakeQr,
    QrAnswer,
    QrStateAnswer,
    QueryQr,
    TokenAnswer,
    VaStatus,
)
from gateway.sandbox.bank_door import down, told
from gateway.snap import Service
from gateway.snap_door import answer
from gateway.snap_wire import rupiah

SLOW_S = 3.0
ExternalId = Annotated[str, Header(alias=snap.EXTERNAL_ID, include_in_schema=False)]


def account_routes(books: Books, clock: Callable[[], datetime], slow_s: float) -> APIRouter:
    """Services 27, 26 and 31; 73 is answered by the door, and stands here for the contract."""
    routes = APIRouter(tags=["virtual account"])

    @routes.post(snap.TOKEN_PATH, response_model=TokenAnswer)
    async def token(_grant: Grant) -> Response:
        """An access token for fifteen minutes."""
        raise AssertionError("the door answers")

    @routes.post(snap.CREATE_PATH, response_model=AccountAnswer)
    async def create(wanted: CreateVa, external_id: ExternalId) -> Response:
        """A virtual account for one sum."""
        amount, question = _amount(wanted.total_amount.value), wanted.model_dump_json(by_alias=True)
        magic = await _magic(books, "27", amount, question, slow_s)
        if magic is not None:
            return magic
        fields = wanted.model_dump(by_alias=True)
        return _once("27", books.make_va(fields, amount, question, _key("27", external_id, clock()), clock()))

    @routes.post(snap.STATUS_PATH, response_model=AccountAnswer)
    async def status(wanted: VaStatus) -> Response:
        """Whether it was paid (`paymentFlagStatus` 00) or not yet (03)."""
        bill = books.bill(wanted.virtual_account_no.strip())
        if bill is None:
            return told(answer("26", "bill-not-found"))
        return told(answer("26", "successful", virtualAccountData=_standing(bill, wanted.inquiry_request_id)))

    @routes.post(snap.DELETE_PATH, response_model=AccountAnswer)
    async def delete(wanted: DeleteVa) -> Response:
        """Nobody can pay to it any more."""
        bill = books.bill(wanted.virtual_account_no.strip())
        if bill is None:
            return told(answer("31", "bill-not-found"))
        books.delete(bill["number"])
        return told(answer("31", "successful", virtualAccountData=wanted.model_dump(by_alias=True)))

    return routes


def code_routes(books: Books, clock: Callable[[], datetime], slow_s: float) -> APIRouter:
    """Services 47 and 51."""
    routes = APIRouter(tags=["QRIS"])

    @routes.post(snap.QR_MAKE_PATH, response_model=QrAnswer)
    async def make(wanted: MakeQr, external_id: ExternalId) -> Response:
        """A code of QRIS over one sum."""
        amount, question = _amount(wanted.amount.value), wanted.model_dump_json(by_alias=True)
        magic = await _magic(books, "47", amount, question, slow_s)
        if magic is not None:
            return magic
        fields = wanted.model_dump(by_alias=True)
        return _once("47", books.make_qr(fields, amount, question, _key("47", external_id, clock()), clock()))

    @routes.post(snap.QR_QUERY_PATH, response_model=QrStateAnswer)
    async def query(wanted: QueryQr) -> Response:
        """How a code stands."""
        bill = books.bill(wanted.original_reference_no)
        if bill is None or bill["kind"] != "qris":
            return told(answer("51", "transaction-not-found"))
        more = {"paidTime": bill["paid"]["at"]} if bill["paid"] else {}
        return told(answer(
            "51", "successful", originalReferenceNo=bill["reference"], originalPartnerReferenceNo=bill["number"],
            serviceCode="47", latestTransactionStatus="00" if bill["paid"] else "03",
            amount=amount_of(bill["paid"] or bill), **more,
        ))  # fmt: skip

    return routes


async def _magic(books: Books, service: Service, amount: int, question: str, slow_s: float) -> Response | None:
    """The answers that are none, and those that take long."""
    match amount % 1_000:
        case last if last == FAILS_ONCE and books.fails_now(question):
            return told(answer(service, "general-error"))
        case last if last == DOWN:
            return told(down(service))
        case last if last == NONSENSE:
            return HTMLResponse("<html><body>Sedang dalam perbaikan</body></html>")
        case last if last == REFUSED:
            words = {"responseCode": f"403{service}15", "responseMessage": "Transaction Not Permitted"}
            return JSONResponse(words, 403)
        case last if last == SLOW:
            await asyncio.sleep(slow_s)
    return None


def _once(service: Service, made: dict[str, Any] | None) -> Response:
    return told(answer(service, "conflict") if made is None else answer(service, "successful", **made))


def _key(service: Service, external_id: str, at: datetime) -> str:
    """X-EXTERNAL-ID is unique in a day."""
    return f"{service} {at:%Y-%m-%d} {external_id}"


def _amount(value: str) -> int:
    amount = rupiah(value)
    assert amount is not None  # the contract's pattern
    return amount.amount


def _standing(bill: dict[str, Any], request: str) -> dict[str, Any]:
    account = json.loads(bill["fields"])
    named = {name: account[name] for name in ("partnerServiceId", "customerNo", "virtualAccountNo")}
    paid = bill["paid"]
    more = {} if paid is None else {
        "paidAmount": amount_of(paid), "trxDateTime": paid["at"], "referenceNo": paid["reference"],
        "paymentRequestId": paid["request"],
    }  # fmt: skip
    flag = "00" if paid else "03"
    return {**named, "inquiryRequestId": request, "totalAmount": amount_of(bill), "paymentFlagStatus": flag, **more}
