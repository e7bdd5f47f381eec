"""What people may do at the desk."""

from typing import Final, Literal, get_args

Role = Literal["viewer", "steward", "lead", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""Each may what those before it may."""
