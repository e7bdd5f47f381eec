"""What may be sent to the desk: by anybody, before it is known who it is."""

from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.packs.guard import MOST_BYTES

MOST: Final = 1_000_000
"""Bytes of a form."""
FORM: Final = "application/x-www-form-urlencoded"
UPLOADS: Final = {"/packs/import": MOST_BYTES + MOST}
"""Bytes where files are sent, by path."""


class Bodies:
    """Answers 413 once more comes than may come, or as soon as it is told that it will; 422 to a form with a NUL, which
    not every database can keep.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most, come = UPLOADS.get(scope["path"], MOST), 0
        headers = Headers(scope=scope)
        told, form = headers.get("content-length", ""), headers.get("content-type", "").startswith(FORM)

        async def bounded() -> Message:
            nonlocal come
            if told.isdecimal() and int(told) > most:
                raise _too_much(most)
            message = await receive()
            come += len(message.get("body", b""))
            if come > most:
                raise _too_much(most)
            if form and b"%00" in message.get("body", b""):
                raise HTTPException(422, "This holds a character that cannot be seen. Type the text anew")
            return message

        await self.app(scope, bounded, send)


def _too_much(most: int) -> HTTPException:
    """Raised where the application reads, so that it answers as it answers every error."""
    return HTTPException(413, f"At most {most // 1_000_000} MB can be sent here. Send less at once")
