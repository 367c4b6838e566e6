"""Words that people send, as every channel hands them in.

Invariant: what has been cleaned can be stored by every database and is what a person can see of it.
"""

from __future__ import annotations

import unicodedata

UNSEEN = ("Cc", "Cs")
"""Control characters, which PostgreSQL can't store and nobody can see, and halves of a character (unicode.org/reports/
tr44, General_Category)."""


def cleaned(text: str) -> str:
    """Without what nobody can see, and without blanks around it; lines stay lines."""
    lines = text.replace("\r\n", "\n")
    return "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in UNSEEN).strip()
