"""A workspace of two sources, landed night after night."""

import datetime as dt
from pathlib import Path

from connectors import workspace
from connectors.store.runs import RunFolder
from pipelines import gates
from pipelines.context import Run, StageResult
from pipelines.land import land

PEOPLE = "no,name,phone\n1,Anna Conti,0301\n2,Bea Huber,0302\n3,Carla Nikas,0303\n"
DIARY = "name,phone\nAnna Conti,0301\nDora Ortiz,0304\n"


class Nights:
    """A workspace of two sources, and one run after another on it, each published."""

    def __init__(self, root: Path) -> None:
        self.root, self.number = root, 0
        self.now = dt.datetime(2026, 1, 1, 3, 30, tzinfo=dt.UTC)
        self.before: RunFolder | None = None
        self.write("goldseam.yml", "country: DE\n")
        self.write(
            "sources/crm.yml", "kind: csv\nlocation: inbox/crm.csv\nid: no\ncolumns: {name: full_name, phone: phone}\n"
        )
        self.write(
            "sources/diary.yml", "kind: csv\nlocation: inbox/diary.csv\ncolumns: {name: full_name, phone: phone}\n"
        )
        self.write("inbox/crm.csv", PEOPLE)
        self.write("inbox/diary.csv", DIARY)

    def write(self, name: str, text: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def declare(self, name: str, more: str) -> None:
        """Add settings to a source."""
        path = self.root / "sources" / f"{name}.yml"
        path.write_text(path.read_text("utf-8") + more, "utf-8")

    def run(self, *, days: int = 1) -> Run:
        """One more night, so many days after the last."""
        self.number += 1
        self.now += dt.timedelta(days=days)
        folder = RunFolder.open(self.root / "var" / "runs", f"r{self.number}")
        run = Run(workspace.read(self.root), folder, None, self.now, self.before)
        self.result: StageResult = land(run)
        self.held = gates.reasons(run)
        folder.save()
        self.before = folder
        return run

    def states(self) -> dict[str, str]:
        assert self.before is not None
        return {row["source"]: row["state"] for row in self.before.read("land", "sources").to_pylist()}

    def source(self, name: str) -> dict[str, object]:
        assert self.before is not None
        return next(row for row in self.before.read("land", "sources").to_pylist() if row["source"] == name)

    def ids(self, name: str) -> list[str]:
        assert self.before is not None
        return [str(i) for i in self.before.read("land", "raw", name)["_record_id"].to_pylist()]
