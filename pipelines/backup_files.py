"""What of a workspace's files goes into a backup, and what does not: secrets, source files, what is made again."""

import re
from pathlib import Path
from typing import Final

from pipelines.quarantine import Refused

SETTINGS: Final = ("goldseam.yml", "sources", "rules", "presets", "deploy")
"""Of a workspace, what a person wrote."""
MADE: Final = ("var", "published", "scorecard.html")
"""What is kept otherwise, or made again."""
SECRETS: Final = {
    "an address with a password": re.compile(r"://[^/\s:@]*:[^/\s@]+@"),
    "a secret": re.compile(r"(?i)^\s*Environment=.*(?:password|passwd|secret|token)\w*=\s*[^\s\"']"),
}
"""What no line may hold that goes into a backup: in settings, and in the units of systemd in `deploy/`."""


def settings(root: Path) -> list[Path]:
    """What a person wrote; what editors and file managers leave behind begins with a dot."""
    found = [path for name in SETTINGS for path in sorted((root / name).rglob("*"))]
    plain = [p for p in found if p.is_file() and not any(part[0] == "." for part in p.relative_to(root).parts)]
    return [root / "goldseam.yml", *plain]


def left_out(root: Path) -> list[str]:
    """What else lies in a workspace, by name."""
    return sorted(p.name for p in root.iterdir() if p.name not in (*SETTINGS, *MADE) and p.name[0] != ".")


def demand_no_secrets(root: Path) -> None:
    """Raises Refused, with file and line, where a secret stands in what would go into a backup."""
    for path in settings(root):
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            found = next((what for what, pattern in SECRETS.items() if pattern.search(line)), None)
            if found and not line.lstrip().startswith("#"):
                at = f"{path.relative_to(root)}:{number}"
                remedy = "Set an environment variable to it, and write env:NAME (in deploy/: EnvironmentFile=)"
                raise Refused(f"{at}: {found}, and a backup must hold none. {remedy}")


def keys(root: Path) -> list[Path]:
    """The keys that sources without ids carry from run to run."""
    return sorted((root / "var" / "keys").glob("*.parquet"))
