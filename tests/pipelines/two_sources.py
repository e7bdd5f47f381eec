"""A small firm with a CRM and a shop, run night after night from its files: what a user sees."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from connectors import workspace
from connectors.store.state import Store
from pipelines import runner
from pipelines.cli import app
from pipelines.runner import Summary

CRM = {
    "1": "Anna Conti,anna@post.example,1980-02-03,,",
    "2": "Bea Huber,bea@post.example,1970-01-02,,",
    "3": "Carla Nikas,carla@post.example,1960-05-06,,",
    "4": "Dora Ortiz,dora@post.example,1990-09-09,,",
    "6": "Huber Bau GmbH,bau@post.example,,,",
}
SHOP = {"1": "Anna Conti,anna@post.example,1980-02-03,", "9": "Elena Fabbri,elena@post.example,1985-03-07,"}
START = datetime(2026, 1, 1, 3, 30, tzinfo=UTC)


class Firm:
    """The workspace. `crm` and `shop` are the rows of its files by id; change them, then `run`."""

    def __init__(self, root: Path, begun: Path | None = None) -> None:
        """Before its first night, or a copy of one after it."""
        self.root, self.day = root, int(begun is not None)
        self.crm, self.shop = dict(CRM), dict(SHOP)
        self.file, self.crm_header = "crm.csv", "no,name,mail,born,vat,master"
        if begun is not None:
            shutil.copytree(begun, root, symlinks=True)
            return
        for folder in ("sources", "inbox", "rules"):
            (root / folder).mkdir(parents=True)
        (root / "goldseam.yml").write_text("country: IT\n", "utf-8")
        self.declare()

    def declare(self, crm: str = "", expect: str = "shrink_at_most: 1") -> None:
        common = f"kind: csv\nid: [no]\nexpect: {{{expect}}}\n"
        columns = "name: full_name, mail: email, born: birth_date, vat: tax_id"
        mine = f"{common}location: inbox/crm*.csv\ncolumns: {{{columns}, master: merged_into}}\n{crm}"
        (self.root / "sources" / "crm.yml").write_text(mine, "utf-8")
        shop = f"{common}location: inbox/shop.csv\ncolumns: {{{columns}}}\n"
        (self.root / "sources" / "shop.yml").write_text(shop, "utf-8")

    def run(self, days: int = 1) -> Summary:
        """One more night, so many days after the last."""
        self.day += days
        self._write(self.file, self.crm_header, self.crm)
        self._write("shop.csv", "no,name,mail,born,vat", self.shop)
        return runner.run(workspace.read(self.root), now=START + timedelta(days=self.day))

    def _write(self, name: str, header: str, rows: dict[str, str]) -> None:
        path = self.root / "inbox" / name
        path.write_text("\n".join([header, *(f"{k},{v}" for k, v in rows.items())]) + "\n", "utf-8")
        os.utime(path, (path.stat().st_mtime - 60,) * 2)  # not still being written

    def open(self) -> Store:
        return Store.open(workspace.read(self.root).database_url)

    def who(self) -> dict[str, str]:
        """Golden id of each record that is active."""
        with self.open() as store:
            rows = store.crosswalk().to_pylist()
        return {f"{r['source']}:{r['record_id']}": r["golden_id"] for r in rows if r["state"] == "active"}

    def golden(self, record: str) -> dict[str, Any]:
        """The golden record of a record's customer."""
        with self.open() as store:
            return dict(store.golden(ids=[self.who()[record]]).to_pylist()[0])

    def events(self) -> list[tuple[Any, ...]]:
        with self.open() as store:
            return [(e["event"], e["cause"], e["user"]) for e in store.events().to_pylist()]

    def asked(self) -> list[tuple[str, str, str, str]]:
        """The review queue: kind, left, right, reason."""
        with self.open() as store:
            return [(c["kind"], c["left"], c["right"], c["reason"]) for c in store.candidates().to_pylist()]

    def cli(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words, "-w", str(self.root)])

    def decide(self, *words: str) -> Result:
        return self.cli("decide", *words, "--user", "maria", "--reason", "she rang")
