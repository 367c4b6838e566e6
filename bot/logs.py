"""Structured logs, one JSON object a line, without personal data.

Invariant: what looks like a NIK or a card number is struck out even if somebody logs it by mistake.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import msgspec
import structlog

LONG_NUMBER_DIGITS = 12
_LONG_NUMBER = re.compile(r"\d(?:[ .-]?\d){11,}")
"""Twelve digits and more: NIK, KPJ with a prefix, account numbers."""
_HARMLESS = frozenset({int, float, bool, type(None)})
STRUCK = "[struck out]"


def set_up(level: str) -> None:
    """Log to standard error from this level on: "debug", "info", "warning", "error"."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s", force=True
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses
    for handler in logging.getLogger().handlers:
        handler.addFilter(_struck_out)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            strike_out,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,  # a line for each turn: it is worth it
    )


def _json(event: MutableMapping[str, Any], **_unused: Any) -> str:
    """As JSON; what is no plain value as its words."""
    return msgspec.json.encode(event, enc_hook=str).decode()


def strike_out(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Strike long numbers out of all words; the timestamp and our own ids, which are integers, stay."""
    for name, value in event.items():
        if value.__class__ not in _HARMLESS and name != "timestamp":
            words = str(value)
            if len(words) >= LONG_NUMBER_DIGITS:
                event[name] = _LONG_NUMBER.sub(STRUCK, words)
            elif words is not value:
                event[name] = words
    return event


def _struck_out(record: logging.LogRecord) -> bool:
    """For what libraries log: their words, and of an exception only its kind."""
    words = _LONG_NUMBER.sub(STRUCK, record.getMessage())
    kind = record.exc_info[0] if record.exc_info else None
    record.msg, record.args, record.exc_info = f"{words} {kind.__name__}" if kind else words, None, None
    return True
