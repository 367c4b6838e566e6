"""The conversations, one file each. Adding one is its file and its line here."""

from bot.flows import check, clinic, enrol, home, move, pay, remind, status
from bot.talk.flow import House

HOUSE = House(
    (
        home.FLOW,
        enrol.FLOW,
        move.FLOW,
        pay.FLOW,
        check.FLOW,
        remind.FLOW,
        clinic.FLOW,
        status.FLOW,
    )
)
