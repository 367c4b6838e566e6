"""Claims at the imitated BPJS, over real HTTP: reported, with documents, and a step at a time."""

from __future__ import annotations

import itertools
from datetime import date

import httpx
import pytest

from gateway.bpjs import Bpjs, parse_webhook
from gateway.bpjs_claims import DOCUMENT_BYTES_MAX
from gateway.sandbox.bpjs_claims import DECISIONS, SLOW_STEP, STEP
from gateway.sandbox.door import BODY_BYTES_MAX
from rules.bpjs import (
    ClaimChanged,
    ClaimReceived,
    ClaimRefused,
    ClaimStatus,
    ClaimTaken,
    CoverChanged,
    DocumentTaken,
    Registered,
    TryLater,
)
from rules.claim_report import About, Accident, Death, Report, Reporter, Scholarship
from rules.money import Rupiah
from rules.phone import Phone
from tests.gateway.conftest import SECRET, Clock, Partner, Sandbox, worker

JPEG = b"\xff\xd8\xff\xe0 a photo of an invented card"
HEIR = Reporter("RAHMAN KARANGAN", "spouse", Phone("+6281234567890"))
DEATH = Death(date(2026, 11, 20), "other")
ACCIDENT = Accident(
    date(2026, 11, 20), "morning", "workplace", "73.12.02.2005", "Terpeleset di pematang.", "kaki kiri bengkak"
)
SCHOLARSHIP = Scholarship("DANIA KARANGAN", date(2015, 3, 2), "primary", "SDN Karangan")
keys = (f"claim-{number:08}" for number in itertools.count(1))


async def member(bpjs: Bpjs, serial: str = "9901") -> str:
    """The KPJ of a new member."""
    registered = await bpjs.register(worker(serial), f"case-{serial:>08}")
    assert isinstance(registered, Registered)
    return registered.kpj


async def reported(bpjs: Bpjs, serial: str = "9901", about: About = DEATH) -> str:
    """The reference of a claim of a new member."""
    received = await bpjs.claim(Report(await member(bpjs, serial), HEIR, about, ("ktp", "kk")), next(keys))
    assert isinstance(received, ClaimReceived)
    return received.reference


async def states(bpjs: Bpjs, http: httpx.AsyncClient, url: str, reference: str, steps: int) -> list[str]:
    """How the claim stands at first and after each step."""
    found: list[str] = [(await standing(bpjs, reference)).state]
    for _step in range(steps):
        await http.post(f"{url}/sandbox/claims/{reference}/next")
        found.append((await standing(bpjs, reference)).state)
    return found


async def standing(bpjs: Bpjs, reference: str) -> ClaimStatus:
    status = await bpjs.claim_status(reference)
    assert isinstance(status, ClaimStatus)
    return status


@pytest.mark.parametrize("about", [DEATH, ACCIDENT, SCHOLARSHIP], ids=["death", "accident", "scholarship"])
async def test_a_claim_goes_its_way_until_it_is_paid(
    about: About, bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    reference = await reported(bpjs, about=about)

    assert await states(bpjs, http, sandbox.url, reference, 4) == ["received", "verifying", "approved", "paid", "paid"]
    amount = Rupiah(DECISIONS[about.__class__.__name__.lower()])
    assert await bpjs.claim_status(reference) == ClaimStatus(
        reference, "paid", amount=amount, paid_on=date(2026, 11, 21), paid_to="RAHMAN KARANGAN"
    )


async def test_the_same_report_twice_is_one_claim(bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    report = Report(await member(bpjs), HEIR, DEATH)

    first = await bpjs.claim(report, "claim-twice")
    again = await bpjs.claim(report, "claim-twice")
    other = await bpjs.claim(Report(report.kpj, HEIR, ACCIDENT), "claim-twice")

    assert isinstance(first, ClaimReceived)
    assert again == first
    assert other == TryLater("BPJS answered 409: it doesn't take our question; compare the contract")
    assert len((await http.get(f"{sandbox.url}/sandbox/claims")).json()) == 1


async def test_a_claim_for_a_stranger_is_refused(bpjs: Bpjs) -> None:
    refused = await bpjs.claim(Report("00000000000", HEIR, DEATH), next(keys))

    assert refused == ClaimRefused("unknown-kpj", "Nomor KPJ ini tidak dikenal.")


async def test_9971_is_refused_after_verifying_with_words(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    reference = await reported(bpjs, "9971")

    assert await states(bpjs, http, sandbox.url, reference, 3) == ["received", "verifying", "refused", "refused"]
    assert (await standing(bpjs, reference)).words == "Kejadiannya tidak termasuk yang dijamin."


async def test_9972_wants_a_document_again_and_goes_on_once_it_comes(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    reference = await reported(bpjs, "9972")
    await bpjs.claim_document(reference, "ktp", JPEG, "document-0001")

    assert await states(bpjs, http, sandbox.url, reference, 2) == ["received", "documents-wanted", "documents-wanted"]
    assert (await standing(bpjs, reference)).missing == ("ktp",)
    await bpjs.claim_document(reference, "kk", JPEG, "document-0002")
    assert (await standing(bpjs, reference)).state == "documents-wanted"
    await bpjs.claim_document(reference, "ktp", JPEG + b" sharper", "document-0003")
    assert await states(bpjs, http, sandbox.url, reference, 2) == ["verifying", "approved", "paid"]


async def test_it_goes_on_by_itself_and_9970_slowly(bpjs: Bpjs, clock: Clock, receiver: Partner) -> None:
    quick, slow = await reported(bpjs), await reported(bpjs, "9970")
    for reference in (quick, slow):
        await papers_come(bpjs, reference, "ktp", "kk")
    clock.passes(STEP.total_seconds())
    taken, changed = (told(receiver, clock) for _event in range(2))

    assert isinstance(taken, ClaimTaken)
    assert taken.reference == quick
    assert isinstance(changed, ClaimChanged)
    assert changed.status == ClaimStatus(quick, "verifying")
    assert (await standing(bpjs, slow)).state == "received"
    clock.passes((SLOW_STEP - STEP).total_seconds())
    references = {event.reference for _ in range(3) if isinstance(event := told(receiver, clock), ClaimTaken)}
    assert references == {slow}


async def test_by_itself_it_goes_on_only_once_every_paper_is_there(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient, clock: Clock, receiver: Partner
) -> None:
    waiting, pushed = await reported(bpjs, about=ACCIDENT), await reported(bpjs, "9902", ACCIDENT)
    await papers_come(bpjs, waiting, "ktp")
    clock.passes(4 * STEP.total_seconds())
    await http.post(f"{sandbox.url}/sandbox/claims/{pushed}/next")

    assert [told(receiver, clock).__class__ for _event in range(2)] == [ClaimTaken, ClaimChanged]
    assert [(await standing(bpjs, one)).state for one in (waiting, pushed)] == ["received", "verifying"]
    await papers_come(bpjs, waiting, "kk")
    assert told(receiver, clock).__class__ is ClaimTaken
    assert (await standing(bpjs, waiting)).state == "verifying"


async def papers_come(bpjs: Bpjs, reference: str, *kinds: str) -> None:
    for kind in kinds:
        assert await bpjs.claim_document(reference, kind, JPEG, next(keys)) == DocumentTaken()


def told(receiver: Partner, clock: Clock) -> object:
    """The next webhook, believed."""
    return parse_webhook(*receiver.next_asked(), secret=SECRET, now=clock())


async def test_a_document_is_taken_once_and_the_same_kind_again_replaces_it(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    reference = await reported(bpjs)

    answers = [await bpjs.claim_document(reference, "ktp", JPEG, "document-0001") for _twice in range(2)]
    answers.append(await bpjs.claim_document(reference, "ktp", JPEG + b" sharper", "document-0002"))
    other = await bpjs.claim_document(reference, "ktp", JPEG + b" other", "document-0002")

    assert answers == [DocumentTaken()] * 3
    assert isinstance(other, TryLater)
    (claim,) = (await http.get(f"{sandbox.url}/sandbox/claims")).json()
    assert claim["documents"] == ["ktp"]


@pytest.mark.parametrize("document", [JPEG, b"\x89PNG\r\n\x1a\n...", b"%PDF-1.7 ..."], ids=["jpeg", "png", "pdf"])
async def test_six_megabytes_are_taken_of_each_kind(document: bytes, bpjs: Bpjs) -> None:
    whole = document.ljust(DOCUMENT_BYTES_MAX, b"\0")

    assert await bpjs.claim_document(await reported(bpjs), "ktp", whole, "document-0001") == DocumentTaken()


async def test_what_bpjs_could_not_take_is_refused_before_it_is_sent(bpjs: Bpjs, sandbox: Sandbox) -> None:
    reference = await reported(bpjs)

    too_large = await bpjs.claim_document(reference, "ktp", JPEG.ljust(DOCUMENT_BYTES_MAX + 1), "document-0001")
    heic = await bpjs.claim_document(reference, "ktp", b"\0\0\0\x18ftypheic", "document-0002")

    assert too_large == ClaimRefused("too-large", "Berkas paling besar 6 MB.")
    assert heic == ClaimRefused("format", "Berkas harus JPG, PNG, atau PDF.")


async def test_only_documents_may_be_long(bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    long = b"x" * (BODY_BYTES_MAX + 1)

    claim = await http.post(f"{sandbox.url}/v1/claims", content=long)
    document = await http.put(f"{sandbox.url}/v1/claims/CLM-1/documents/ktp", content=long)
    too_long = await http.put(f"{sandbox.url}/v1/claims/CLM-1/documents/ktp", content=b"x" * (DOCUMENT_BYTES_MAX + 1))

    assert [answer.status_code for answer in (claim, document, too_long)] == [413, 401, 413]


async def test_an_outage_is_of_claims_too(bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    reference = await reported(bpjs)
    await http.post(f"{sandbox.url}/sandbox/down")

    assert isinstance(await bpjs.claim_status(reference), TryLater)
    assert isinstance(await bpjs.claim_document(reference, "ktp", JPEG, "document-0001"), TryLater)


async def test_what_was_never_given_out_is_unknown(bpjs: Bpjs) -> None:
    assert isinstance(await bpjs.claim_status("CLM-none"), TryLater)
    assert isinstance(await bpjs.claim_document("CLM-none", "ktp", JPEG, "document-0001"), TryLater)


async def test_cover_that_changes_is_told_by_webhook(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient, receiver: Partner, clock: Clock
) -> None:
    kpj = await member(bpjs)

    for query in ("?until=2027-03-31", ""):
        await http.post(f"{sandbox.url}/sandbox/members/{kpj}/cover{query}")
    given, taken = (told(receiver, clock) for _event in range(2))

    assert isinstance(given, CoverChanged)
    assert isinstance(taken, CoverChanged)
    assert (given.kpj, given.active, given.covered_from, given.protected_until) == (
        kpj, True, date(2026, 11, 21), date(2027, 3, 31),
    )  # fmt: skip
    assert (taken.active, taken.covered_from, taken.protected_until) == (False, None, None)
    assert taken.stated_at == given.stated_at == clock()
    assert taken.event_id != given.event_id


async def test_the_front_page_shows_claims_with_their_button_and_says_what_is_invented(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    reference = await reported(bpjs, "9972")
    await http.post(f"{sandbox.url}/sandbox/claims/{reference}/next")
    page = (await http.get(sandbox.url)).text

    assert all(digits in page for digits in ("9970", "9971", "9972"))
    assert "karangan untuk tiruan ini" in page
    assert "Selama masih ada berkas yang belum datang, klaim hanya maju kalau tombolnya ditekan." in page
    assert "kematian, berkas diminta lagi" in page
    assert "Masih diminta: ktp" in page
    assert f'action="/sandbox/claims/{reference}/next"' not in page  # it waits for a document

    await bpjs.claim_document(reference, "ktp", JPEG, "document-0001")
    after = await http.post(f"{sandbox.url}/sandbox/claims/{reference}/next", follow_redirects=True)
    assert "kematian, disetujui" in after.text
    assert "Rp42.000.000" in after.text
    assert f'action="/sandbox/claims/{reference}/next"' in after.text
