"""Commands that look at one file start in half a second: what they do not need is not loaded."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


def without_pandas() -> None:
    """Keep pyarrow from importing pandas, which it does with the first array it makes and which takes a quarter second.

    pyarrow asks for pandas once a process, so this is for a process that never turns a table into a data frame.
    """
    with _hidden("pandas"):
        import pyarrow as pa

        pa.array([""])


@contextmanager
def _hidden(package: str) -> Iterator[None]:
    """A package cannot be found while this lasts; where it was loaded already, nothing changes."""
    finder = _Nowhere(package)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Nowhere:
    """Finds a package nowhere; of any other it knows nothing (the protocol of sys.meta_path)."""

    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        if name == self.package:
            raise ModuleNotFoundError(f"{name} is not looked for")
