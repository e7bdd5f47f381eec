"""Golden ids that live on: through re-runs, merges, splits, vanished and returning records."""

from rules.identity.assign import Identified, assign
from rules.identity.candidates import candidates
from rules.identity.causes import attribute
from rules.identity.households import households

__all__ = ["Identified", "assign", "attribute", "candidates", "households"]
