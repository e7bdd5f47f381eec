"""Golden ids that live on: through re-runs, merges, splits, vanished and returning records."""

from rules.identity.assign import Identified, assign
from rules.identity.binding import binding, continued, standing
from rules.identity.candidates import candidates
from rules.identity.causes import Known, attribute
from rules.identity.households import households

__all__ = ["Identified", "Known", "assign", "attribute", "binding", "candidates", "continued", "households", "standing"]
