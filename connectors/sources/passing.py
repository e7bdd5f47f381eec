"""Which failures of a source may pass: the same read may succeed a minute later, with nothing changed by anybody.

A server that is busy, restarting or out of reach, a connection that broke off, a file that is still being written. Not
a refusal, a missing file, a column that is gone.
"""

import errno
import re
from collections.abc import Iterator
from typing import Final

from connectors.sources.base import SourceFailed

_ERRNOS: Final = {
    errno.EAGAIN, errno.EINTR, errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ECONNREFUSED, errno.ECONNRESET,
    errno.ECONNABORTED, errno.EPIPE, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENETUNREACH,
    errno.ENETRESET, errno.EREMOTEIO,
}  # fmt: skip
_STATUSES: Final = {408, 423, 425, 429, 500, 502, 503, 504}
"""Answers of a web server that ask for patience."""
_WORDS: Final = re.compile(
    r"connection (refused|reset|timed out|lost)|could not connect|can't connect|could not translate host|timed? ?out|"
    r"starting up|shutting down|too many (connections|clients)|database is locked|deadlock|temporar|try again|"
    r"unreachable|slow ?down|service unavailable|name resolution|gone away|error reading ssh protocol banner",
    re.IGNORECASE,
)
"""Of libraries that have no number for it (drivers of databases, SSH, S3)."""


def may_pass(failure: SourceFailed) -> bool:
    """Whether to try again. Said by whoever raised it, else read off what the system or a library said."""
    return failure.passing or any(map(_passing, _causes(failure)))


def _causes(failure: BaseException) -> Iterator[BaseException]:
    cause = failure.__cause__
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _passing(error: BaseException) -> bool:
    status = getattr(error, "status", None)
    if isinstance(status, int):
        return status in _STATUSES
    if isinstance(error, ConnectionError | TimeoutError):
        return True
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _ERRNOS or (error.errno < 0 and bool(_WORDS.search(str(error))))
    return bool(_WORDS.search(str(error)))
