"""The conversation engine. Pure: a turn is a function of what was kept and what was heard."""
