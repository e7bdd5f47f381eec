"""Each peer in an environment of its own, made once and kept: from its package, in a pinned version."""

import subprocess
import sys
from pathlib import Path
from typing import Final

PINNED: Final = {
    "splink": ("splink==5.0.0", "duckdb==2.0.0", "pandas==2.3.3", "pyarrow==26.0.1"),
    "goldenmatch": ("goldenmatch==3.22.0", "goldenmatch-native==0.2.3", "polars==2.1.0", "pyarrow==26.0.1"),
}
"""What is installed for each peer; the rest follows from its own requirements."""


def interpreter(peer: str, folder: Path) -> Path:
    """The Python of a peer's environment in `folder`. Raises CalledProcessError where it cannot be installed."""
    home = folder / "-".join(PINNED[peer]).replace("==", "-")
    python = home / "bin" / "python"
    ready = home / ".installed"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PINNED[peer]]
        subprocess.run([str(python), *install], check=True)
        ready.touch()
    return python
