"""The peer: the same 13-message enrolment as an aiogram FSM with MemoryStorage."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.base import BaseSession
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.methods import TelegramMethod
from aiogram.types import Chat, InlineKeyboardButton, InlineKeyboardMarkup, Message, PhotoSize, Update, User

STEPS = (
    "who", "consent", "photo", "right", "job", "income", "phone", "heir", "relation", "months", "remind", "review",
)  # fmt: skip
TEXTS = ("/daftar", "1", "1", None, "1", "petani padi", "1", "0812 3456 7890", "La Baco", "1", "1", "1", "ya")
_numbers = itertools.count(1)


class Enrolment(StatesGroup):
    """One state a question."""

    who, consent, photo, right, job, income = State(), State(), State(), State(), State(), State()
    phone, heir, relation, months, remind, review = State(), State(), State(), State(), State(), State()


class AnsweringSession(BaseSession):
    """Telegram answers every call at once."""

    async def close(self) -> None: ...

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        return True

    async def stream_content(self, *args: Any, **more: Any) -> AsyncGenerator[bytes, None]:
        yield b""


def contestant() -> Callable[[str], Awaitable[None]]:
    """One person's 13 messages, as for Siaga."""
    dispatcher = Dispatcher(storage=MemoryStorage())
    dispatcher.include_router(_router())
    bot = Bot("42:invented", session=AnsweringSession())
    updates = _updates()

    async def enrol(person: str) -> None:
        number = next(_numbers)
        for update in updates(number):
            await dispatcher.feed_update(bot, update)

    return enrol


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


def _updates() -> Callable[[int], list[Update]]:
    now = datetime.now(UTC)
    photo = [PhotoSize(file_id="f", file_unique_id="u", width=1280, height=960)]

    def of(number: int) -> list[Update]:
        chat, user = Chat(id=number, type="private"), User(id=number, is_bot=False, first_name="Hasna")
        return [
            Update(
                update_id=number * 100 + place,
                message=Message(
                    message_id=place + 1, date=now, chat=chat, from_user=user, text=text,
                    photo=photo if text is None else None,
                ),
            )
            for place, text in enumerate(TEXTS)
        ]  # fmt: skip

    return of
