"""The systems of `gateway` imitated: real HTTP servers with magic inputs, for laptops, drills and tests."""
