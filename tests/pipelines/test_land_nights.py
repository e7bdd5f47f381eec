"""Whatever comes to a folder of which only new files are read: no row is lost, none doubled, no key given twice."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pipelines.landings import Nights

FIRST = ("Anna", "Bea", "Carla", "Dimitris", "Elif", "Fatma", "Giorgos", "Hakan")
LAST = ("Conti", "Huber", "Nikas", "Ortiz", "Petrov", "Yılmaz")
FORM = "kind: csv\nlocation: inbox/forms/*.csv\nfiles: new\nmode: append\ncolumns: {name: full_name, phone: phone}\n"

# What happens by day: a new file; a row more or a corrected letter in an old one, another name for it, its removal;
# another setting of the source.
DEEDS = st.lists(st.sampled_from(["new", "more", "correct", "rename", "remove", "declare", "nothing"]), max_size=8)


class Folder:
    """The files as people see them (file -> persons), and every person who was ever shown (person -> row)."""

    def __init__(self, root: Path) -> None:
        self.nights = Nights(root)
        self.nights.write("sources/forms.yml", FORM)
        self.files: dict[str, list[int]] = {}
        self.rows: dict[int, str] = {}
        self.day = 0

    def do(self, deed: str) -> None:
        self.day += 1
        oldest = min(self.files, default=None)
        if deed == "new" or oldest is None:
            self.files[f"day{self.day}.csv"] = [self._person() for _ in range(4)]
        elif deed == "more":
            self.files[oldest].append(self._person())
        elif deed == "correct":
            one = self.files[oldest][self.day % 4]
            self.rows[one] = self.rows[one].replace(",", "s,", 1)
        elif deed == "rename":
            self.files[f"z{oldest}"] = self.files.pop(oldest)
        elif deed == "remove":
            del self.files[oldest]
        elif deed == "declare":
            self.nights.write("sources/forms.yml", f"{FORM}operator: clerk {self.day}\n")
        self._lay_out()

    def _person(self) -> int:
        """Nobody resembles another: each has a name and a number of his own."""
        n = len(self.rows)
        self.rows[n] = f"{FIRST[n % 8]} {LAST[n // 8 % 6]},03{n * 7919 % 9_000_000 + 1_000_000}"
        return n

    def _lay_out(self) -> None:
        inbox = self.nights.root / "inbox" / "forms"
        inbox.mkdir(parents=True, exist_ok=True)
        for path in inbox.iterdir():
            path.unlink()
        for name, persons in self.files.items():
            (inbox / name).write_text("\n".join(["name,phone", *(self.rows[p] for p in persons), ""]), "utf-8")

    def landed(self) -> dict[str, str]:
        """Row -> key, after a night."""
        self.nights.run()
        assert self.nights.states()["forms"] in ("landed", "unchanged"), self.nights.result.warnings
        assert self.nights.before is not None
        raw = self.nights.before.read("land", "raw", "forms")
        rows = [f"{row['name']},{row['phone']}" for row in raw.to_pylist()]
        assert len(set(rows)) == len(rows)
        return dict(zip(rows, raw["_record_id"].to_pylist(), strict=True))


@settings(max_examples=12, deadline=None, derandomize=True)
@given(DEEDS)
def test_every_person_lands_once_and_keeps_the_key(deeds: list[str]) -> None:
    """Whoever was ever shown is in the snapshot, once, under the key of the first night."""
    with TemporaryDirectory() as folder:
        desk = Folder(Path(folder))
        keys: dict[int, str] = {}
        for deed in ["new", *deeds]:
            desk.do(deed)
            landed = desk.landed()
            assert landed.keys() == set(desk.rows.values())
            today = {person: landed[row] for person, row in desk.rows.items()}
            assert len(set(today.values())) == len(today)
            assert keys.items() <= today.items()
            keys = today
