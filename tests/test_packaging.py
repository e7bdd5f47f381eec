"""The four plain package names are ours alone, in an environment of our own."""

import subprocess
import sys
from importlib.metadata import packages_distributions

HEAVY = ("pandas", "pyarrow", "duckdb", "prefect", "great_expectations", "sqlalchemy", "numpy")
OURS = ("rules", "connectors", "reports", "pipelines")


def test_no_other_distribution_owns_one_of_our_names() -> None:
    """Two owners of one top-level name overwrite each other without a word."""
    owners = packages_distributions()
    assert {name: set(owners.get(name, ())) - {"goldseam"} for name in OURS} == {name: set() for name in OURS}


def test_help_loads_nothing_heavy() -> None:
    """`goldseam --help` must answer in half a second, so it may import no data library."""
    code = f"import sys, pipelines.cli; print([m for m in {HEAVY} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
