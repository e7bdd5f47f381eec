"""`goldseam dedupe`: any table, no configuration, every record exactly once, the same bytes every time."""

import csv
import hashlib
import random
from collections import Counter
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.dedupe import Request, Result, dedupe
from rules.schema import Mistakes

FIRST = ["Maria", "Giorgos", "Elena", "Nikos", "Anna", "Petros", "Sofia", "Kostas", "Ioanna", "Dimitris"]
LAST = ["Papadaki", "Markou", "Vlachos", "Ioannou", "Nikolaou", "Karras", "Stathis", "Lambrou", "Dimas", "Kotsis"]
HEADER = ["id", "first name", "surname", "born", "mail", "phone", "street", "city"]


def people(count: int, seed: int = 7) -> list[list[str]]:
    """Invented persons; every third stands twice, the second time with a slip of the pen."""
    rng = random.Random(seed)
    table = []
    for n in range(count):
        first, last = rng.choice(FIRST), rng.choice(LAST)
        born = f"19{rng.randint(40, 99)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        mail = f"{first}.{last}{n}@post.example".lower()
        phone = f"69{rng.randint(40000000, 99999999)}"
        row = [first, last, born, mail, phone, f"Ermou {rng.randint(1, 150)}", "Athina"]
        table.append([f"{n}", *row])
        if n % 3 == 0:
            slip = last[:2] + last[3:]
            table.append([f"{n}b", first, slip, born, mail if n % 2 else "", phone, row[5], "Athens"])
    return table


def write_csv(path: Path, rows: list[list[str]], header: list[str] | None = None) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header or HEADER, *rows])
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def groups(out: Path) -> set[frozenset[str]]:
    """The clusters as sets of record ids."""
    found: dict[str, set[str]] = {}
    for row in read(out / "clusters.csv"):
        found.setdefault(row["cluster_id"], set()).add(row["record_id"])
    return {frozenset(ids) for ids in found.values()}


def run(tmp_path: Path, *files: Path, **options: object) -> Result:
    return dedupe(Request(files, tmp_path / "out", **options))  # type: ignore[arg-type]  # options of the request


def test_every_record_stands_in_clusters_exactly_once_and_pairs_are_found(tmp_path: Path) -> None:
    """All four files are written; the slips of the pen are joined to their originals, and nobody else."""
    table = people(120)
    result = run(tmp_path, write_csv(tmp_path / "list.csv", table), id_column="id")
    rows = read(tmp_path / "out" / "clusters.csv")
    assert [r["record_id"] for r in rows] == [r[0] for r in table]
    assert list(rows[0]) == ["source", "record_id", "cluster_id"]
    assert {r["source"] for r in rows} == {"list"}
    joined = {g for g in groups(tmp_path / "out") if len(g) > 1}
    assert joined == {frozenset({str(n), f"{n}b"}) for n in range(0, 120, 3)}
    assert len(read(tmp_path / "out" / "golden.csv")) == 120 == result.customers
    columns = pq.read_schema(tmp_path / "out" / "pairs.parquet").names
    assert {"match_weight", "match_probability", "relation"} <= set(columns)
    assert "<html" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_without_an_id_column_records_are_numbered_from_one(tmp_path: Path) -> None:
    """The record id is the row's number, the source the file's name without extension."""
    table = [row[1:] for row in people(12)]
    run(tmp_path, write_csv(tmp_path / "no ids.csv", table, HEADER[1:]))
    rows = read(tmp_path / "out" / "clusters.csv")
    assert [r["record_id"] for r in rows] == [str(n) for n in range(1, len(table) + 1)]
    assert {r["source"] for r in rows} == {"no ids"}


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two runs write identical files, the report included."""
    file = write_csv(tmp_path / "list.csv", people(60))
    digests = []
    for name in ("a", "b"):
        result = dedupe(Request([file], tmp_path / name))
        digests.append([hashlib.sha256(path.read_bytes()).hexdigest() for path in result.files])
    assert digests[0] == digests[1]


def test_the_order_of_rows_changes_no_cluster(tmp_path: Path) -> None:
    """A shuffled file gives the same groups of records."""
    table = people(60)
    run(tmp_path, write_csv(tmp_path / "list.csv", table), id_column="id")
    before = groups(tmp_path / "out")
    random.Random(3).shuffle(table)
    run(tmp_path, write_csv(tmp_path / "list.csv", table), id_column="id")
    assert groups(tmp_path / "out") == before


def test_csv_excel_and_parquet_give_the_same_clusters(tmp_path: Path) -> None:
    """The kind of file makes no difference."""
    table = people(45)
    write_csv(tmp_path / "a.csv", table)
    book = openpyxl.Workbook()
    for row in [HEADER, *table]:
        book.active.append(row)
    book.save(tmp_path / "b.xlsx")
    columns = list(zip(*table, strict=True))
    pq.write_table(pa.table(dict(zip(HEADER, map(list, columns), strict=True))), tmp_path / "c.parquet")
    found = []
    for name in ("a.csv", "b.xlsx", "c.parquet"):
        run(tmp_path, tmp_path / name, id_column="id")
        found.append(groups(tmp_path / "out"))
    assert found[0] == found[1] == found[2]


def test_linking_joins_across_files_only(tmp_path: Path) -> None:
    """No cluster holds two records of one file, even where they are the same person."""
    table = people(60)
    left = write_csv(tmp_path / "left.csv", table)
    right = write_csv(tmp_path / "right.csv", [[f"r{r[0]}", *r[1:]] for r in table if not r[0].endswith("b")])
    run(tmp_path, left, right, id_column="id", link=True)
    counts = Counter((r["cluster_id"], r["source"]) for r in read(tmp_path / "out" / "clusters.csv"))
    assert max(counts.values()) == 1
    assert sum(len(g) == 2 for g in groups(tmp_path / "out")) >= 58


def test_a_column_can_be_overruled(tmp_path: Path) -> None:
    """What --as says is taken for what the column means; a column or meaning that does not exist is named."""
    file = write_csv(tmp_path / "list.csv", people(20))
    result = run(tmp_path, file, overrides={"mail": "ignore"})
    assert {m.column: m.target for m in result.reads[0].meanings}["mail"] == "ignore"
    with pytest.raises(Mistakes, match=r"there is no column 'mial'.*'mail'"):
        run(tmp_path, file, overrides={"mial": "ignore"})
    for target, near in (("surnam", "'surname'"), ("Geburtsdatum", "'birth_date'"), ("xyz", "Most used: full_name")):
        with pytest.raises(Mistakes, match=near):
            run(tmp_path, file, overrides={"surname": target})


def test_known_pairs_bind(tmp_path: Path) -> None:
    """A pair labelled different stays apart, a pair labelled same is joined, whatever the evidence."""
    file = write_csv(tmp_path / "list.csv", people(60))
    labels = write_csv(
        tmp_path / "labels.csv",
        [["list", "0", "list", "0b", "different"], ["list", "1", "list", "2", "same"]],
        ["left_source", "left_id", "right_source", "right_id", "judgement"],
    )
    run(tmp_path, file, id_column="id", labels=labels)
    found = groups(tmp_path / "out")
    assert not any({"0", "0b"} <= g for g in found)
    assert any({"1", "2"} <= g for g in found)


def test_a_matching_file_is_obeyed_and_its_mistakes_are_named(tmp_path: Path) -> None:
    """With one blocking rule only its pairs are compared; an unknown key names file and line."""
    file = write_csv(tmp_path / "list.csv", people(60))
    rules = tmp_path / "matching.yml"
    rules.write_text("blocking: [[emails]]\n", "utf-8")
    run(tmp_path, file, id_column="id", rules=rules)
    pairs = pq.read_table(tmp_path / "out" / "pairs.parquet")
    assert 0 < len(pairs) <= 20
    rules.write_text("blokcing: [[emails]]\n", "utf-8")
    with pytest.raises(Mistakes, match=r"matching\.yml:1: blokcing"):
        run(tmp_path, file, rules=rules)
    for key in ("surnam", "text.colour"):
        rules.write_text(f"blocking: [[emails], [{key}]]\n", "utf-8")
        with pytest.raises(Mistakes, match=rf"matching\.yml:1: blocking: there is no column '{key}'"):
            run(tmp_path, file, rules=rules)


def test_thresholds_go_by_one_name_each(tmp_path: Path) -> None:
    """The terminal and the page call the three thresholds the same, with and without --merge-only."""
    file = write_csv(tmp_path / "list.csv", people(60))
    for more, said in (([], "joined unseen from"), (["--merge-only"], "all of it unseen")):
        found = CliRunner().invoke(app, ["dedupe", str(file), "--out", str(tmp_path / "out"), *more])
        told = " ".join(found.output.split())  # lines end where the terminal does
        assert told.count("Joined from a probability of") == 1
        assert said in told
        assert "shown to people from 20.0" in told
        line = told[told.index("Joined from a probability of") :].partition(". ")[0] + "."
        page = " ".join((tmp_path / "out" / "report.html").read_text("utf-8").split())
        assert line in page


@pytest.mark.parametrize("content", ["", "name,mail\n"], ids=["empty", "header only"])
def test_an_empty_file_is_named_with_a_remedy(tmp_path: Path, content: str) -> None:
    """The command says which file holds nothing, without a traceback."""
    file = tmp_path / "nothing.csv"
    file.write_text(content, "utf-8")
    found = CliRunner().invoke(app, ["dedupe", str(file), "--out", str(tmp_path / "out")])
    assert found.exit_code != 0
    assert "nothing.csv" in str(found.exception)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_smallest_tables_work(tmp_path: Path, count: int) -> None:
    """One, two and three records give one row a customer and no error."""
    run(tmp_path, write_csv(tmp_path / "small.csv", people(9)[2 : 2 + count]), id_column="id")
    assert len(read(tmp_path / "out" / "clusters.csv")) == count


def test_text_reaches_the_golden_table_as_it_stood(tmp_path: Path) -> None:
    """Postcodes keep their leading zeros and their absence."""
    rows = [["1", "Anna Berg", "00501", "Oslo"], ["2", "Per Dahl", "3165", "Larvik"], ["3", "Eva Lund", "0150", "Oslo"]]
    run(tmp_path, write_csv(tmp_path / "post.csv", rows, ["id", "name", "zip", "city"]), id_column="id")
    assert [r["postcode"] for r in read(tmp_path / "out" / "golden.csv")] == ["00501", "3165", "0150"]
