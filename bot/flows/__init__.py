"""The conversations, one file each. Adding one is its file and its line here."""

from bot.flows import (
    benefits,
    check,
    claim,
    clinic,
    enrol,
    erase,
    home,
    move,
    my_data,
    pay,
    remind,
    status,
)
from bot.talk.flow import House

HOUSE = House(
    (
        home.FLOW,
        enrol.FLOW,
        move.FLOW,
        pay.FLOW,
        check.FLOW,
        *claim.FLOWS,
        remind.FLOW,
        clinic.FLOW,
        my_data.FLOW,
        erase.FLOW,
        erase.PHOTO_FLOW,
        status.FLOW,
        benefits.FLOW,
    )
)
