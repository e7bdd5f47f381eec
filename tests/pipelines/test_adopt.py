"""`goldseam adopt`: what a firm's file of golden ids may say, and what is told of its lines."""

from pathlib import Path

import pytest
import xlsxwriter

from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines.adopt import Result, adopt
from pipelines.quarantine import Refused
from tests.pipelines.nights import workspace


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return workspace(tmp_path, "crm", "shop")


def take(space: Workspace, content: str | Path, **more: object) -> tuple[Result, dict[str, str]]:
    """Adopt a file; -> what is told, and what stands adopted."""
    path = content if isinstance(content, Path) else space.root / "ids.csv"
    if not isinstance(content, Path):
        path.write_text(content, "utf-8", newline="")
    with Store.open(f"sqlite:///{space.root}/state.db") as store:
        told = adopt(space, store, path, **{"user": "maria", "columns": {}, **more})  # type: ignore[arg-type]  # as given
        return told, {f"{r['source']}:{r['record_id']}": r["golden_id"] for r in store.adopted().to_pylist()}


def test_ids_are_kept_as_they_are_written(space: Workspace) -> None:
    """Leading zeros, letters, blanks inside: an id is text and nothing is read into it."""
    told, known = take(space, "source,record_id,golden_id\ncrm,007,0042\nshop,A 1,K/9 β\n")
    assert (told.records, told.customers) == (2, 2)
    assert known == {"crm:007": "0042", "shop:A 1": "K/9 β"}


def test_a_workbook_with_headers_of_its_own(space: Workspace) -> None:
    """A sheet whose columns are called otherwise, of one source."""
    path = space.root / "ids.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Customer", "Master no", "Remark"])
        sheet.write_row(1, 0, ["17", "900", "x"])
    columns = {"record_id": "Customer", "golden_id": "Master no"}
    assert take(space, path, columns=columns, source="crm")[1] == {"crm:17": "900"}


def test_lines_that_are_left_out_are_told(space: Workspace) -> None:
    """Said twice, without an id, and what a later file says otherwise before anything is published."""
    told, _ = take(space, "source,record_id,golden_id\ncrm,1,A\ncrm,1,A\ncrm,2,\n")
    assert told.notes == ("1 line without a golden id left out: 4", "1 line said twice: 3")
    told, known = take(space, "source,record_id,golden_id\ncrm,1,B\n")
    assert told.notes == ("1 record that another file gave another id: this one counts",)
    assert known == {"crm:1": "B"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("source,record_id,golden_id\ncrm,1,A\ncrm,1,B\n", "line 3: crm:1 is B, but line 2 says A"),
        ("source,record_id,golden_id\ncmr,1,A\n", "line 2: no source 'cmr' is declared. Did you mean 'crm'?"),
        ("source,record_id,golden_id\ncrm,,A\n", "line 2: record_id is empty"),
        ("source,record_id,golden\ncrm,1,A\n", "no column 'golden_id'. Did you mean 'golden'? Write --columns golden"),
        ("record_id,golden_id\n1,A\n", "or --source NAME"),
    ],
)  # fmt: skip
def test_what_cannot_be_adopted_is_refused_whole(space: Workspace, content: str, said: str) -> None:
    """The line and what is wrong with it; nothing of the file is taken."""
    with pytest.raises(Refused, match=r"adopted|column") as error:
        take(space, content)
    assert said in str(error.value)
    assert take(space, "source,record_id,golden_id\ncrm,7,Z\n")[1] == {"crm:7": "Z"}


def test_mistakes_are_told_line_by_line(space: Workspace) -> None:
    """In the order of the file, whatever is wrong with each."""
    with pytest.raises(Refused) as told:
        take(space, "source,record_id,golden_id\ncrm,1,A\ncmr,2,B\ncrm,1,C\ncrm,,D\n")
    assert [line.split(":")[0].strip() for line in str(told.value).splitlines()[1:]] == ["line 3", "line 4", "line 5"]
