"""The commands: `siaga try` (everything on this machine), `demo` (with three phones), `serve`, `chat`, `migrate`,
`check-audit`, `reconcile`, `settle`; for the office `corrections`, `correct`, `claims`, `claim`; the card reader by
itself: `read-card`, `read-cards`."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
import uvloop
from cyclopts import App

from bot import logs
from bot.settings import Settings, SettingsError, load

cli = App(name="siaga", help="Siaga: chat bot and office for BPJS Ketenagakerjaan.", version_flags=())
log = structlog.get_logger()
WITA = ZoneInfo("Asia/Makassar")


@cli.command
def serve() -> None:
    """Serve the chat page, the webhooks and the outbox, with the settings of config.yaml."""
    from bot.serving import serve as serving  # noqa: PLC0415  # each command loads only what it needs

    uvloop.run(serving(_settings()))


@cli.command(name="try")
def try_out() -> None:
    """Serve with sandboxes beside it and sample photos, on this machine only. Ctrl-C stops all of it."""
    from bot.serving import serve_with_sandboxes  # noqa: PLC0415

    uvloop.run(serve_with_sandboxes())


@cli.command
def demo(*, folder: Path = Path("var/demo"), phones: str = "http://127.0.0.1:8100", at: str = "") -> None:
    """Three phones on one page: chat, Telegram and WhatsApp, the last two imitated. Begins anew at every start.
    --folder is where it keeps its files, --phones the address of the page. --at 10:00 makes it that hour in the demo,
    for at night the bot doesn't ring."""
    from bot.demo import demo as showing  # noqa: PLC0415

    asyncio.run(showing(folder, phones.rstrip("/"), at))


@cli.command
def chat(*, save: Path | None = None) -> None:
    """Chat in this terminal with a service of its own. --save FILE writes what was said as a transcript."""
    from bot.terminal import chat as chatting  # noqa: PLC0415

    asyncio.run(chatting(save))


@cli.command(name="migrate")
def migrate_database() -> None:
    """Bring the database to the newest tables. `serve` does it too."""
    from db.migrate import migrate  # noqa: PLC0415

    asyncio.run(migrate(_settings(alone=True).database.url))


@cli.command
def check_audit() -> None:
    """Follow the chain of the audit from its beginning; tells the first row that doesn't hold."""
    from db.audit import broken_at  # noqa: PLC0415
    from db.engine import reader_engine  # noqa: PLC0415

    async def check() -> int | None:
        engine = reader_engine(_settings(alone=True).database.url)
        try:
            async with engine.connect() as connection:
                return await broken_at(connection)
        finally:
            await engine.dispose()

    broken = asyncio.run(check())
    sys.stdout.write("Rantai audit utuh.\n" if broken is None else f"Rantai audit putus di baris {broken}.\n")
    sys.exit(0 if broken is None else 1)


@cli.command
def reconcile(*, day: str = "") -> None:
    """Compare what BPJS states about a day with what we have, and print what differs; yesterday without --day
    2026-11-20. What was missed is booked. On SQLite the service has to be stopped meanwhile."""
    from bot.reconciliation import reconcile as comparing  # noqa: PLC0415

    told, is_done = asyncio.run(comparing(_settings(), day))
    sys.stdout.write(told)
    sys.exit(0 if is_done else 1)


@cli.command
def corrections(*, by: str, photos: Path | None = None) -> None:
    """What people ask to have corrected in their data, the most urgent first. --by NAME is who looks at it, --photos
    DIR where the evidence is written to."""
    from bot.office import list_corrections  # noqa: PLC0415

    sys.stdout.write(asyncio.run(list_corrections(_settings(alone=True), by, photos)))


@cli.command
def correct(number: int, *, by: str, accept: bool = False, refuse: str = "") -> None:
    """Decide a correction: --accept, or --refuse "REASON", and --by NAME. Who asked for it hears of it in the chat."""
    from bot.office import decide_correction  # noqa: PLC0415

    told, is_done = asyncio.run(decide_correction(_settings(alone=True), number, by, accept=accept, refuse=refuse))
    sys.stdout.write(told)
    sys.exit(0 if is_done else 1)


@cli.command
def settle(file: Path, *, day: str = "") -> None:
    """Compare a bank's settlement file (CSV) with what was booked, and print the differences. --day 2026-11-20 is
    compared even if the file is empty. Ends with 1 if anything differs, with 2 if the file can't be read; it changes
    nothing."""
    from bot.settle import SettleError  # noqa: PLC0415
    from bot.settle import settle as settling  # noqa: PLC0415

    try:
        told, is_even = asyncio.run(settling(file, _settings(alone=True).database.url, day))
    except SettleError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    sys.stdout.write(told)
    sys.exit(0 if is_even else 1)


@cli.command
def claims() -> None:
    """List the open claims: number, kind, state, whose turn it is, what was promised, what is doubtful. No names."""
    from bot.claim_desk import open_claims  # noqa: PLC0415

    sys.stdout.write(asyncio.run(open_claims(_settings(alone=True))) + "\n")


@cli.command
def claim(number: int, *, clear: bool = False, by: str = "") -> None:
    """Show a claim and its steps. --clear --by NAME: what was doubtful was looked at, and it goes to BPJS. Ends with 1
    if there is no such claim, or nothing to clear."""
    from bot import claim_desk  # noqa: PLC0415

    settings = _settings(alone=True)
    told = claim_desk.clear(settings, number, by) if clear else claim_desk.one_claim(settings, number)
    try:
        sys.stdout.write(asyncio.run(told) + "\n")
    except claim_desk.ClaimDeskError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


@cli.command
def read_card(photo: Path, *, show: Path | None = None) -> None:
    """Read the KTP on a photo and print it. --show DIR draws what every stage of the reader saw."""
    from bot.cards.single import read_card as reading  # noqa: PLC0415

    told, is_card = reading(photo, show, datetime.now(WITA).date())
    sys.stdout.write(told)
    sys.exit(0 if is_card else 1)


@cli.command
def read_cards(folder: Path, *, out: Path, xlsx: Path | None = None, workers: int | None = None) -> None:
    """Read every photo of a folder into --out cards.json and --xlsx cards.xlsx; run again, it goes on where it stopped.
    --workers N reads so many at once, one a core if not given."""
    from bot.cards.folder import Run, cores  # noqa: PLC0415
    from bot.cards.folder import read_cards as reading  # noqa: PLC0415

    told, is_done = reading(Run(folder, out, xlsx, datetime.now(WITA).date(), cores() if workers is None else workers))
    sys.stdout.write(told)
    sys.exit(0 if is_done else 130)


def _settings(*, alone: bool = False) -> Settings:
    settings = load(alone=alone)
    logs.set_up(settings.log.level)
    return settings


def main() -> None:
    """Run a command; a setting or a machine that isn't right is told in words, not as a trace."""
    from bot.cards import CardsError  # noqa: PLC0415
    from db.engine import DatabaseBusyError  # noqa: PLC0415

    try:
        cli()
    except (SettingsError, DatabaseBusyError, CardsError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
