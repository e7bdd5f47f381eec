"""`goldseam dedupe` on tables as they come: no row is lost, no column is lost, and the bytes are always the same."""

import csv
import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.dedupe import Request, Result, dedupe
from rules.schema import Mistakes
from rules.vocabulary import GOLDEN

PERSONS = [
    ["Anna Berg", "anna@post.example", "4 Mill Road", "Oslo", "red"],
    ["Anna Berg", "anna@post.example", "4 Mill Rd", "Oslo", "blue"],
    ["Per Dahl", "per@post.example", "9 Oak Avenue", "Bergen", ""],
    ["Eva Lund", "eva@post.example", "1 High Street", "Oslo", "blue"],
    ["Anna Berg", "anna@post.example", "4 Mill Road", "", "blue"],
]
HEADER = ["name", "email", "address", "city", "Favourite colour"]


def write(path: Path, text: str | Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> Path:
    if isinstance(text, str):
        path.write_text(text, "utf-8")
        return path
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *text])
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ids(file: Path, out: Path, **options: object) -> list[str]:
    dedupe(Request([file], out, **options))  # type: ignore[arg-type]  # what a test asks for
    return [r["record_id"] for r in rows(out / "clusters.csv")]


TABLES = {
    "a row of empty cells counts, and is no record": ("a,b\nx,1\n,\ny,2\n", ["1", "3"]),
    "a row with a cell too many stays a record": ("a,b\nx,1\ny,2,3\nz,4\n", ["1", "2", "3"]),
    "a row with a cell too few": ("a,b\nx,1\ny\nz,4\n", ["1", "2", "3"]),
    "numbers only": ("n\n1\n2\n3\n", ["1", "2", "3"]),
    "one value everywhere": ("n\n1\n1\n1\n", ["1", "2", "3"]),
    "one column of words": ("fruit\nbanana\ngrape\nbanana\n", ["1", "2", "3"]),
    "a header of years": ("2019,2020\nx,y\nz,w\n", ["1", "2"]),
    "no header": ("Anna,anna@x.example\nPer,per@x.example\nEva,eva@x.example\n", ["1", "2", "3"]),
    "NUL bytes": ("id,name\n1,An\0na Berg\n2,Anna Berg\n", ["1", "2"]),
    "a cell over two lines": ('name,note\nAnna,"a\nb"\nPer,c\n', ["1", "2"]),
    "columns of one name": ("name,name\nAnna,Berg\nPer,Dahl\n", ["1", "2"]),
    "empty columns": ("name,,x\nAnna,,\nPer,,\n", ["1", "2"]),
    "one row": ("name\nAnna\n", ["1"]),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_in_clusters_once_under_its_number(tmp_path: Path, name: str) -> None:
    """Whatever the table: each record once, numbered as it stands in the file, and one golden row a cluster."""
    text, expected = TABLES[name]
    assert ids(write(tmp_path / "t.csv", text), tmp_path / "out") == expected
    clusters = {r["cluster_id"] for r in rows(tmp_path / "out" / "clusters.csv")}
    golden = rows(tmp_path / "out" / "golden.csv")
    assert [r["cluster_id"] for r in golden] == sorted(clusters, key=int)
    assert all(r["display_name"] for r in golden)


def test_different_numbers_are_different_customers(tmp_path: Path) -> None:
    """Where nothing can be compared nobody is joined."""
    ids(write(tmp_path / "t.csv", "n\n1\n2\n3\n"), tmp_path / "out")
    assert [r["cluster_id"] for r in rows(tmp_path / "out" / "clusters.csv")] == ["1", "2", "3"]


def test_repeated_and_missing_ids_lose_no_record(tmp_path: Path) -> None:
    """A repeated id gets `#2`, a row without one is named by its line; both are said."""
    file = write(tmp_path / "t.csv", "id,name\n7,Anna\n7,Per\n,Eva\n7,Olav\n")
    result = dedupe(Request([file], tmp_path / "out", id_column="id"))
    assert [r["record_id"] for r in rows(tmp_path / "out" / "clusters.csv")] == ["7", "7#2", "line 4", "7#3"]
    said = " ".join(result.reads[0].notes)
    assert "more than once: 7" in said
    assert "no value in 'id'" in said


def test_golden_has_the_standard_columns_and_loses_none_of_the_others(tmp_path: Path) -> None:
    """cluster_id, the columns of the golden table, then the user's own, with the most frequent value."""
    ids(write(tmp_path / "t.csv", PERSONS), tmp_path / "out")
    golden = rows(tmp_path / "out" / "golden.csv")
    assert list(golden[0]) == ["cluster_id", *GOLDEN.names, "Favourite colour"]
    assert [(r["given_name"], r["records"], r["Favourite colour"]) for r in golden] == [
        ("Anna", "3", "blue"), ("Per", "1", ""), ("Eva", "1", "blue"),
    ]  # fmt: skip


def test_a_column_named_like_a_standard_one_keeps_its_values(tmp_path: Path) -> None:
    """A user's `version` stands beside the standard `version`, under a name of its own."""
    file = write(tmp_path / "t.csv", [[*p[:4], str(n)] for n, p in enumerate(PERSONS)], [*HEADER[:4], "Version"])
    ids(file, tmp_path / "out")
    assert rows(tmp_path / "out" / "golden.csv")[1]["Version (2)"] == "2"


def test_one_header_means_one_thing_in_all_files(tmp_path: Path) -> None:
    """A column `name` that is doubtful in one file is what the surer file takes it for."""
    sure = write(tmp_path / "a.csv", PERSONS)
    unsure = write(tmp_path / "b.csv", [["Zyx Wq", "z@post.example"], ["Qwv", "q@post.example"]], ["name", "email"])
    result = dedupe(Request([sure, unsure], tmp_path / "out"))
    assert {m.target for r in result.reads for m in r.meanings if m.column == "name"} == {"full_name"}


def test_what_a_person_says_stays_said(tmp_path: Path) -> None:
    """--as wins, and the column that held the target before gives way."""
    file = write(tmp_path / "t.csv", PERSONS)
    result = dedupe(Request([file], tmp_path / "out", overrides={"Favourite colour": "full_name"}))
    targets = {m.column: m.target for m in result.reads[0].meanings}
    assert targets["Favourite colour"] == "full_name"
    assert targets["name"] != "full_name"


def test_the_same_bytes_in_another_process_and_from_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the hash seed of a process nor its working directory changes a byte."""
    table = [[f"{p[0]} {n}", f"{n}{p[1]}", p[2], p[3], p[4]] for n in range(12) for p in PERSONS]
    file = write(tmp_path / "t.csv", table)
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    (work := tmp_path / "there").mkdir()
    code = "import sys; from pipelines.cli import main; sys.argv = ['goldseam', *sys.argv[1:]]; main()"
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    subprocess.run(
        [sys.executable, "-c", code, "dedupe", os.path.relpath(file, work), "--out", "out"],
        cwd=work, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
    )  # fmt: skip
    (tmp_path / "a" / "here").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "here")
    assert CliRunner().invoke(app, ["dedupe", "../../t.csv", "--out", "out"]).exit_code == 0
    assert len(digests(work / "out")) == 4
    assert digests(work / "out") == digests(Path("out"))


def digests(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def test_a_file_of_labels_is_checked(tmp_path: Path) -> None:
    """A missing column and an unknown judgement are named with the remedy."""
    file = write(tmp_path / "t.csv", PERSONS)
    labels = write(tmp_path / "l.csv", "left,right\n1,2\n")
    with pytest.raises(Mistakes, match="left_source"):
        dedupe(Request([file], tmp_path / "out", labels=labels))
    write(labels, "left_source,left_id,right_source,right_id,judgement\nt,1,t,2,perhaps\n")
    with pytest.raises(Mistakes, match="'perhaps' is no judgement"):
        dedupe(Request([file], tmp_path / "out", labels=labels))


def test_the_terminal_says_what_was_taken_for_what(tmp_path: Path) -> None:
    """80 columns: what is compared one a line, the rest in a sentence, the result, and what each file is for."""
    file = write(tmp_path / "t.csv", [[str(n), *p] for n, p in enumerate(PERSONS)], ["id", *HEADER])
    found = CliRunner().invoke(app, ["dedupe", str(file), "--out", str(tmp_path / "out")], env={"COLUMNS": "80"})
    assert found.exit_code == 0, found.output
    assert "Not compared: id, Favourite colour" in found.stdout
    assert "5 records are 3 customers: 2 were there already" in found.stdout
    assert "report.html" in found.stdout
    assert max(map(len, found.stdout.replace(str(tmp_path), "").splitlines())) <= 80


def test_a_country_is_a_code_of_two_letters(tmp_path: Path) -> None:
    """`--country Greece` is refused with an example."""
    file = write(tmp_path / "t.csv", PERSONS)
    found = CliRunner().invoke(app, ["dedupe", str(file), "--country", "Greece", "--out", str(tmp_path / "out")])
    assert found.exit_code == 2
    assert "two letters" in found.output


def test_a_table_without_customers_is_compared_as_text(tmp_path: Path) -> None:
    """Products: nothing fails, no row is lost, and the report says as what it was compared."""
    words = ["Bravia TV 40 X1", "lens kit EF 50 mm", "QC35 headphones black", "M 28 printer white", "D90 camera body"]
    file = write(tmp_path / "t.csv", [[str(n), w, w[:3]] for n, w in enumerate([*words, *words])], ["id", "title", "x"])
    result: Result = dedupe(Request([file], tmp_path / "out"))
    assert result.records == 10
    assert "text.title" in (tmp_path / "out" / "report.html").read_text("utf-8")
