"""Persons with households: who they are and who lives with whom. What is written of them: households_written.py.

A member of a household shares surname, address and often landline or e-mail with its head: spouse, child or parent,
twin, or a junior of the same name. That is what makes the set hard: the members are not the same person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tests.bench.sets.data_set import DataSet
from tests.bench.sets.households_written import written
from tests.bench.sets.names import Ints, Rng, draw, given_names, surnames, zipf
from tests.bench.sets.people import People
