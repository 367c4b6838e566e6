"""A paper as the answer to a browser that fetches it.

Invariant: a browser keeps it as a file and never shows it as a page of ours; its name needs no quoting.
"""

from __future__ import annotations

from starlette.responses import Response

from bot.talk.message import Paper


def download(content: bytes | None, paper: Paper) -> Response:
    """404 if there is nothing any more."""
    if content is None:
        return Response(status_code=404)
    saved_as = f'attachment; filename="{paper.name}"'
    return Response(content, media_type=paper.media, headers={"content-disposition": saved_as})
