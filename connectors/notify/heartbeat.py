"""A sign of life for a monitor to miss: an address called at the beginning, the end and a failure of each night.

The shape is that of healthchecks.io, which other monitors read too: the address itself is success, `/start` the
beginning, `/fail` a failure. What is posted to it are a few words.
"""

from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from connectors.notify.http import Unheard, call, expanded


def beat(address: str | None, what: Literal["start", "", "fail"], said: str = "") -> list[str]:
    """Call the address, where there is one; -> what went wrong, in words: nothing, or one sentence."""
    if address is None:
        return []
    try:
        call(_at(expanded(address), what), said.encode(), "text/plain; charset=utf-8")
    except Unheard as error:
        return [f"the monitor was not called: {error}"]
    return []


def _at(url: str, what: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{what}")) if what else url
