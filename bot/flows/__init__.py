"""The conversations, one file each. Adding one is its file and its line here."""

from bot.flows import check, enrol, erase, home, move, my_data, pay, remind, status
from bot.talk.flow import House

HOUSE = House(
    (
        home.FLOW,
        enrol.FLOW,
        move.FLOW,
        pay.FLOW,
        check.FLOW,
        remind.FLOW,
        my_data.FLOW,
        erase.FLOW,
        erase.PHOTO_FLOW,
        status.FLOW,
    )
)
