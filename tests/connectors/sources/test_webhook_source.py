"""Webhook payloads: each product's shape, any other JSON, and everything that goes wrong with them."""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import sources
from connectors.sources import checks
from connectors.sources.base import Landed, SourceFailed
from rules import presets, schema
from rules.vocabulary import RAW_PREFIX

SPEC: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "spec/webhooks.yml").read_text("utf-8"))


def declared(**settings: object) -> schema.Source:
    given = {"kind": "webhook", "location": "in/*", **settings}
    return schema.parse(presets.apply(given, {}, "x.yml"), {}, schema.Source, "x.yml")


def landed(root: Path, *files: str | bytes, **settings: object) -> Landed:
    """What a source of these files gives; they are called 1.json, 2.json, …"""
    (root / "in").mkdir(exist_ok=True)
    for number, text in enumerate(files, 1):
        (root / f"in/{number}.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    return sources.read("x", declared(**settings), root)


def rows(found: Landed) -> list[dict[str, Any]]:
    own = found.raw.drop_columns(RAW_PREFIX)
    return [{k: v for k, v in row.items() if v is not None} for row in own.to_pylist()]


# --- shapes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", SPEC["payloads"], ids=lambda case: case["name"])
def test_payloads_of_known_products(case: dict[str, Any], tmp_path: Path) -> None:
    """Each product's answers become cells under their questions, with the ids and the time of the response."""
    found = landed(tmp_path, json.dumps(case["payload"]), **case.get("settings", {}))
    assert rows(found) == [case["row"]] if isinstance(case["row"], dict) else case["row"]


def test_a_question_nobody_answered_is_a_column(tmp_path: Path) -> None:
    """The form's own list of questions makes the columns, in its order, whatever a payload answers."""
    case = next(case for case in SPEC["payloads"] if case["name"].startswith("Typeform"))
    names = landed(tmp_path, json.dumps(case["payload"])).raw.column_names
    assert names[5:12] == ["event id", "event time", "response id", "Your name", "Phone", "Phone (2)", "Interests"]


def test_an_answer_that_is_all_read_leaves_no_empty_column(tmp_path: Path) -> None:
    """A question and its answer are one column, whatever else the answer holds that is known."""
    fields = [{"id": "a1", "title": "Your name"}]
    answers = [{"type": "text", "text": "Ada", "field": {"id": "a1", "type": "short_text"}}]
    payload = {"event_id": "1", "form_response": {"token": "t", "definition": {"fields": fields}, "answers": answers}}
    names = landed(tmp_path, json.dumps(payload)).raw.column_names
    assert [name for name in names if name.startswith("Your name")] == ["Your name"]


def test_mapped_columns_are_there_before_anyone_answers(tmp_path: Path) -> None:
    """A mapped question that no payload holds is an empty column and a note, and no failure."""
    found = landed(tmp_path, '{"id": "1", "name": "Ada"}', columns={"name": "full_name", "phone": "phone"})
    assert found.raw["phone"].to_pylist() == [None]
    assert any("'phone'" in note for note in found.notes)
    assert checks.columns(found.raw, declared(columns={"name": "full_name", "phone": "phone"})) == []


# --- files ------------------------------------------------------------------------------------------------------

ADA, BO = '{"id": "1", "name": "Ada"}', '{"id": "2", "name": "Bo"}'
PLACED = {
    "one document": ((ADA, BO), [("1.json", 1), ("2.json", 1)]),
    "one a line": ((f"{ADA}\n\n{BO}\n",), [("1.json", 1), ("1.json", 3)]),
    "one after another": ((ADA.replace(" ", "\n") + "\n" + BO,), [("1.json", 1), ("1.json", 5)]),
    "a list": ((f"[\n{ADA},\n {BO}\n]",), [("1.json", 2), ("1.json", 3)]),
    "a list that an export wraps": ((f'{{"total": 2, "items": [{ADA}, {BO}]}}',), [("1.json", 1), ("1.json", 1)]),
    "a byte-order mark": ((b"\xef\xbb\xbf" + ADA.encode(), BO), [("1.json", 1), ("2.json", 1)]),
    "UTF-16": ((ADA.encode("utf-16"), BO), [("1.json", 1), ("2.json", 1)]),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACED)
def test_every_way_of_keeping_payloads(name: str, tmp_path: Path) -> None:
    """One document a file, a list, one after another or one a line: the same records, each with its file and line."""
    files, places = PLACED[name]
    found = landed(tmp_path, *files)
    assert [row["name"] for row in rows(found)] == ["Ada", "Bo"]
    assert [(row["_file"], row["_line"]) for row in found.raw.to_pylist()] == places
    assert not found.rejects.num_rows


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
SOME = st.lists(
    st.dictionaries(NAMES.filter(lambda n: n.strip() and n != "id"), NAMES, max_size=4), min_size=1, max_size=5
)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(SOME, st.sampled_from(["lines", "list", "indented", "one after another"]))
def test_every_payload_comes_back(payloads: list[dict[str, str]], way: str) -> None:
    """Whatever stands in the payloads and however they are kept in a file: each is one record, none twice."""
    numbered = [{"id": f"n{n}", **payload} for n, payload in enumerate(payloads)]
    indent = 2 if way == "indented" else None
    texts = [json.dumps(p, ensure_ascii=n % 2 == 0, indent=indent) for n, p in enumerate(numbered)]
    whole = f"[{','.join(texts)}]" if way == "list" else ("\n" if way != "one after another" else "").join(texts)
    with tempfile.TemporaryDirectory() as folder:
        found = landed(Path(folder), whole)
    assert found.raw["response id"].to_pylist() == [p["id"] for p in numbered]
    assert not found.rejects.num_rows
    for row, payload in zip(rows(found), numbered, strict=True):
        assert sorted(v for k, v in row.items() if k != "response id") == sorted(payload.values())


BROKEN = {
    "a broken line among lines": (f"{ADA}\n{{broken\n{BO}\n", 2, "{broken", "broken in line 2"),
    "a broken document": ('{\n "id": "9",\n "name": }', 1, '{\n "id": "9",\n "name": }', "broken in line 3"),
    "a list cut off": (f"[{ADA},\n{BO},\n", 3, "", "cut off"),
    "nested beyond reason": ('{"a":' * 100_000, 1, '{"a":' * 100_000, "too deeply"),
    "no UTF-8": (b'{"name": "\xe1\xe2"}', 1, '{"name": "\\xe1\\xe2"}', "not UTF-8"),
    "NUL bytes": (b'{"name": "\x00"}', 1, '{"name": "\x00"}', "broken in line 1"),
    "no object": ('["text"]', 1, '"text"', "no payload"),
    "an empty file": ("", 0, "", "empty"),
    "a PDF": (b"%PDF-1.7 \xff\xfe", 0, "%PDF-1.7 \\xff\\xfe", "a PDF document"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_kept_whole_and_the_rest_goes_on(name: str, tmp_path: Path) -> None:
    """A broken payload is a reject with its file, line, text and reason, and is said; the others are read."""
    text, line, content, reason = BROKEN[name]
    found = landed(tmp_path, text, '{"id": "7", "name": "Good"}')
    assert "Good" in [row["name"] for row in rows(found)]
    (reject,) = [row for row in found.rejects.to_pylist() if reason in row["reason"]]
    assert (reject["file"], reject["line"], reject["content"]) == ("1.json", line, content)
    assert reject["remedy"]
    assert any("1.json" in note for note in found.notes)


def test_nothing_but_broken_payloads_stops_the_source(tmp_path: Path) -> None:
    """Where not one payload can be read the source fails, with the first reason and its place."""
    with pytest.raises(SourceFailed, match="broken in line 1") as failure:
        landed(tmp_path, "{nothing")
    assert failure.value.file == "1.json"


def test_a_repeated_key_loses_no_value(tmp_path: Path) -> None:
    """Of a key that stands twice in one object both values are kept, and it is said."""
    found = landed(tmp_path, '{"id": "1", "phone": "a", "phone": "b"}')
    assert rows(found) == [{"response id": "1", "id": "1", "phone": "a", "phone (2)": "b"}]
    assert any("stands twice" in note for note in found.notes)


def test_what_is_around_payloads_is_said(tmp_path: Path) -> None:
    """The count beside an export's list of payloads, the envelope of a relay: left out, and said with its place."""
    found = landed(tmp_path, f'{{"total": 1, "items": [{ADA}]}}', BO)
    assert [note for note in found.notes if "left out (1.json, line 1)" in note]


def test_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    """Zeros after the point, long numbers and half characters come through as text."""
    long = "9" * 5000
    (row,) = rows(landed(tmp_path, f'{{"id": "1", "a": 1.10, "b": {long}, "c": 1e3, "d": "\\ud800"}}'))
    assert (row["a"], row["b"], row["c"], row["d"]) == ("1.10", long, "1e3", "\\ud800")


def test_names_that_differ_in_case_are_one_column_unless_one_payload_has_both(tmp_path: Path) -> None:
    """No value is lost to a spelling, and no column is doubled by one."""
    apart = landed(tmp_path, '{"id": "1", "Email": "a"}', '{"id": "2", "email": "b"}')
    assert [row["Email"] for row in rows(apart)] == ["a", "b"]
    both = landed(tmp_path, '{"id": "1", "Email": "a", "email": "b", "_hash": "c"}', '{"id": "2"}')
    row = both.raw.to_pylist()[0]
    assert (row["Email"], row["email (2)"], row["_hash (2)"]) == ("a", "b", "c")


# --- deliveries -------------------------------------------------------------------------------------------------


def _typeform(event: str, token: str, name: str, at: str) -> str:
    answer = {"type": "text", "text": name, "field": {"id": "f1"}}
    definition = {"fields": [{"id": "f1", "title": "Name"}]}
    response = {"token": token, "submitted_at": at, "definition": definition, "answers": [answer]}
    return json.dumps({"event_id": event, "form_response": response})


def test_a_payload_delivered_twice_is_one_record(tmp_path: Path) -> None:
    """The same delivery again, under whatever file name, is one record; it is said."""
    first = _typeform("e1", "t1", "Ada", "2026-01-01T00:00:00Z")
    found = landed(tmp_path, first, first, _typeform("e2", "t2", "Bo", "2026-01-01T00:00:00Z"))
    assert [row["Name"] for row in rows(found)] == ["Ada", "Bo"]
    assert any("1 payload was delivered twice" in note and "2.json" in note for note in found.notes)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_latest_answer_stands(order: tuple[int, int], tmp_path: Path) -> None:
    """A response that was changed replaces the earlier one, in whatever order the files lie; it is said."""
    earlier = _typeform("e1", "t1", "Ada", "2026-01-01T10:00:00+02:00")
    both = [earlier, _typeform("e2", "t1", "Ada Neri", "2026-01-01T09:00:00Z")]
    found = landed(tmp_path, *(both[n] for n in order))
    assert [row["Name"] for row in rows(found)] == ["Ada Neri"]
    assert any("changed later" in note for note in found.notes)


def test_payloads_without_any_id_are_records_by_their_content(tmp_path: Path) -> None:
    """A payload that names itself by nothing has a key of its content: delivered again it is the same record."""
    found = landed(tmp_path, '{"name": "Ada"}', '{"name": "Bo"}', '{"name": "Ada"}')
    keys = found.raw["response id"].to_pylist()
    assert len(keys) == len(set(keys)) == 2
    assert landed(tmp_path, '{"name": "Ada"}', '{"name": "Bo"}').raw["response id"].to_pylist() == keys


def test_thousands_of_questions_do_not_make_thousands_of_columns(tmp_path: Path) -> None:
    """Beyond a bound the answers stand together as JSON, and none is lost."""
    payload = json.dumps({"id": "1", **{f"q{n}": str(n) for n in range(2500)}})
    (row,) = rows(landed(tmp_path, payload))
    assert len(row) < 2100
    assert json.loads(row["further answers"])["q2499"] == "2499"


def test_ten_thousand_payloads_are_read_in_seconds(tmp_path: Path) -> None:
    """2,000 of the size that form products send take well under two seconds of CPU: 10,000 under ten."""
    payload = SPEC["payloads"][0]["payload"]
    lines = []
    for n in range(2000):
        payload["event_id"], payload["form_response"]["token"] = f"e{n}", f"t{n}"
        lines.append(json.dumps(payload))
    began = time.process_time()
    assert landed(tmp_path, "\n".join(lines)).raw.num_rows == 2000
    assert time.process_time() - began < 2
