"""Files of labels: what is wrong with one is told with file and line."""

from pathlib import Path

import pyarrow as pa
import pytest

from pipelines import labelled
from rules.schema import Mistakes

HEADER = "left_source,left_id,right_source,right_id,judgement\n"


def mistakes(tmp_path: Path, text: str | bytes) -> list[str]:
    path = tmp_path / "labels.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Mistakes) as raised:
        labelled.read(path)
    return [str(p).removeprefix(f"{path}") for p in raised.value.problems]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ": this file is empty"),
        ("left_source,left_id\n", ":1: there is no column 'right_source'"),
        (HEADER.replace(",", ";"), ":1: its columns are parted by semicolons"),
        (HEADER[:-1] + ",judgement\n", ":1: the column 'judgement' stands twice"),
        (HEADER + "a,1,a,2,same\na,1,b\n", ":3: 3 cells under 5 columns"),
        (HEADER + '"a\nb",1,a,2,maybe\n', ":3: judgement: 'maybe' is no judgement. Known: same, different, related"),
        (HEADER + "a,,a,2,same\n", ":2: left_id: this cell is empty"),
        (HEADER + "a,1,a,1,same\n", ":2: a:1 is judged with itself"),
        (HEADER.encode() + b"\xff\n", ":2: not UTF-8 text"),
    ],
)
def test_a_file_that_is_no_file_of_labels(tmp_path: Path, text: str | bytes, said: str) -> None:
    """Its line, what is wrong there and what to do; never a traceback."""
    (told,) = mistakes(tmp_path, text)
    assert told.startswith(said)


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    """Each line with a mistake is told, so that one look at the file mends it."""
    assert [m[:2] for m in mistakes(tmp_path, HEADER + "a,1,a,2,no\na,1,a,3,same\na,,b,1,yes\n")] == [":2", ":4", ":4"]


def test_other_columns_a_mark_and_empty_lines_do_no_harm(tmp_path: Path) -> None:
    """A spreadsheet adds a byte order mark, a steward a column of remarks."""
    path = tmp_path / "labels.csv"
    path.write_text("\ufeffremark," + HEADER + "sure,a,1,a,2, same \n,,,,,\n", "utf-8")
    found = labelled.read(path)
    assert found is not None
    assert found.to_pylist() == [dict(zip(labelled.COLUMNS, ("a", "1", "a", "2", "same"), strict=True))]


def test_labels_that_are_of_no_use_are_told_with_their_lines(tmp_path: Path) -> None:
    """Records that are not there, and pairs judged both ways, whichever side is left; of many the first ones."""
    path = tmp_path / "labels.csv"
    lines = ["s,1,s,2,same", "s,2,s,1,related", "s,1,s,3,same", "s,3,s,1,same", *(f"s,1,s,x{n},same" for n in range(7))]
    path.write_text(HEADER + "\n".join(lines), "utf-8")
    keys = pa.chunked_array([["s", "s", "s"]]), pa.chunked_array([["1", "2", "3"]])
    told = [t.removeprefix(str(path)) for t in labelled.doubts(path, *keys)]
    assert told[0] == ":6: there is no record s:x0, so this label is not used."
    assert told[5] == "And 2 more of this kind."
    assert told[6:] == [", lines 2 and 3: s:1 and s:2 are judged same and related: delete what is wrong."]
    assert labelled.doubts(None, *keys) == ()
