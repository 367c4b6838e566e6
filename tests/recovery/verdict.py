"""Whether kill -9 harmed anybody: what is left after the storm, beside what is left when nobody disturbs.

Invariant: a chat must be the undisturbed chat, line by line. Two things alone may differ: the payment code, whose
digits come from an id, and a word of patience (`Errand.delayed`), said at most once an errand and only where that
errand did take longer than its patience.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.flows.asks import ERRANDS, GetPaymentCode, ReadCard, Register
from tests.recovery.evidence import Chat, Errand, Left
from tests.recovery.storm import Storm
from tests.recovery.visitor import Line

REGISTERED = "Nomor peserta (KPJ)"
CODE = re.compile(r"(?<=Kode bayar: )\d+")
LATE_WORDS = {
    ReadCard.__name__: "Sebentar, fotonya masih saya baca.",
    Register.__name__: "Data sudah tersimpan, BPJS belum menjawab.",
    GetPaymentCode.__name__: "Kode bayar menyusul di sini, tanpa perlu menulis lagi.",
}
PATIENCE_S = {errand.__name__: float(errand.patience_s) for errand in ERRANDS}
LOST_FOR_GOOD = ("parked", "errand-broken", "not-stored", "errand-not-settled")
"""What the service logs when something of ours goes wrong."""
TOLD_MAX = 20


def breaches(storm: Storm, calm: Left) -> list[str]:
    """Everything that went wrong; empty when all is well."""
    return [*_everywhere(storm), *_in_chats(storm.left, calm)]


def late_words(left: Left) -> Counter[str]:
    """How often a word of patience was said, by errand."""
    said = [_lane_of(line) for chat in left.chats for line in chat.lines]
    return Counter(lane for lane in said if lane is not None)


def _everywhere(storm: Storm) -> Iterator[str]:
    left, count = storm.left, len(storm.people)
    yield from storm.faults
    yield from (f"not done in time: {one}" for one in storm.unfinished)
    if left.broken_at is not None:
        yield f"the audit's chain breaks at row {left.broken_at}"
    yield from (f"{rows} rows of the outbox are left {state}" for state, rows in left.open_rows.items())
    yield from _counted("parked messages", left.parked, 0)
    yield from _counted("chats of nobody", left.strangers, 0)
    yield from _counted("conversations without an end", left.open_conversations, 0)
    yield from _counted("enrolments registered", left.enrolments.get("registered", 0), count)
    yield from _counted("enrolments in all", sum(left.enrolments.values()), count)
    yield from _counted("payment codes with us", left.payment_codes, count)
    yield from _counted("payment codes at BPJS", left.payments_at_bpjs, count)
    yield from _at_bpjs(storm)
    yield from _printed(storm)


def _at_bpjs(storm: Storm) -> Iterator[str]:
    """One registration a person, submitted once."""
    registered = Counter(str(row["nik"]) for row in storm.left.registered)
    wanted = Counter(person.masked for person in storm.people)
    for masked in sorted((registered - wanted) | (wanted - registered)):
        yield f"NIK {masked} stands {registered[masked]} times at BPJS, for {wanted[masked]} people"
    for row in storm.left.registered:
        if (row["submitted"], row["registered"]) != (1, 1):
            yield f"NIK {row['nik']} was submitted {row['submitted']} times and registered {row['registered']} times"


def _printed(storm: Storm) -> Iterator[str]:
    if any(person.nik and person.nik in storm.left.printed for person in storm.people):
        yield "a full NIK stands in the log"
    for line in storm.left.printed.splitlines():
        event = json.loads(line).get("event") if line.startswith("{") else None
        if event in LOST_FOR_GOOD:
            yield f"the service logged {line[:300]}"


def _in_chats(left: Left, calm: Left) -> Iterator[str]:
    undisturbed = {chat.person: _told(chat) for chat in calm.chats}
    for chat in left.chats:
        who = f"person {chat.person}"
        yield from _messages(who, chat)
        yield from _late(who, chat, [one for one in left.errands if one.person == chat.person])
        confirmed = sum(REGISTERED in line["text"] for line in chat.lines if not line["mine"])
        yield from _counted(f"{who}: messages with the KPJ", confirmed, 1)
        yield from _differences(who, _told(chat), undisturbed[chat.person])


def _messages(who: str, chat: Chat) -> Iterator[str]:
    if chat.kept != chat.sent:
        yield f"{who}: sent {' '.join(chat.sent)}, kept {' '.join(chat.kept)}"
    ids = [line["id"] for line in chat.lines]
    if len(set(ids)) != len(ids) or list(chat.seen) != ids:
        yield f"{who}: the page got {len(chat.seen)} lines as they came, and has {len(ids)} when it is opened anew"


def _late(who: str, chat: Chat, errands: list[Errand]) -> Iterator[str]:
    """Of each kind, no more words of patience than errands that took longer than their patience."""
    said = Counter(lane for line in chat.lines if (lane := _lane_of(line)) is not None)
    for lane, times in said.items():
        took_long = sum(one.lane == lane and one.seconds >= PATIENCE_S[lane] for one in errands)
        if times > took_long:
            yield f"{who}: told {times} times that {lane} takes longer, which it did {took_long} times"


def _lane_of(line: Line) -> str | None:
    if line["mine"]:
        return None
    return next((lane for lane, words in LATE_WORDS.items() if words in line["text"]), None)


def _told(chat: Chat) -> list[str]:
    """The chat as text, without what may differ."""
    lines = [line for line in chat.lines if _lane_of(line) is None]
    return [_shown(line) for line in lines]


def _shown(line: Line) -> str:
    who = "person" if line["mine"] else "bot"
    buttons = " ".join(f"[{button['label']}]" for button in line["buttons"])
    photo = "(photo)" if line["photo"] else ""
    return f"{who}: {CODE.sub('CODE', line['text'])}{photo} {buttons} {line['wants']} {line['back']}"


def _differences(who: str, disturbed: list[str], undisturbed: list[str]) -> Iterable[str]:
    for number, (here, there) in enumerate(zip(disturbed, undisturbed, strict=False)):
        if here != there:
            return [f"{who}: line {number} is {here!r}; undisturbed it is {there!r}"]
    return _counted(f"{who}: lines", len(disturbed), len(undisturbed))


def _counted(what: str, found: int, wanted: int) -> Iterable[str]:
    return [] if found == wanted else [f"{what}: {found}, expected {wanted}"]
