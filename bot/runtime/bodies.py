"""The whole body of a request, in bounded size."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request


async def whole(request: Request, bytes_max: int) -> bytes | None:
    """None: it is longer, or who sent it went away."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > bytes_max:
                return None
    except ClientDisconnect:
        return None
    return body
