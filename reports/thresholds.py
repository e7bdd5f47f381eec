"""The three thresholds under the names that people read: the same on pages, in the terminal and in README."""

from typing import Final

from reports.format import share

JOINED: Final = "joined from"
"""The probability from which `clusters.csv` and the golden table join."""
UNSEEN: Final = "joined unseen from"
"""From here on nobody needs to look; what is joined below it is put before people (`merge` in a matching file)."""
SHOWN: Final = "shown to people from"
"""What is not joined is put before people from here on (`review` in a matching file)."""


def sentence(joined: float, unseen: float, shown: float) -> str:
    """All three, for people; probabilities from 0 to 1."""
    if joined >= unseen:
        return f"Joined from a probability of {share(joined, 1)}, all of it unseen; {SHOWN} {share(shown, 1)}."
    return f"Joined from a probability of {share(joined, 1)}; {UNSEEN} {share(unseen, 1)}, {SHOWN} {share(shown, 1)}."
