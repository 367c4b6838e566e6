"""The day's settlement as the imitated bank writes it; its columns are those that `gateway.settlement_file` reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from gateway.sandbox.bank_books import FEES
from gateway.settlement_file import COLUMNS


def written(transfers: Iterable[dict[str, Any]]) -> str:
    """A line for each transfer, after a line of titles."""
    out = io.StringIO()
    sheet = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    sheet.writeheader()
    for one in transfers:
        sheet.writerow({
            "trxDateTime": one["at"], "channel": one["kind"], "billNo": one["number"],
            "paymentRequestId": one["request"], "referenceNo": one["reference"], "amount": f"{one['amount']}.00",
            "fee": f"{FEES[one['kind']]}.00",
        })  # fmt: skip
    return out.getvalue()
