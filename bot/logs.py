"""Structured logs, one JSON object a line, without personal data.

Invariant: what looks like a NIK or a card number is struck out even if somebody logs it by mistake.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_LONG_NUMBER = re.compile(r"\d(?:[ .-]?\d){11,}")
"""Twelve digits and more: NIK, KPJ with a prefix, account numbers."""
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
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def strike_out(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Strike long numbers out of all words; the timestamp and our own ids, which are integers, stay."""
    return {name: _told(value) if name != "timestamp" else value for name, value in event.items()}


def _told(value: Any) -> Any:
    return value if isinstance(value, int | float | None) else _LONG_NUMBER.sub(STRUCK, str(value))


def _struck_out(record: logging.LogRecord) -> bool:
    """For what libraries log: their words, and of an exception only its kind."""
    words = _LONG_NUMBER.sub(STRUCK, record.getMessage())
    kind = record.exc_info[0] if record.exc_info else None
    record.msg, record.args, record.exc_info = f"{words} {kind.__name__}" if kind else words, None, None
    return True
