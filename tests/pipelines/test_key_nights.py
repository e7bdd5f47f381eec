"""Carried keys over nights: whatever clerks do to a sheet without ids, every record keeps its key."""

import random
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from connectors import sources
from rules import keys
from rules.schema import Source
from tests.pipelines.sheets import Row, Sheet

Cells = dict[str, str]
NIGHTS = 3


class Watch:
    """Lands a sheet night after night as the stage does, and holds what the keys must hold."""

    def __init__(self, sheet: Sheet, folder: Path, kind: str) -> None:
        self.sheet, self.folder, self.kind = sheet, folder, kind
        self.before: pa.Table | None = None
        self.known: pa.Table | None = None
        self.key: dict[int, str] = {}
        """Customer -> key, of everybody who was ever there."""
        self.shown: dict[int, Cells] = {}
        """Customer -> the cells last seen."""
        self.origin: dict[int, int] = {}
        self.sure = self.lost = 0

    def land(self) -> None:
        raw, keyed = self._carried()
        found = dict(zip([r.who for r in self.sheet.rows], keyed.ids.to_pylist(), strict=True))
        assert len(set(found.values())) == len(found)
        old, now = dict(self.shown), {r.who: self.sheet.shown(r) for r in self.sheet.rows}
        found = self._as_a_set(found, old, now)
        self._nobody_has_anothers(found)
        present = set(zip(*(keyed.doubts[c].to_pylist() for c in ("record_id", "earlier")), strict=True))
        for row in self.sheet.rows:
            if row.who in self.key and found[row.who] != self.key[row.who]:
                self.lost += 1
                assert not clear(row, old, now), (row, found[row.who], self.key[row.who])
                assert not present or all(a in found.values() for a, _ in present)
            self.sure += 1
        self.key |= found
        self.shown |= now
        self.before, self.known = raw.set_column(0, "_record_id", keyed.ids), keyed.known

    def _carried(self) -> tuple[pa.Table, keys.Keyed]:
        location = self.sheet.write(self.folder, self.kind)
        kind = {"xlsx": "spreadsheet", "csv": "csv"}[self.kind]
        given = {"encoding": "utf-8", "delimiter": ";"} if kind == "csv" else {}
        source = Source(kind=kind, location=location, header=1, columns=self.sheet.targets(), **given)  # type: ignore[arg-type]
        raw = sources.read("customers", source, self.folder).raw
        return raw, keys.carry(self.before, raw, self.known, columns=source.columns)

    def _as_a_set(self, found: dict[int, str], old: dict[int, Cells], now: dict[int, Cells]) -> dict[int, str]:
        """Rows that nobody could tell apart, tonight or when they were last seen, may exchange their keys."""
        self.origin |= {r.who: r.origin for r in self.sheet.rows}
        for who in [*found, *found]:
            other = next((w for w, key in self.key.items() if key == found[who] and w != who), None)
            if other is None:
                continue
            if old.get(who, now[who]) == old[other] or self.origin[who] == self.origin[other]:
                mine = self.key.pop(who, None)
                self.key[who] = self.key.pop(other)
                self.key |= {} if mine is None else {other: mine}
            elif other in found and now[who] == now[other]:
                found[who], found[other] = found[other], found[who]
        return found

    def _nobody_has_anothers(self, found: dict[int, str]) -> None:
        owner = {key: who for who, key in self.key.items()}
        for who, key in found.items():
            assert owner.get(key, who) == who, (who, key, owner[key], self.shown[owner[key]], self.sheet.rows)


def clear(row: Row, old: dict[int, Cells], now: dict[int, Cells]) -> bool:
    """Whether anyone could tell that a row is the one it was: at most one cell was edited, and what was left alone
    is nobody else's, nor nearly."""
    edited = row.changed - {"back"}
    if "back" in row.changed and len(now[row.who]) < 2:
        return False  # a name alone, under another header
    if not edited:
        return "back" not in row.changed or old[row.who] == now[row.who]
    if len(edited) > 1:
        return False
    others = [c for who, c in [*old.items(), *now.items()] if who != row.who]
    name, phone = now[row.who].get("name", ""), now[row.who].get("phone", "")
    same_phone = [c for c in others if phone and c.get("phone") == phone]
    like = [c for c in others if fuzz.ratio(c.get("name", ""), name) > 70]
    if edited == {"phone"}:
        return not like
    if edited == {"name"}:
        return not like if not phone else not any(fuzz.ratio(c.get("name", ""), name) > 55 for c in same_phone)
    return not [c for c in like if c.get("phone", "") == phone] if not phone else not same_phone


@pytest.mark.parametrize("kind", ["csv", pytest.param("xlsx", marks=pytest.mark.soak)])
@settings(max_examples=50, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**9))
def test_every_record_keeps_its_key(kind: str, seed: int) -> None:
    """Sort, insert, delete, bring back, correct, empty, copy, rename file and columns, all of it at once: who can be
    told keeps the key, nobody gets another's, and no key is there twice."""
    dice = random.Random(seed)
    sheet = Sheet(dice, dice.randrange(4, 30))
    with TemporaryDirectory() as folder:
        watch = Watch(sheet, Path(folder), kind)
        watch.land()
        for _ in range(NIGHTS):
            sheet.night()
            watch.land()


def measure(count: int) -> Counter[str]:
    """How many keys are kept over many sheets, told or not: `python -m tests.pipelines.test_key_nights`."""
    total: Counter[str] = Counter()
    for seed in range(count):
        dice = random.Random(seed)
        sheet = Sheet(dice, dice.randrange(4, 30))
        with TemporaryDirectory() as folder:
            watch = Watch(sheet, Path(folder), "csv")
            try:
                watch.land()
                for _ in range(NIGHTS):
                    sheet.night()
                    watch.land()
            except AssertionError as error:
                total["broken"] += 1
                print(seed, error)
            total.update(sure=watch.sure, lost=watch.lost)
    return total


if __name__ == "__main__":
    print(measure(300))
