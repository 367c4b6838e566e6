"""What clinics may ask us, as a contract: written from the code. That it is kept, tests/contract sees."""

from __future__ import annotations

import json

from gateway.membership_checks import CONTRACT, contract


def test_the_written_contract_is_up_to_date() -> None:
    assert CONTRACT.read_text(encoding="utf-8") == contract(), "write it anew: python -m gateway.membership_checks"


def test_no_address_holds_a_number_of_a_person_and_every_question_is_signed() -> None:
    document = json.loads(contract())

    assert sorted(document["paths"]) == ["/v1/membership-checks"]
    assert document["security"] == [{"X-Client-Id": [], "X-Timestamp": [], "X-Nonce": [], "X-Signature": []}]
