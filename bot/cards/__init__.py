"""The reader at the command line: `siaga read-card` shows one photo, `siaga read-cards` makes a folder into a table.

One file each: row (what is kept of a photo), words (for whoever ran it), single, folder, journal (what is read is
never read again), sheet (Excel). Invariant: what was read goes to the terminal and the files of whoever ran the
command, all of mode 600, and nowhere else: no log, and nothing into the folder of photos.
"""

from __future__ import annotations


class CardsError(Exception):
    """What the operator has to change, in a sentence."""
