"""Sends the messages of a pushed channel: what the outbox's runner performs in its lane.

Invariant: a message is sent with a key made of its row, so a gateway can tell a repeat.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.handlers.contract import Delivered, Sent
from bot.runtime.runner import Done, Outcome, Performer
from bot.talk.message import Message
from db.outbox import Taken


def sending(
    send: Callable[[Message, str, str], Awaitable[Sent]], address_of: Callable[[int], Awaitable[str]]
) -> Performer:
    """`send(message, address, key)` tries once; `address_of` knows where a chat is reached."""

    async def perform(row: Taken) -> Outcome:
        assert isinstance(row.body, Message)
        sent = await send(row.body, await address_of(row.chat), f"siaga-{row.id}")
        return Done() if isinstance(sent, Delivered) else sent

    return perform
