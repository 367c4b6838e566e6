"""What the bot does in an imitated Telegram: the methods of the Bot API over the world.

Invariant: a refused request changes nothing. Every function takes judged values and gives the API's result or a
Refusal, whose words are those that bots are told (tdlib/telegram-bot-api, Client.cpp).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.enums import ChatAction

from gateway.sandbox.telegram_limits import (
    ANSWER_CHARS_MAX,
    COMMAND_DESCRIPTION_CHARS_MAX,
    COMMANDS_MAX,
    CONNECTIONS,
    CONNECTIONS_MAX,
    DOWNLOAD_BYTES_MAX,
)
from gateway.sandbox.telegram_messages import edit_message_reply_markup, edit_message_text, send
from gateway.sandbox.telegram_updates import Webhook
from gateway.sandbox.telegram_wire import Json, Refusal
from gateway.sandbox.telegram_world import KICKED, Action, Answered, World

Result = Any
"""The API's result as JSON, or a Refusal."""
Method = Callable[[World, Json], Awaitable[Result]]

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)  # bots/api#setwebhook
COMMAND = re.compile(r"[a-z0-9_]{1,32}", re.ASCII)  # bots/api#botcommand
ADDRESS = re.compile(r"https?://\S+")
"""The real one wants https; a Bot API server of one's own (--local) takes http too, and so do we."""
OLD_PRESS = Refusal(400, "query is too old and response timeout expired or query ID is invalid")


async def get_me(world: World, _: Json) -> Result:
    """Only getMe tells what a bot can do: bots/api#user."""
    return {
        **world.bot, "can_join_groups": True, "can_read_all_group_messages": True, "supports_inline_queries": False,
    }  # fmt: skip


async def get_updates(world: World, asked: Json) -> Result:
    offset, limit = asked.get("offset"), asked.get("limit")
    return await world.updates.poll(offset, limit, asked.get("timeout"), asked.get("allowed_updates"))


async def set_webhook(world: World, asked: Json) -> Result:
    """An empty address takes the webhook away: bots/api#setwebhook."""
    if not asked["url"]:
        return await delete_webhook(world, asked)
    if not ADDRESS.fullmatch(asked["url"]):
        return Refusal(400, "bad webhook: An HTTPS URL must be provided for webhook")
    secret = asked.get("secret_token")
    if secret is not None and not SECRET.fullmatch(secret):
        return Refusal(400, "secret token contains unallowed characters")
    connections = min(max(asked.get("max_connections", CONNECTIONS), 1), CONNECTIONS_MAX)
    if asked.get("drop_pending_updates"):
        world.updates.drop()
    if "allowed_updates" in asked:
        world.updates.allowed = tuple(asked["allowed_updates"])
    world.updates.webhook = Webhook(asked["url"], secret, connections)
    return True


async def delete_webhook(world: World, asked: Json) -> Result:
    if asked.get("drop_pending_updates"):
        world.updates.drop()
    world.updates.webhook = Webhook()
    return True


async def get_webhook_info(world: World, _: Json) -> Result:
    webhook = world.updates.webhook
    told: Json = {
        "url": webhook.url, "has_custom_certificate": False, "pending_update_count": world.updates.pending(),
    }  # fmt: skip
    if webhook.url:
        told["max_connections"] = webhook.connections
    if webhook.error:
        told |= {"last_error_date": int(webhook.error_at), "last_error_message": webhook.error}
    return told | ({"allowed_updates": list(world.updates.allowed)} if world.updates.allowed else {})


async def answer_callback_query(world: World, asked: Json) -> Result:
    press = world.presses.get(asked["callback_query_id"])
    now = world.clock()
    if press is None or (now - press.at).total_seconds() > world.press_s_max:
        return OLD_PRESS
    text = asked.get("text")
    if text and len(text) > ANSWER_CHARS_MAX:
        return Refusal(400, "MESSAGE_TOO_LONG")
    world.answered.append(Answered(asked["callback_query_id"], text, bool(asked.get("show_alert")), now))
    return True


async def send_chat_action(world: World, asked: Json) -> Result:
    if asked["action"] not in set(ChatAction):
        return Refusal(400, "wrong parameter action in request")
    chat = world.writable(asked["chat_id"])
    if isinstance(chat, Refusal):
        return chat
    world.actions.append(Action(chat.chat_id, asked["action"], world.clock()))
    return True


async def get_file(world: World, asked: Json) -> Result:
    stored = world.files.by_id(asked["file_id"])
    if stored is None:
        return Refusal(400, "invalid file_id")
    if len(stored.content) > DOWNLOAD_BYTES_MAX:
        return Refusal(400, "file is too big")
    told = {name: stored.told[name] for name in ("file_id", "file_unique_id", "file_size")}
    return {**told, "file_path": stored.path}


async def leave_chat(world: World, asked: Json) -> Result:
    chat = world.writable(asked["chat_id"])
    if isinstance(chat, Refusal):
        return chat
    if chat.person is not None:
        return Refusal(400, "chat member status can't be changed in private chats")
    chat.out = KICKED
    return True


async def set_my_commands(world: World, asked: Json) -> Result:
    commands = asked["commands"]
    if len(commands) > COMMANDS_MAX:
        return Refusal(400, "BOT_COMMANDS_TOO_MUCH")
    for one in commands:
        if not COMMAND.fullmatch(one["command"]):
            return Refusal(400, "BOT_COMMAND_INVALID")
        if not 1 <= len(one["description"]) <= COMMAND_DESCRIPTION_CHARS_MAX:
            return Refusal(400, "BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands = commands
    return True


async def send_message(world: World, asked: Json) -> Result:
    return send(world, asked, "text")


async def send_photo(world: World, asked: Json) -> Result:
    return send(world, asked, "photo")


async def send_document(world: World, asked: Json) -> Result:
    return send(world, asked, "document")


async def edit_text(world: World, asked: Json) -> Result:
    return edit_message_text(world, asked)


async def edit_reply_markup(world: World, asked: Json) -> Result:
    return edit_message_reply_markup(world, asked)


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "editMessageText": edit_text,
    "editMessageReplyMarkup": edit_reply_markup,
    "answerCallbackQuery": answer_callback_query,
    "sendChatAction": send_chat_action,
    "getFile": get_file,
    "leaveChat": leave_chat,
    "setMyCommands": set_my_commands,
}

WITHOUT_EFFECT = {"disable_notification", "protect_content", "link_preview_options", "disable_web_page_preview"}
UNDERSTOOD: dict[str, set[str]] = {
    "getUpdates": {"offset", "limit", "timeout", "allowed_updates"},
    "setWebhook": {"url", "max_connections", "allowed_updates", "drop_pending_updates", "secret_token"},
    "deleteWebhook": {"drop_pending_updates"},
    "sendMessage": {"chat_id", "text", "reply_markup", "reply_parameters", *WITHOUT_EFFECT},
    "sendPhoto": {"chat_id", "photo", "caption", "reply_markup", "reply_parameters", *WITHOUT_EFFECT},
    "sendDocument": {
        "chat_id", "document", "caption", "reply_markup", "reply_parameters", "disable_content_type_detection",
        *WITHOUT_EFFECT,
    },
    "editMessageText": {"chat_id", "message_id", "text", "reply_markup", *WITHOUT_EFFECT},
    "editMessageReplyMarkup": {"chat_id", "message_id", "reply_markup"},
    "answerCallbackQuery": {"callback_query_id", "text", "show_alert", "cache_time"},
    "sendChatAction": {"chat_id", "action"},
    "getFile": {"file_id"},
    "leaveChat": {"chat_id"},
    "setMyCommands": {"commands", "scope", "language_code"},
}  # fmt: skip
"""What this imitation does or may pass over. Anything else is refused, or a test would believe it had an effect."""
