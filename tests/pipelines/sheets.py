"""A sheet of customers without ids that a clerk works on night after night, with the truth of who is who."""

import os
import random
from dataclasses import dataclass, field, replace
from pathlib import Path

import xlsxwriter

GIVEN = (  # noqa: SIM905 - a list of names is read best as a sentence
    "Anna Bea Carla Dora Elena Fotini Galina Hana Irini Jale Katya Lena Mira Nadia Olga Petra Αλέξανδρος Βασίλης "
    "Γιώργος Δημήτρης Ειρήνη Ζωή Ηλίας Θανάσης Борис Виктор Григорий Дарья Екатерина Жанна Mehmet Ayşe Çiğdem İbrahim"
).split()
SURNAMES = (  # noqa: SIM905 - as above
    "Abad Bosch Conti Demir Engel Fabbri Gatti Huber Ivanov Jansen Kaya Lemke Moretti Nikas Ortiz Pappas Αγγελόπουλος "
    "Βλάχος Γεωργίου Δούκας Ευθυμίου Ζαφείρης Иванов Козлов Морозов Новиков Öztürk Şahin Yılmaz Çelik"
).split()
NOTES = ("", "", "", "call back", "boat", "likes red", "after 6 pm", "διακοπές τον Αύγουστο")
TARGETS = {"name": "full_name", "phone": "phone", "note": "note"}


@dataclass
class Row:
    """One customer's row; `changed` are the columns edited tonight, `origin` the customer whose row was copied, if
    it was: who of the two is who is anybody's guess from then on."""

    who: int
    cells: dict[str, str]
    origin: int
    changed: set[str] = field(default_factory=set)


class Sheet:
    """The rows, and what clerks do to them. `headers`: what each column is called tonight, in order."""

    def __init__(self, dice: random.Random, size: int) -> None:
        self.dice = dice
        self.count = 0
        self.headers = {"name": "name", "phone": "phone", "note": "note"}
        self.file = "customers"
        self.gone: list[Row] = []
        self.rows: list[Row] = []
        while len(self.rows) < size:
            self.rows += self._household()

    def _row(self, name: str, phone: str) -> Row:
        self.count += 1
        return Row(self.count, {"name": name, "phone": phone, "note": self.dice.choice(NOTES)}, self.count)

    def _phone(self) -> str:
        return f"69{self.dice.randrange(10**8):08d}"

    def _household(self) -> list[Row]:
        """One person; or two of one surname and phone; or one person twice, with two phones."""
        surname, given = self.dice.choice(SURNAMES), self.dice.sample(GIVEN, 2)
        phone = self._phone() if self.dice.random() < 0.85 else ""
        kind = self.dice.random()
        if kind < 0.12:
            return [self._row(f"{g} {surname}", phone) for g in given]
        if kind < 0.2:
            return [self._row(f"{given[0]} {surname}", self._phone()) for _ in range(2)]
        return [self._row(f"{given[0]} {surname}", phone)]

    # --- what clerks do ---------------------------------------------------------------------------------

    def night(self) -> None:
        """Some of everything, at once."""
        for row in self.rows:
            row.changed = set()
        works = [
            self.sort, self.insert, self.delete, self.correct, self.phone, self.empty, self.note, self.duplicate,
            self.bring_back, self.rename_file, self.rename_column, self.reorder, self.add_column, self.drop_column,
        ]  # fmt: skip
        for work in self.dice.sample(works, self.dice.randrange(1, 7)):
            work()

    def _some(self, most: int = 3) -> list[Row]:
        fresh = [r for r in self.rows if not r.changed]
        return self.dice.sample(fresh, min(len(fresh), self.dice.randrange(1, most + 1)))

    def sort(self) -> None:
        column = self.dice.choice(list(self.headers))
        self.rows.sort(key=lambda r: r.cells.get(column, ""), reverse=self.dice.random() < 0.5)

    def insert(self) -> None:
        for row in self._household():
            row.changed = {"new"}
            self.rows.insert(self.dice.choice([0, len(self.rows), self.dice.randrange(len(self.rows) + 1)]), row)

    def delete(self) -> None:
        for row in self._some()[: len(self.rows) - 3]:
            self.rows.remove(row)
            self.gone.append(row)

    def bring_back(self) -> None:
        if self.gone:
            row = self.gone.pop(self.dice.randrange(len(self.gone)))
            row.changed = {"back"}
            self.rows.insert(self.dice.randrange(len(self.rows) + 1), row)

    def correct(self) -> None:
        for row in self._some():
            name = row.cells["name"]
            if name:
                at = self.dice.randrange(1, len(name))
                self._set(row, "name", name[:at] + self.dice.choice("aeiou") + name[at + 1 :])

    def phone(self) -> None:
        for row in self._some():
            self._set(row, "phone", self._phone())

    def note(self) -> None:
        for row in self._some():
            self._set(row, "note", "called on Monday")

    def empty(self) -> None:
        for row in self._some(2):
            column = self.dice.choice(["phone", "note"])
            self._set(row, column, "")

    def _set(self, row: Row, column: str, value: str) -> None:
        if row.cells.get(column, "") != value:
            row.cells[column] = value
            row.changed.add(column)

    def duplicate(self) -> None:
        row = self.dice.choice(self.rows)
        self.count += 1
        copy = replace(row, who=self.count, cells=dict(row.cells), changed={"new"})
        self.rows.insert(self.dice.randrange(len(self.rows) + 1), copy)

    def rename_file(self) -> None:
        self.file = self.dice.choice(["customers", "πελάτες 2026", "customers (1)"])

    def rename_column(self) -> None:
        column = self.dice.choice(["name", "phone", "note"])
        if column in self.headers:
            self.headers[column] = self.dice.choice([column, f"{column} of customer", column.upper() + "."])

    def reorder(self) -> None:
        items = list(self.headers.items())
        self.dice.shuffle(items)
        self.headers = dict(items)

    def add_column(self) -> None:
        self.headers["seen"] = "seen"
        for row in self.rows:
            row.cells.setdefault("seen", self.dice.choice(["", "2026"]))

    def drop_column(self) -> None:
        self.headers.pop(self.dice.choice(["note", "seen"]), None)

    # --- what stands in the file ------------------------------------------------------------------------

    def targets(self) -> dict[str, str]:
        return {header: TARGETS[column] for column, header in self.headers.items() if column in TARGETS}

    def shown(self, row: Row) -> dict[str, str]:
        """The cells of a row that are in the file, by column."""
        return {c: v for c in self.headers if (v := row.cells.get(c, ""))}

    def write(self, folder: Path, kind: str) -> str:
        """The sheet as a file; its name."""
        table = [list(self.headers.values()), *([r.cells.get(c, "") for c in self.headers] for r in self.rows)]
        path = folder / f"{self.file}.{kind}"
        if kind == "xlsx":
            with xlsxwriter.Workbook(path) as book:
                sheet = book.add_worksheet()
                for number, line in enumerate(table):
                    sheet.write_row(number, 0, line)
        else:
            lines = [";".join(f'"{cell}"' for cell in line) for line in table]
            path.write_text("\r\n".join(lines) + "\r\n", "utf-8")
        os.utime(path, (path.stat().st_mtime - 60,) * 2)  # not still being written
        return path.name
