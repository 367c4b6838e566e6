"""`python -m bot.contract` writes the contract."""

from bot.contract.document import CONTRACT, contract

CONTRACT.write_text(contract(), encoding="utf-8")
