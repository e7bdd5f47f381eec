"""Alembic's environment and the migrations, packaged with the program; `goldseam` runs them by itself."""

from pathlib import Path

LOCATION = Path(__file__).parent
HEAD = "0003"
"""The newest revision; a test holds it to the files in `versions/`."""
