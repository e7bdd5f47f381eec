"""What people are told, before it takes the shape of a mail or of a chat."""

from dataclasses import dataclass
from typing import Final

LONGEST: Final = 400
"""Characters of one line: a reason that goes on and on is cut."""
MOST: Final = 20
"""Lines."""


@dataclass(frozen=True)
class Message:
    """One message: a headline, what is to be known in lines, and where to look."""

    headline: str
    lines: tuple[str, ...] = ()
    link: str = ""
    """An address, or a path on the machine of the run."""

    def told(self) -> list[str]:
        """The lines, none too long and not too many."""
        cut = [line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…" for line in self.lines]
        more = len(cut) - MOST
        return [*cut[:MOST], *([f"… and {more} more"] if more > 0 else [])]

    def text(self) -> str:
        """As plain text."""
        return "\n".join([self.headline, "", *self.told(), *(["", self.link] if self.link else [])]) + "\n"
