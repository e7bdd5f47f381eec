"""What goes wrong while a source is read, in words: it ends this source only."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from connectors.sources.base import SourceFailed
from connectors.sources.places import shown

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class GaveUp(SourceFailed):
    """A reader came upon what it did not foresee; the cause has the rest."""


@contextmanager
def in_words(location: str) -> Iterator[None]:
    """Turns whatever a reader stumbles over into SourceFailed."""
    try:
        yield
    except SourceFailed:
        raise
    except PermissionError as error:
        remedy = "Give this user the right to read it"
        raise SourceFailed("it may not be read", remedy, file=str(error.filename or shown(location))) from error
    except OSError as error:
        reason = f"it could not be read: {error.strerror or type(error).__name__}"
        remedy = "Check the place, the network and the rights"
        raise SourceFailed(reason, remedy, file=str(error.filename or shown(location))) from error
    except MemoryError as error:
        remedy = "Split the file, or read it on a machine with more memory"
        raise SourceFailed("there is not enough memory to read it", remedy, file=shown(location)) from error
    except Exception as error:  # whatever one broken file brings a reader to must not end the other sources
        reason = f"the reader gave up ({type(error).__name__})"  # its words may hold a customer's
        remedy = "Export the file again; if it stays so, report this with the file"
        raise GaveUp(reason, remedy, file=shown(location)) from error
