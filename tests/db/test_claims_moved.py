"""A claim when the membership moves to the member's own phone: it goes along, and the helper hears no more of it."""

from __future__ import annotations

import pytest

from bot.flows.asks import CheckMoveCode, MakeMoveCode, Movable, RedeemMoveCode
from db import moves
from db.unit import Unit
from tests.claimants import DEATH
from tests.db.claim_house import House


async def moved(house: House) -> int:
    """Hasna moves to the other chat; to how many chats that is told."""

    async def move(unit: Unit) -> int:
        code = await moves.make_code(unit, house.chat_, MakeMoveCode(house.hasna))
        assert code is not None
        movable = await moves.check_code(unit, house.other, CheckMoveCode(code.code, 1))
        assert isinstance(movable, Movable)
        await moves.redeem(unit, house.other, RedeemMoveCode(movable.move))
        return len(unit.notices)

    return await house.world.service.writer.run(move)


@pytest.mark.parametrize("lives", [True, False])
async def test_nobody_hears_that_a_membership_moved_of_who_died(house: House, lives: bool) -> None:
    if not lives:
        await house.reports(house.other, house.hasna, DEATH)

    assert await moved(house) == int(lives)


async def test_a_claim_moves_with_the_membership_and_takes_its_papers_along(house: House) -> None:
    hers, his = await house.reports(house.chat_, house.hasna), await house.reports(house.chat_, house.baco)
    photo = await house.photo(house.chat_, "hasna")
    await house.keeps(house.chat_, hers, ("ktp", photo))

    await moved(house)

    assert await house.now(house.chat_, hers.number) is None
    assert await house.now(house.chat_, his.number)
    assert await house.now(house.other, hers.number)
    assert await house.world.service.transcript.photo(house.other, photo)


async def test_a_claim_of_who_died_stays_with_who_reported_it(house: House) -> None:
    claim = await house.reports(house.chat_, house.hasna, DEATH)

    await moved(house)

    assert await house.now(house.chat_, claim.number)
    assert await house.now(house.other, claim.number) is None
