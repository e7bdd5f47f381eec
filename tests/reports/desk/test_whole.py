"""“Same” of two customers with other records: what speaks against it among these, and one key for all of them."""

from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case, Filter
from reports.desk.answering import of_records
from reports.desk.beside import Two, against, beside
from reports.desk.services import Record
from reports.desk.view import in_short
from rules.record_key import key_of
from tests.pipelines import judged
from tests.reports.desk.firm import Opened
from tests.reports.desk.test_rerun import over


def of_two(desk: Opened) -> tuple[Case, tuple[str, ...], tuple[str, ...]]:
    """A case of two customers who have other records, and the records of either."""
    for row in desk.store.queue(Filter(kind="pair"), 100):
        homes = desk.store.homes_of([row["left"], row["right"]])
        one, other = (desk.service.members(homes[row[side]]["golden_id"]) for side in ("left", "right"))
        if one != other and len(one) + len(other) > 2:
            return Case.of(row), one, other
    pytest.fail("the firm has no such case")


def look(desk: Opened, case: Case, name: str = "stella", **more: str) -> str:
    return desk.client(name).get(f"/case?{urlencode({**case.asked(), **more})}").text


def answer(desk: Opened, case: Case, said: str, name: str = "stella", **more: str) -> Any:
    told = {**case.asked(), "answer": said, "seen": desk.store.last_decision(), "run": desk.store.last_published()}
    return desk.client(name).post("/case/answer", data=told | more, headers={"accept": "application/json"})


def joined(desk: Opened) -> list[set[str]]:
    """Groups of records that decisions make one."""
    groups: dict[str, set[str]] = {}
    for row in desk.store.decisions().to_pylist():
        if row["kind"] == "same":
            pair = {f"{row[f'{side}_source']}:{row[f'{side}_id']}" for side in ("left", "right")}
            both = pair.union(*(groups.get(key, set()) for key in pair))
            groups |= dict.fromkeys(both, both)
    return [set(group) for group in {frozenset(group) for group in groups.values()}]


def test_a_makes_two_customers_one_by_one_act(desk: Opened) -> None:
    """The page says what S and what A do; A joins all records of both, under the case, and is undone as one act. Where
    whose the two are is hidden, or a run was published meanwhile, it is not to be had.
    """
    case, one, other = of_two(desk)
    many = len(one) + len(other)
    page = look(desk, case)
    assert f"Same, all {many}" in page
    assert f"makes all {many} one customer" in page
    assert answer(desk, case, "all", run="another").status_code == 409
    made = answer(desk, case, "all")
    assert made.status_code == 200
    assert joined(desk) == [{*one, *other}]
    assert not desk.store.is_open(case)
    (act,) = desk.store.acts()
    assert (act["answer"], act["action"], act["decisions"]) == (of_records("all", [*one, *other]), "answer", many - 1)
    assert "are one customer with all their records" in desk.client().get("/history").text
    assert desk.client().post(f"/acts/{act['seq']}/undo", headers={"accept": "application/json"}).json()["said"] == ""
    assert desk.store.decisions().num_rows == 0
    assert desk.store.is_open(case)
    desk.set(known_share=0.1)
    assert 'value="all"' not in look(desk, case)
    desk.set(blind=True)
    assert 'value="all"' not in look(desk, case)


def test_the_page_of_all_records_gives_the_same_answer(desk: Opened) -> None:
    """`All are one` there and A here make the same decisions, so that two readers may use either."""
    case, one, other = of_two(desk)
    desk.set(second_reader_above=0)
    ids = [desk.store.homes_of([key])[key]["golden_id"] for key in case[1:]]
    assert answer(desk, case, "all").status_code == 200
    assert desk.store.decisions().num_rows == 0
    assert "You answered that they are one customer with all their records" in look(desk, case)
    told = {"answer": "same", "seen": 0, "marked": list(other)}
    asked = {"other": ids[1], **case.asked()}
    client = desk.client("stavros")
    assert client.post(f"/clusters/{ids[0]}/decide", params=asked, data=told).status_code == 303
    assert joined(desk) == [{*one, *other}]


def test_what_two_readers_both_said_is_decided(desk: Opened) -> None:
    """One says it of the two, the other of all records: that the two are one is decided, of the others nothing, and
    the second reader is told. A lead sees two answers in words.
    """
    case, _, _ = of_two(desk)
    desk.set(second_reader_above=0)
    assert answer(desk, case, "same").status_code == 200
    said = answer(desk, case, "all", "stavros").json()["said"]
    assert "stella said it of these two only" in said
    assert joined(desk) == [{case.left, case.right}]
    desk.store.undo_act(desk.store.acts(action="answer")[0]["seq"], "stavros")
    assert answer(desk, case, "different", "stavros").status_code == 200
    assert "said that they <b>are two customers</b>" in look(desk, case, "lena")


def test_a_second_reader_decides_on_what_the_first_one_saw(desk: Opened) -> None:
    """Nobody else is decided on with a case; and where a customer has other records by then, that is another answer."""
    case, one, other = of_two(desk)
    desk.set(second_reader_above=0)
    assert answer(desk, case, "all").status_code == 200
    home = desk.store.homes_of([case.left])[case.left]["golden_id"]
    mine = {*one, *other}
    stranger = next(r["golden_id"] for r in desk.store.crosswalk().to_pylist() if key_of(r) not in mine)
    query = urlencode({**case.asked(), "other": stranger})
    told = {"answer": "same", "seen": desk.store.last_decision()}
    assert desk.client("stavros").post(f"/clusters/{home}/decide?{query}", data=told).status_code == 409
    assert joined(desk) == []
    assert of_records("all", one) != of_records("all", [*one, *other])
    act = Act("stavros", "answer", case, [wanted("same", case.left, case.right)], answer=of_records("all", one))
    assert desk.store.read(act, desk.store.last_decision())[1] == "disagreed"
    assert joined(desk) == []


def test_what_keeps_the_others_apart_is_said_before_one_answers(desk: Opened) -> None:
    """A decision between other records of the two stands on the case, with who made it; A is not offered then, and
    where it is sent all the same, it is refused with the chain of decisions.
    """
    case, one, other = of_two(desk)
    far = next(key for key in (*one, *other) if key not in case)
    near = case.right if far in one else case.left
    assert "lena decided on" not in look(desk, case)
    desk.store.decide("different", far, near, user="lena", reason="rang both of them")
    page = look(desk, case)
    told = page.split('class="contrary"')[1].split("</p>")[0]
    assert all(word in told for word in ("lena decided on", "rang both of them", "are two customers", "/clusters/"))
    assert 'value="all"' not in page
    refused = answer(desk, case, "all")
    assert refused.status_code == 409
    assert "rang both of them" in desk.client().get(refused.json()["look"]).text.split('class="chain"')[1]
    assert answer(desk, case, "same").status_code == 200, "of these two alone nobody said otherwise"


class Told:
    """Records as a person sees them; nobody decided anything."""

    masks = False

    def __init__(self, *records: Record) -> None:
        self.known = {record.key: record for record in records}
        self.desk = self
        self.store = self

    def records(self, keys: list[str]) -> dict[str, Record]:
        return {key: self.known[key] for key in keys}

    def names(self, keys: list[str]) -> dict[str, str]:
        return {key: self.known[key].name for key in keys}

    def decided_on(self, _: list[str]) -> list[dict[str, Any]]:
        return []

    def outside(self, _: list[str]) -> set[str]:
        return set()


def record(key: str, birth: str = "", tax: tuple[str, str] | None = None, doubt: str = "") -> Record:
    source, _, number = key.partition(":")
    fields = (
        {"name": ("Ann Lee",)} | ({"birth_date": (birth,)} if birth else {}) | ({"tax_id": (tax[1],)} if tax else {})
    )
    return Record(key, source, number, "G1", "active", fields, {"birth_date": (doubt,)} if doubt else {}, tax=tax)


@pytest.mark.parametrize(
    ("third", "fourth", "found"),
    [
        ({"birth": "1980-02-03"}, {"birth": "1981-02-03"},
         [Two("birth_date", ("a:2", "1980-02-03"), ("b:2", "1981-02-03"))]),
        ({"birth": "1980-02-03"}, {"birth": "1981"}, []),
        ({"birth": "1980-02-03"}, {"birth": "1980-03-02", "doubt": "ambiguous: day or month"}, []),
        ({"tax": ("it.codicefiscale", "A")}, {"tax": ("it.codicefiscale", "B")},
         [Two("tax_id", ("a:2", "A"), ("b:2", "B"))]),
        ({"tax": ("it.codicefiscale", "A")}, {"tax": ("gr.vat", "B")}, []),
        ({}, {"birth": "1981-02-03"}, []),
    ],
)  # fmt: skip
def test_contrary_facts_among_the_others_are_found(
    third: dict[str, Any], fourth: dict[str, Any], found: list[Two]
) -> None:
    """Two birth dates or two tax ids of one kind, known whole and without doubt; not what the two of the case say."""
    of = Told(record("a:1"), record("a:2", **third), record("b:1"), record("b:2", **fourth))
    told = beside(of, Case("pair", "a:1", "b:1"), (("a:1", "a:2"), ("b:1", "b:2")))  # type: ignore[arg-type] # what it asks of Seen
    assert told is not None
    assert ([*told.facts], told.records, told.names) == (found, 4, ())
    case = Told(record("a:1", "1970-01-01"), record("a:2"), record("b:1", "1971-01-01"))
    told = beside(case, Case("pair", "a:1", "b:1"), (("a:1", "a:2"), ("b:1",)))  # type: ignore[arg-type] # the same
    assert told is not None
    assert told.facts == ()


def test_what_is_said_where_known_cases_are_mixed_in_is_said_of_both_kinds() -> None:
    """Against either record of a case, be the two of two customers, as of a case, or of one, as of a known pair;
    whose record it is that says so is not told by it.
    """
    of = Told(record("a:1", "1970-01-01"), record("a:2"), record("b:1"), record("b:2", "1971-01-01"))
    case, found = Case("pair", "a:1", "b:1"), (Two("birth_date", ("a:1", "1970-01-01"), ("b:2", "1971-01-01")),)
    one = ("a:1", "a:2", "b:1", "b:2")
    assert against(of, case, (one[:2], one[2:])) == found  # type: ignore[arg-type] # what it asks of Seen
    assert against(of, case, (one, one)) == found  # type: ignore[arg-type] # the same
    assert against(of, case, ((), ())) == ()  # type: ignore[arg-type] # the same


def test_after_a_all_records_are_one_customer_in_the_golden_table(desk: Opened) -> None:
    """Also a record that no evidence holds, and that only a decision joined which is taken back: whatever S would leave
    behind. What was taken back after it was published says so, until a re-run, with the button for one.
    """
    case, one, other = of_two(desk)
    stray = next(r["left"] for r in desk.store.queue(Filter(), 200) if r["left"] not in {*one, *other})
    told = desk.service.evidence([(case.left, stray)]).get((case.left, stray))
    assert told is None or told.probability < 0.5
    golden_id = desk.store.homes_of([case.left])[case.left]["golden_id"]
    every, client = {*one, *other, stray}, desk.client()

    def rerun() -> set[str]:
        desk.service.rerun([golden_id], "stella")
        assert over(desk).state == "published"
        return {home["golden_id"] for home in desk.store.homes_of(sorted(every)).values()}

    with judged.once():
        number = desk.store.decide("same", case.left, stray, user="stella", time="2026-01-02T10:00:00+00:00")
        assert len(rerun()) == 2
        undone = client.post(f"/decisions/{number}/undo", headers={"accept": "application/json"}).json()
        assert "It was published" in undone["said"]
        assert desk.store.decided_since() == 1
        assert undone["look"].startswith("/rerun?id=G")
        page = client.get("/history").text
        assert "follow with the next run" in page
        assert 'action="/rerun?id=G' in page
        assert "This was taken back" in client.get(f"/clusters/{golden_id}").text
        assert answer(desk, case, "all").status_code == 200
        assert len(rerun()) == 1
        assert "follow with the next run" not in client.get("/history").text


def test_contrary_facts_name_whose_they_are(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that stands on the page is told by its side, another one by whose it is; A is asked for twice then."""
    case, one, other = of_two(desk)
    monkeypatch.setattr("reports.desk.beside._facts", lambda *_: ())
    assert "data-sure" not in look(desk, case)
    far = next(key for key in (*one, *other) if key not in case)
    mine, side = (case.left, "left") if far in other else (case.right, "right")
    told = (mine, "GB1"), (far, "GB2")
    two = Two("tax_id", *(told if side == "left" else told[::-1]))
    monkeypatch.setattr("reports.desk.beside._facts", lambda *_: (two,))
    page = look(desk, case)
    assert f"the record on the {side} says <bdi>GB1</bdi>" in page
    assert f"one’s customer says <bdi>GB2</bdi> ({far})" in page
    assert f'data-sure="Really all {len(one) + len(other)}?"' in page


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ("Grace Johnson", "Amelia Johnson", "Grace / Amelia Johnson"),
        ("Ann  Lee", "Ann Lee", "Ann Lee"),
        ("Johnson", "Amelia Johnson", "Johnson / Amelia Johnson"),
        ("Ann Lee", "Bo Ree", "Ann Lee / Bo Ree"),
    ],
)
def test_two_names_in_few_words(left: str, right: str, said: str) -> None:
    """What both share is said once, and a name never vanishes."""
    assert in_short(left, right) == said
