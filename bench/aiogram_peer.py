"""The peer: the same 13-message enrolment as an aiogram FSM with MemoryStorage, measured in two ways.

`whole`: from the bytes of a webhook to the form that would be posted and back from the bytes of Telegram's answer, all
by aiogram's own code; only the network is missing. `dispatch`: the Dispatcher alone, with updates parsed beforehand
and replies that vanish.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.base import BaseSession
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.methods import TelegramMethod
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update

STEPS = (
    "who", "consent", "photo", "right", "job", "income", "phone", "heir", "relation", "months", "remind", "review",
)  # fmt: skip
TEXTS = ("/daftar", "1", "1", None, "1", "petani padi", "1", "0812 3456 7890", "La Baco", "1", "1", "1", "ya")
_numbers = itertools.count(1)


class Enrolment(StatesGroup):
    """One state a question."""

    who, consent, photo, right, job, income = State(), State(), State(), State(), State(), State()
    phone, heir, relation, months, remind, review = State(), State(), State(), State(), State(), State()


class VanishingSession(BaseSession):
    """Every call is answered at once, unread."""

    async def close(self) -> None: ...

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        return True

    async def stream_content(self, *args: Any, **more: Any) -> AsyncGenerator[bytes, None]:
        yield b""


class AnsweringSession(AiohttpSession):
    """Builds the form and reads Telegram's answer as aiogram does; Telegram answers at once."""

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        self.build_form_data(bot, method)
        return self.check_response(bot, method, 200, _SENT).result


_SENT = json.dumps(
    {"ok": True, "result": {"message_id": 1, "date": 1795222800, "chat": {"id": 1, "type": "private"}, "text": "ok"}}
)


def whole() -> Callable[[str], Awaitable[None]]:
    """One person's 13 messages, from bytes to bytes."""
    dispatcher, bot, bodies = _dispatcher(), Bot("42:invented", session=AnsweringSession()), _bodies()

    async def enrol(person: str) -> None:
        for body in bodies(next(_numbers)):
            await dispatcher.feed_raw_update(bot, json.loads(body))

    return enrol


def dispatch() -> Callable[[str], Awaitable[None]]:
    """One person's 13 messages, the Dispatcher alone."""
    dispatcher, bot, bodies = _dispatcher(), Bot("42:invented", session=VanishingSession()), _bodies()

    async def enrol(person: str) -> None:
        for body in bodies(next(_numbers)):
            await dispatcher.feed_update(bot, Update.model_validate_json(body, context={"bot": bot}))

    return enrol


def _dispatcher() -> Dispatcher:
    dispatcher = Dispatcher(storage=MemoryStorage())
    dispatcher.include_router(_router())
    return dispatcher


def _router() -> Router:
    router = Router()
    states = [getattr(Enrolment, step) for step in STEPS]

    @router.message(Command("daftar"))
    async def begin(message: Message, state: FSMContext) -> None:
        await state.set_state(states[0])
        await message.answer("who?", reply_markup=_keyboard())

    for step, here, following in zip(STEPS, states, [*states[1:], None], strict=True):
        router.message(StateFilter(here), F.photo if step == "photo" else F.text)(_handler(step, following))
    return router


def _handler(step: str, following: State | None) -> Callable[[Message, FSMContext], Awaitable[None]]:
    async def handle(message: Message, state: FSMContext) -> None:
        await state.update_data({step: message.text or "photo"})
        if following is None:
            data = await state.get_data()
            await state.clear()
            await message.answer(f"done: {len(data)} answers")
            return
        await state.set_state(following)
        await message.answer(f"{step} noted, next?", reply_markup=_keyboard())

    return handle


def _keyboard() -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text="1", callback_data="1"), InlineKeyboardButton(text="2", callback_data="2")]
        ]
    )


def _bodies() -> Callable[[int], list[bytes]]:
    """The webhooks of one person."""
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 1280, "height": 960}]

    def of(number: int) -> list[bytes]:
        sender = {"id": number, "is_bot": False, "first_name": "Hasna"}
        sent = {"date": 1795222800, "chat": {"id": number, "type": "private", "first_name": "Hasna"}, "from": sender}
        return [
            json.dumps(
                {
                    "update_id": number * 100 + place,
                    "message": {**sent, "message_id": place + 1, **({"text": text} if text else {"photo": photo})},
                }
            ).encode()
            for place, text in enumerate(TEXTS)
        ]

    return of
