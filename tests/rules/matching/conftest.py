"""Puts the generator of invented persons, `matching_people`, within reach of the tests beside it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
