"""Numbers of acts, batches, packs and views, as they stand in addresses and forms."""

from typing import Annotated, Final

from fastapi import Form, Path, Query

LAST: Final = 2**63 - 1
"""The largest that a database counts to."""
Number = Annotated[int, Path(ge=0, le=LAST)]
FormNumber = Annotated[int, Form(ge=0, le=LAST)]
QueryNumber = Annotated[int, Query(ge=0, le=LAST)]
