"""Judges requests and answers by two descriptions of the Bot API that aren't ours: aiogram's and python-telegram-bot's.

Invariant: a request passes only if both libraries know the method and every name in it, and its values fit
aiogram's models; `strangers` is empty only for an answer that both read without a left-over.
"""

from __future__ import annotations

import functools
import inspect
import re
import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

import aiogram.methods
import aiogram.types
import telegram
from aiogram.client.default import Default
from aiogram.methods import TelegramMethod
from pydantic import BaseModel, TypeAdapter, ValidationError

from gateway.sandbox.nested import read_json
from gateway.sandbox.telegram_wire import Json, Question, Upload

ATTACHED = "attach://"  # bots/api#sending-files
TRUE = ("true", "1", "yes")
FALSE = ("false", "0", "no")
WHOLE = re.compile(r"-?\d{1,19}", re.ASCII)
FAULTS_NAMED_MAX = 3

# What Bot's methods take beside the API's parameters: docs.python-telegram-bot.org, telegram.Bot.
OWN_OF_PTB = {"self", "api_kwargs", "read_timeout", "write_timeout", "connect_timeout", "pool_timeout", "filename"}

MODELS: dict[str, type[TelegramMethod[Any]]] = {
    model.__api_method__: model
    for model in vars(aiogram.methods).values()
    if inspect.isclass(model) and issubclass(model, TelegramMethod) and model is not TelegramMethod
}


class UnfitError(ValueError):
    """What both libraries would call a mistake of the caller. Holds names of fields, never their values."""


def known(method: str) -> bool:
    return method in MODELS and callable(getattr(telegram.Bot, method, None))


def judge(question: Question) -> Json:
    """The values of a known method, decoded: numbers, texts, truths, JSON, uploads. UnfitError: refused."""
    model = MODELS[question.method]
    asked = _with_files(question, model)
    for name in asked:
        if name not in model.model_fields:
            raise UnfitError(f"aiogram knows no parameter {name}")
        if name not in _parameters(question.method):
            raise UnfitError(f"python-telegram-bot knows no parameter {name}")
    needed = {name for name, field in model.model_fields.items() if field.is_required()}
    needed |= {name for name, bare in _parameters(question.method).items() if bare}
    if missing := sorted(needed - asked.keys()):
        raise UnfitError(f"parameter {missing[0]} is missing")
    return {name: _value(question.method, name, sent) for name, sent in asked.items()}


def strangers(kind: str, told: Json) -> list[str]:
    """What either library would not understand of an object of the API, e.g. `("Message", {...})`."""
    read = getattr(aiogram.types, kind).model_validate(told)
    also = getattr(telegram, kind).de_json(told, None)
    return [*_extra(read), *_kwargs(also)]


def _with_files(question: Question, model: type[BaseModel]) -> Json:
    """The fields; a file stands where its part's name or an attach:// says."""
    files = dict(question.files)
    asked = {name: files.pop(name) for name in question.files if name in model.model_fields} | question.fields
    for name, sent in question.fields.items():
        if isinstance(sent, str) and sent.startswith(ATTACHED):
            upload = files.pop(sent.removeprefix(ATTACHED), None)
            if upload is None:
                raise UnfitError(f"the file attached as {name} is missing")
            asked[name] = upload
    if files:
        raise UnfitError("a file belongs to no parameter")
    return asked


@functools.cache
def _parameters(method: str) -> dict[str, bool]:
    """Names of the method's parameters in python-telegram-bot; True: has no default."""
    found = inspect.signature(getattr(telegram.Bot, method)).parameters.values()
    return {one.name: one.default is one.empty for one in found if one.name not in OWN_OF_PTB}


def _value(method: str, name: str, sent: Any) -> Any:
    arms = _arms(MODELS[method].model_fields[name].annotation)
    if aiogram.types.InputFile in arms:
        if not isinstance(sent, Upload) and str not in arms:
            raise UnfitError(f"{name} must be uploaded")
        return sent
    if isinstance(sent, Upload):
        raise UnfitError(f"{name} isn't a file")
    value = _decoded(name, sent, arms)
    try:
        read = _adapter(method, name).validate_python(value)
    except ValidationError as fault:
        where = [".".join(map(str, error["loc"])) for error in fault.errors()[:FAULTS_NAMED_MAX]]
        raise UnfitError(f"{name} is ill-typed at {', '.join(filter(None, where)) or 'its root'}") from None
    left_over = [*_extra(read, name), *_kwargs(_as_ptb(name, value), name)]
    if left_over:
        raise UnfitError(f"{left_over[0]} is unknown")
    return value


def _decoded(name: str, sent: Any, arms: tuple[Any, ...]) -> Any:
    """Text from a form as what the type says: bots/api, "JSON-serialized" for all that isn't a scalar."""
    if not isinstance(sent, str) or arms == (str,):
        return sent
    if int in arms and WHOLE.fullmatch(sent):
        return int(sent)
    if str in arms:
        return sent
    if arms == (bool,) and sent.lower() in TRUE + FALSE:
        return sent.lower() in TRUE
    try:
        return read_json(sent)
    except ValueError:
        raise UnfitError(f"can't parse {name} JSON object") from None


def _arms(annotation: Any) -> tuple[Any, ...]:
    """The types that are left of a union when None and aiogram's defaults are taken away."""
    if get_origin(annotation) is Annotated:
        return _arms(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(arm for one in get_args(annotation) for arm in _arms(one))
    return () if annotation in (type(None), Default) else (annotation,)


@functools.cache
def _adapter(method: str, name: str) -> TypeAdapter[Any]:
    return TypeAdapter(Union[_arms(MODELS[method].model_fields[name].annotation)])  # noqa: UP007  made of a tuple


def _as_ptb(name: str, value: Any) -> Any:
    """The nested value that matters most to us, as python-telegram-bot reads it."""
    if name != "reply_markup" or "inline_keyboard" not in value:
        return None
    try:
        return telegram.InlineKeyboardMarkup.de_json(value, None)
    except (TypeError, ValueError, AttributeError):
        raise UnfitError(f"python-telegram-bot can't read {name}") from None


def _extra(read: Any, path: str = "") -> Iterator[str]:
    """Keys that aiogram's models (extra="allow") kept though they don't know them."""
    if isinstance(read, BaseModel):
        yield from (f"{path}.{name}" for name in read.model_extra or {})
        for name in type(read).model_fields:
            yield from _extra(getattr(read, name), f"{path}.{name}")
    elif isinstance(read, list):
        for one in read:
            yield from _extra(one, path)


def _kwargs(read: Any, path: str = "") -> Iterator[str]:
    """Keys that python-telegram-bot put aside in api_kwargs."""
    if isinstance(read, telegram.TelegramObject):
        yield from (f"{path}.{name}" for name in read.api_kwargs)
        names = {name for base in type(read).__mro__ for name in getattr(base, "__slots__", ())}
        for name in sorted(names - {"api_kwargs", "_bot"}):
            yield from _kwargs(getattr(read, name, None), f"{path}.{name}")
    elif isinstance(read, (list, tuple)):
        for one in read:
            yield from _kwargs(one, path)
