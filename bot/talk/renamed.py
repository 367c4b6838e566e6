"""A conversation of an older release, put under the names that its questions have today.

Invariant: nothing that an alias leads to a new name stays under the old one. Days are left where they are, since they
don't follow a question of their name by themselves: `Replay` looks for them when the flow asks for one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bot.talk.journal import Conversation

T = TypeVar("T")


def rename(conversation: Conversation, present: Callable[[str], str]) -> None:
    """Rename all but what is open. `present`: the name of today for any name (`Flow.present_name`).

    An answer under an old name is the newer of two: what this release meets it renames at once, so the older release
    must have written it since (both may run for a while, or this one was taken back).
    """
    _rename_keys(conversation.journal, present)
    _rename_keys(conversation.refs, present)
    if conversation.aside is not None:
        conversation.aside.name = present(conversation.aside.name)
    editing = conversation.editing
    if editing is not None:
        editing.at, editing.reopened = present(editing.at), [present(name) for name in editing.reopened]
        _rename_keys(editing.taken, present)


def _rename_keys(named: dict[str, T], present: Callable[[str], str]) -> None:
    for name in list(named):
        if (renamed := present(name)) != name:
            named[renamed] = named.pop(name)
