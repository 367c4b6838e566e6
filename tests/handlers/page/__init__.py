"""Our own page over the whole service."""
