"""Tests through the front door: a real service, a real browser, the size of a small phone."""
