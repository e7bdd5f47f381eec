"""One call of an address, with patience; what goes wrong is told without the address, which is secret."""

import http.client
import os
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

PATIENCE: Final = 10.0
"""Seconds that a call may take."""


class Unheard(Exception):
    """A call that came to nothing; the message says why."""


def call(address: str, body: bytes, kind: str) -> None:
    """Post to an address, or to that which the environment holds (env:NAME). Raises Unheard."""
    url = expanded(address)
    if not url.startswith(("http://", "https://")):
        raise Unheard("its address begins neither with https:// nor with http://")
    try:
        request = Request(url, body, {"Content-Type": kind, "User-Agent": "goldseam"})  # noqa: S310 - held above
        with urlopen(request, timeout=PATIENCE):  # noqa: S310 - as above
            pass
    except HTTPError as error:
        raise Unheard(f"it answered {error.code} {error.reason}") from error
    except URLError as error:
        raise Unheard(f"it could not be reached ({_words(error.reason)})") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unheard(f"it could not be reached ({_words(error)})") from error


def expanded(address: str) -> str:
    """An address, or what the environment holds of it. Raises Unheard where it holds nothing."""
    if not address.startswith("env:"):
        return address
    name = address.removeprefix("env:")
    if not os.environ.get(name):
        raise Unheard(f"the environment variable {name} is not set")
    return os.environ[name].strip()


def _words(reason: object) -> str:
    """What the system says; of anything else its kind alone, since it may hold the address."""
    if isinstance(reason, TimeoutError):
        return f"no answer in {PATIENCE:g} seconds"
    return (isinstance(reason, OSError) and reason.strerror) or type(reason).__name__
