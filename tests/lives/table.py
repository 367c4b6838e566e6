"""The accounts as a table for a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rules.money import Rupiah
from tests.lives.outcome import Outcome

TOLD_MAX = 4


def told(outcome: Outcome) -> RenderableType:
    """All of it, one table under the other, and the verdict."""
    verdict = "yes" if outcome.books.balance else "NO"
    words = f"balances: {verdict}; what must not be: {sum(map(len, outcome.broken.values()))}"
    return Group(_accounts(outcome), _queues(outcome), _broken(outcome), words)


def _accounts(outcome: Outcome) -> Table:
    table = Table("", "Siaga", "BPJS", "bank", "agree", box=box.SIMPLE)
    for line in outcome.books.lines:
        table.add_row(line.what, line.siaga, line.bpjs, line.bank, "yes" if line.agrees else "NO")
    return table


def _queues(outcome: Outcome) -> Table:
    table = Table("waits for a person, in the queue", "", "sum", box=box.SIMPLE)
    for one in outcome.books.waiting:
        table.add_row(one.queue, f"{one.count:,}", str(Rupiah(one.amount)))
    return table


def _broken(outcome: Outcome) -> Table:
    table = Table("must not be", "", "such as", box=box.SIMPLE)
    for what, found in outcome.broken.items():
        table.add_row(what, f"{len(found):,}", Text("\n".join(found[:TOLD_MAX])))
    return table
