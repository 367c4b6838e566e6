"""JSON from somebody whom nobody knows."""

from __future__ import annotations

import json
from typing import Any


def read_json(text: str | bytes) -> Any:
    """ValueError for what is no JSON, lists in lists without end among it, which Python won't follow."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("too deep") from None
