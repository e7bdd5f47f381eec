"""What goes wrong while a source is read, in words: it ends this source only."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from connectors.sources.base import SourceFailed
from connectors.sources.places import shown

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def in_words(location: str) -> Iterator[None]:
    """Turns whatever a reader stumbles over into SourceFailed."""
    try:
        yield
    except PermissionError as error:
        remedy = "Give this user the right to read it"
        raise SourceFailed("it may not be read", remedy, file=str(error.filename or shown(location))) from error
    except OSError as error:
        reason = f"it could not be read: {error.strerror or type(error).__name__}"
        remedy = "Check the place, the network and the rights"
        raise SourceFailed(reason, remedy, file=str(error.filename or shown(location))) from error
    except (pa.ArrowException, ValueError, RecursionError) as error:
        reason = f"the reader gave up ({type(error).__name__})"  # its words may hold a customer's
        remedy = "Export the file again; if it stays so, report this with the file"
        raise SourceFailed(reason, remedy, file=shown(location)) from error
