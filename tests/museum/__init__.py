"""Conversations that stood open when a release was made, kept for ever: every later release must go on with them."""
