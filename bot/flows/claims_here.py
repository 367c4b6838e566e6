"""The open claims of a chat to pick from, however many somebody reports who helps a village; or a new one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.flows import claim_status
from bot.flows.claim_asks import OpenClaim
from bot.talk.pick import PAGE, Pick
from rules import folding
from rules.folding import Found
from rules.words import Text, _

NEW = "new"
CALLED = ("lapor yang baru", "lapor baru", "baru", "report a new one", "new")


async def which_claim(claims: Sequence[OpenClaim]) -> OpenClaim | None:
    """One of them; None for a new one, which is always on the first page."""
    first = claims if len(claims) <= PAGE else claims[: PAGE - 1]
    keys = [*map(_key, first), NEW, *map(_key, claims[len(first) :])]
    chosen = await Pick("which", _("Klaim yang mana?"), _Claims(claims), keys)
    return next((one for one in claims if _key(one) == chosen), None)


class _Claims:
    """As a list of one page after another."""

    def __init__(self, claims: Sequence[OpenClaim]) -> None:
        self._claims = {_key(one): one for one in claims}

    def items(self, group: str) -> Sequence[str]:
        return ()

    def find(self, text: str) -> Found[str]:
        called = {key: (one.name, f"{one.name} nomor {one.number}") for key, one in self._claims.items()}
        return folding.find(text, {**called, NEW: CALLED})

    def label(self, code: str) -> Text:
        one = self._claims.get(code)
        return _("Lapor yang baru") if one is None else claim_status.label(one)

    def __contains__(self, code: object) -> bool:
        return code == NEW or code in self._claims


def _key(claim: OpenClaim) -> str:
    return str(claim.claim)
