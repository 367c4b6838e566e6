"""Papers for people, looked at as they are printed."""
