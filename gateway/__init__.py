"""Other people's systems, one file each. Foreign answers are tainted until parsed into the types of `rules`."""
