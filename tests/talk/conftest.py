"""Properties draw the same examples on every machine and every run, and no slow machine fails them."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.load_profile("same")
