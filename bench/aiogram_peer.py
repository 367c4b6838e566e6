"""The peer: the same messages (bench/stories.py) as an aiogram FSM with MemoryStorage, measured in three ways.

`whole`: from the bytes of a webhook to the form that would be posted and back from the bytes of Telegram's answer, all
by aiogram's own code; only the network is missing. `dispatch`: the Dispatcher alone, with updates parsed beforehand
and replies that vanish. `serve`: aiogram's own webhook over HTTP, for bench/webhooks.py.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.methods import TelegramMethod
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

from bench.stories import Story, updates

_numbers = itertools.count(1)


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


def whole(story: Story) -> Callable[[str], Awaitable[None]]:
    """One person's messages, from bytes to bytes."""
    dispatcher, bot, messages = _dispatcher(story), Bot("42:invented", session=AnsweringSession()), updates(story)

    async def enrol(person: str) -> None:
        for body in messages(next(_numbers)):
            await dispatcher.feed_raw_update(bot, json.loads(body))

    return enrol


def dispatch(story: Story) -> Callable[[str], Awaitable[None]]:
    """One person's messages, the Dispatcher alone."""
    dispatcher, bot, messages = _dispatcher(story), Bot("42:invented", session=VanishingSession()), updates(story)

    async def enrol(person: str) -> None:
        for body in messages(next(_numbers)):
            await dispatcher.feed_update(bot, Update.model_validate_json(body, context={"bot": bot}))

    return enrol


def serve(port: int, path: str, secret: str, api: str, story: Story, *, gets_photo: bool) -> None:
    """aiogram's webhook on aiohttp, until a signal ends it: a 200 means that the update is handled, and carries the
    reply, which costs no request of its own. `gets_photo`: the photo is downloaded from the Bot API at `api`; otherwise
    it is enough that one came."""
    bot = Bot("42:invented", session=AiohttpSession(api=TelegramAPIServer.from_base(api)))
    dispatcher = _dispatcher(story, in_answer=True, gets_photo=gets_photo)
    app = web.Application()
    handler = SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token=secret)
    handler.register(app, path=path)
    setup_application(app, dispatcher, bot=bot)
    web.run_app(app, host="127.0.0.1", port=port, print=None)


def _dispatcher(story: Story, *, in_answer: bool = False, gets_photo: bool = False) -> Dispatcher:
    dispatcher = Dispatcher(storage=MemoryStorage())
    dispatcher.include_router(_router(story, _reply_in_answer if in_answer else _reply, gets_photo=gets_photo))
    return dispatcher


Reply = Callable[[Message, str, InlineKeyboardMarkup | None], Awaitable[TelegramMethod[Any] | None]]


async def _reply(message: Message, text: str, keyboard: InlineKeyboardMarkup | None) -> None:
    await message.answer(text, reply_markup=keyboard)


async def _reply_in_answer(message: Message, text: str, keyboard: InlineKeyboardMarkup | None) -> TelegramMethod[Any]:
    return message.answer(text, reply_markup=keyboard)


def _router(story: Story, reply: Reply, *, gets_photo: bool) -> Router:
    """One state for each message after the first."""
    router = Router()
    steps = [(f"step{place}", text) for place, text in enumerate(story.texts)][1:]
    states = [State(step, group_name="Enrolment") for step, _text in steps]

    @router.message(Command("daftar"))
    async def begin(message: Message, state: FSMContext) -> TelegramMethod[Any] | None:
        await state.set_state(states[0])
        return await reply(message, "who?", _keyboard())

    for (step, text), here, following in zip(steps, states, [*states[1:], None], strict=True):
        handle = _handler(reply, step, following, gets_photo=gets_photo)
        router.message(StateFilter(here), F.photo if text is None else F.text)(handle)
    return router


def _handler(
    reply: Reply, step: str, following: State | None, *, gets_photo: bool
) -> Callable[[Message, FSMContext, Bot], Awaitable[TelegramMethod[Any] | None]]:
    async def handle(message: Message, state: FSMContext, bot: Bot) -> TelegramMethod[Any] | None:
        if message.photo and gets_photo:
            await bot.download(message.photo[-1])
        await state.update_data({step: message.text or "photo"})
        if following is None:
            data = await state.get_data()
            await state.clear()
            return await reply(message, f"done: {len(data)} answers", None)
        await state.set_state(following)
        return await reply(message, f"{step} noted, next?", _keyboard())

    return handle


def _keyboard() -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text="1", callback_data="1"), InlineKeyboardButton(text="2", callback_data="2")]
        ]
    )
