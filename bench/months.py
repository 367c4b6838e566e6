"""Months of a thousand invented lives: do the books of Siaga, BPJS and the bank balance at the end?

People enrol, pay for one month, three, a harvest or not at all, come back, fall from trees, die, have their data
erased, share a phone with those whom they help; BPJS and the bank fail for hours and once for two days, webhooks get
lost, sums are wrong or paid twice. Everything goes through the chats, the commands and the buttons of the imitations;
one process, a clock that is set on, chance with a seed. At the end the databases of all three sides are laid beside
each other by questions of this bench's own. Exit code 1 if they don't balance, or anything was said that must not be.

Run: python -m bench.months [--members N] [--months N] [--seed N] [--store sqlite|postgresql]
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import MutableMapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import structlog
import uvloop
from pydantic import SecretStr
from rich.console import Console

from bench.updates import stores
from bot.serving import spare_the_collector
from bot.settings import BpjsSettings, Database, PlkkSettings, Secret, Settings
from rules.month import Month
from tests.lives.outcome import Span, lived
from tests.lives.table import told

FIRST = date(2026, 11, 21)
WIDTH = 150


def main() -> None:
    asked = argparse.ArgumentParser(description="Months of invented lives, and the balance of three books.")
    asked.add_argument("--members", type=int, default=1_000)
    asked.add_argument("--months", type=int, default=14)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    options = asked.parse_args()
    last = (Month.of(FIRST) + options.months).last_day
    noted = _quiet()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="siaga-months-") as folder, ExitStack() as stack:
        (url,) = stores(options.store, stack).values()
        span = Span(options.members, FIRST, last, options.seed)
        spare_the_collector()
        outcome = uvloop.run(lived(settings(url, Path(folder)), Path(folder), span, _tell_month))
    counted = ", ".join(f"{count:,} {what}" for what, count in outcome.counted.items())
    Console(width=WIDTH).print(told(outcome))
    print(f"{time.perf_counter() - began:.0f} s; {counted}")
    print(f"warnings and errors in the log: {', '.join(f'{count} {name}' for name, count in noted.most_common())}")
    sys.exit(0 if outcome.is_well else 1)


def settings(url: str, folder: Path) -> Settings:
    """A service with partners in the same process."""
    return Settings(
        database=Database(url=url), secret=Secret(file=folder / "secret.key"),
        bpjs=BpjsSettings(url="http://bpjs.test", secret=SecretStr("a secret of this bench")),
        plkk=PlkkSettings(url="http://plkk.test", secret=SecretStr("a secret of the clinics")),
    )  # fmt: skip


def _tell_month(month: Month, counted: Counter[str]) -> None:
    print(f"{month}: {', '.join(f'{count:,} {what}' for what, count in counted.items())}", flush=True)


def _quiet() -> Counter[str]:
    """What would be logged as a warning or worse is counted by its name."""
    noted = Counter[str]()

    def count(_logger: object, _method: str, event: MutableMapping[str, Any]) -> NoReturn:
        noted[event["event"]] += 1
        raise structlog.DropEvent

    structlog.configure(processors=[count], wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    return noted


if __name__ == "__main__":
    main()
