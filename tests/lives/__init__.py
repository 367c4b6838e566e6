"""A thousand invented lives around one service: who they are, what they say, what happens to them, and the accounts of
it all at the end. `python -m bench.months` runs many of them."""
