"""The conversations, one file each. Adding one is its file and its line here."""

from bot.flows import enrol, home, move, status
from bot.talk.flow import House

HOUSE = House(
    (
        home.FLOW,
        enrol.FLOW,
        move.FLOW,
        status.FLOW,
    )
)
