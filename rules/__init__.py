"""What the law and the office say, as pure values and functions.

Nothing here reads a clock, a file system at run time, a network or a database.
"""
