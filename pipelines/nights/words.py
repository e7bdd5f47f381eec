"""What people are told of a night: its firm, its status, counts and reasons; no customer's data."""

import re
import socket
from datetime import datetime, tzinfo
from pathlib import Path

from connectors.notify import Message
from connectors.workspace import Workspace
from pipelines.context import counted
from pipelines.nights.record import Night
from rules.nights import Event
from rules.schema import Firm

EVENTS: dict[str, Event] = {"held": "held", "failed": "failed", "published": "published", "unchanged": "published"}
"""Status of a run -> what people are told of."""

STATUS = {
    "published": "published",
    "unchanged": "nothing to publish",
    "held": "held, not published",
    "failed": "failed, not published",
}
SHADOW = {**STATUS, "published": "would be published", "held": "would be held"}


def status(night: Night) -> str:
    """What became of a night."""
    return f"{SHADOW[night.status]} (shadow)" if night.shadow else STATUS[night.status]


def deployment(root: Path) -> str:
    """What a workspace's nights are called on a server that other machines and workspaces may share."""
    return re.sub(r"[^\w.]+", "-", f"{socket.gethostname()}{root.resolve()}")


def page(workspace: Workspace, run_id: str) -> str:
    """Where people see the scorecard of a run: an address, else its path here; nothing where there is none."""
    path = (workspace.var / "runs" / run_id / "report" / "scorecard.html").resolve()
    return workspace.firm.nightly.notify.link or (str(path) if run_id and path.exists() else "")


def ended(workspace: Workspace, night: Night) -> Message:
    """A night that has ended, for better or for worse."""
    lines = [*night.reasons]
    if night.status == "held" and night.run_id and not night.shadow:
        command = f"goldseam publish {night.run_id} -w {workspace.root}"
        lines.append(f"Look at the scorecard. To publish it after all: {command}")
    if night.golden:
        lines.append(f"{counted(night.golden, 'customer')}; {changed(night)}")
    if night.quarantined:
        lines.append(f"{counted(night.quarantined, 'record')} in quarantine")
    return Message(_headline(workspace.firm, status(night)), tuple(lines), page(workspace, night.run_id))


def changed(night: Night) -> str:
    """`3 created, 1 merged`, as it is or would be."""
    said = ", ".join(f"{count:,} {word}" for word, count in night.changes.items() if count)
    return said or "no changes"


def line(night: Night, zone: tzinfo | None) -> str:
    """A night in one line, and one for each reason, in the time of the schedule; none: in that of this machine."""
    began = datetime.fromisoformat(night.began).astimezone(zone)
    told = [f"{began:%Y-%m-%d %H:%M %Z}"]
    if night.ended:
        ended = datetime.fromisoformat(night.ended).astimezone(zone)
        told.append(f"to {ended:%H:%M}  {status(night)}; {counted(night.golden, 'customer')}, {changed(night)}")
        told.append(f"{night.quarantined:,} in quarantine")
    else:
        told.append(f"{night.status}, process {night.pid}" if night.alive else f"killed while {night.status}")
    return "\n    ".join([" ".join(told[:2]) + "".join(f", {more}" for more in told[2:]), *night.reasons, *night.told])


def late(workspace: Workspace, why: str) -> Message:
    """A night that has not begun, or not ended, by its time."""
    lines = (why, f"What became of the last nights: goldseam nightly --list -w {workspace.root}")
    return Message(_headline(workspace.firm, "late"), lines, page(workspace, ""))


def _headline(firm: Firm, said: str) -> str:
    return f"Goldseam, {' '.join(firm.firm.split())}: {said}"
