"""The specification, as tests. `tests.ktp` draws invented identity cards for them."""
