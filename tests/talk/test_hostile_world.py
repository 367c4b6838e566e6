"""The same person in a kind world and in a hostile one: both end with the same answers and the same last words.

The person answers what is asked. A hostile world delivers old results again, results late and out of order, lets
time pass, tells delays, and lets the person be impatient; between any two turns all is stored and loaded.
"""

from __future__ import annotations

from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.talk.awaited import request_key
from bot.talk.heard import Pressed, Shown, Unread
from bot.talk.journal import Conversation
from bot.talk.stack import Sent
from bot.talk.turn import PAUSE
from tests.talk.house_chat import ANSWERS, house_chat, right_answer

SCHEDULES = 150
EVENTS_MAX = 80
TURNS_MAX = 200
"""A person who is asked more often than this is in a loop."""
HOURS_MAX = 20 * 24
"""All that passes stays within the month, for the price and what is confirmed hang on it."""

Event = Literal["again", "delay", "halo", "voice", "old button", "hour", "night", "menu and back", "result", "answer"]
_events = st.lists(
    st.tuples(
        st.sampled_from(["again", "delay", "halo", "voice", "old button", "hour", "night", "menu and back", "result",
                         "answer", "answer"]),
        st.integers(0, 1_000),
    ),
    max_size=EVENTS_MAX,
)  # fmt: skip


@settings(max_examples=SCHEDULES)
@given(_events)
def test_a_hostile_world_ends_like_a_kind_one(events: list[tuple[Event, int]]) -> None:
    hostile = _World()
    for event, chance in events:
        hostile.happen(event, chance)

    assert hostile.end() == _KIND.end()


def test_the_kind_world_ends_with_a_payment_code() -> None:
    answers, last = _KIND.end()

    assert "Kode bayar: 881234567890123" in last
    assert answers["1.review"] is True


class _World:
    """One enrolment by photo. `_due` are the errands on their way."""

    def __init__(self) -> None:
        self.chat = house_chat()
        self._due: list[Sent] = []
        self._seen = 0
        self._hours = 0
        self.chat.hear("daftar")

    def end(self) -> tuple[dict[str, Any], str]:
        """From here on the world is kind: the answers at the end, and the last words."""
        for _turn in range(TURNS_MAX):
            if self._enrolment() is not None:
                break
            self._result(0) if self._errands() else self._answer(0)
        ended = self._enrolment()
        assert ended is not None, "the enrolment has no end"
        return self.chat.kept(ended), self._last_words(ended)

    def happen(self, event: Event, chance: int) -> None:
        if self._enrolment() is not None:
            self._after_the_end(event, chance)
            return
        match event:
            case "again" if self.chat.errands:
                self._answered_again(chance)
            case "delay" if self.chat.errands:
                self.chat.delay(self.chat.errands[chance % len(self.chat.errands)])
            case "halo":
                self.chat.hear("halo")
            case "voice":
                self.chat.hear(Unread("voice"))
            case "hour":
                self._pass_hours(1)
            case "night":
                self._pass_hours(PAUSE.seconds // 3600 + chance % 20)
            case "menu and back":
                self.chat.hear("menu")
                self.chat.hear("0")
            case "old button":
                self._press_old(chance)
            case "result" if self._errands():
                self._result(chance)
            case "answer":
                self._answer(chance)
            case _:
                pass

    def _answer(self, chance: int) -> None:
        """Type or press what is right for the open question; a question of the engine itself is declined."""
        opened = self.chat.top.open
        if self.chat.top.aside is not None:
            self.chat.hear("tidak")
        elif opened is None:
            self.chat.hear("1")  # impatient: nothing is asked
        elif opened.name.startswith("ktp.photo"):
            self.chat.hear(Shown(1))
        elif chance % 2 and right_answer(opened.name) == "1":
            button = self.chat.said[-1].buttons[:1]
            self.chat.hear(Pressed(button[0].data) if button else "1")
        else:
            self.chat.hear(right_answer(opened.name))

    def _press_old(self, chance: int) -> None:
        """Some button seen before; a change that the engine offers is declined by the next answer."""
        seen = [button for message in self.chat.said[:-1] for button in message.buttons]
        passed = [button for button in seen if self._is_passed(button.data)]
        if passed:
            self.chat.hear(Pressed(passed[chance % len(passed)].data))
        if self.chat.talk.stack and self.chat.top.aside is not None:
            self.chat.hear("tidak")

    def _is_passed(self, data: str) -> bool:
        opened = self.chat.top.open
        return opened is None or f".{opened.token}." not in data

    def _errands(self) -> list[Sent]:
        self._due += self.chat.errands[self._seen :]
        self._seen = len(self.chat.errands)
        return self._due

    def _result(self, chance: int) -> None:
        due = self._errands()
        sent = due.pop(chance % len(due))
        self.chat.result(ANSWERS[type(sent.errand)][0], sent)

    def _answered_again(self, chance: int) -> None:
        """A result that was heard once comes again."""
        heard = [sent for sent in self.chat.errands if sent not in self._errands()]
        if heard:
            sent = heard[chance % len(heard)]
            before = self.chat.kept()
            assert self.chat.result(ANSWERS[type(sent.errand)][0], sent) == ""
            assert self.chat.kept() == before

    def _after_the_end(self, event: Event, chance: int) -> None:
        """Old results and delays come even now, and are not heard."""
        if event in ("again", "delay"):
            sent = self.chat.errands[chance % len(self.chat.errands)]
            said = self.chat.delay(sent) if event == "delay" else self.chat.result(None, sent)
            assert said == ""

    def _pass_hours(self, hours: int) -> None:
        if self._hours + hours <= HOURS_MAX:
            self._hours += hours
            self.chat.wait(hours=hours)

    def _enrolment(self) -> Conversation | None:
        return next((one for one, ending in self.chat.ended if one.flow == "enrol" and ending == "done"), None)

    def _last_words(self, ended: Conversation) -> str:
        key = request_key(self.chat.errands[-1].errand)
        assert key in ended.journal
        return self.chat.said[-1].text


_KIND = _World()
