"""A customer's records on one page: one wrong among seven is taken out, two customers are parted."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case, Filter
from reports.desk import many
from reports.desk.graph import KEYS, LABELS, LINE, MARKS, NAMES, _short, graph
from reports.desk.parting import chain, decisions
from reports.desk.services import Cluster, Record
from reports.desk.standing import extent
from rules.desk import Desk as Settings
from tests.reports.desk.firm import Opened


def largest(desk: Opened) -> tuple[str, tuple[str, ...]]:
    """The customer with the most records, and these."""
    counted = Counter(row["golden_id"] for row in desk.store.crosswalk().to_pylist() if row["state"] == "active")
    golden_id = max(sorted(counted), key=lambda g: counted[g])
    return golden_id, desk.service.members(golden_id)


def of_kind(desk: Opened, kind: str) -> Case:
    row = desk.store.queue(Filter(kind=kind), 1)[0]
    return Case(row["kind"], row["left"], row["right"])


def ends(row: dict[str, Any]) -> tuple[str, str]:
    return f"{row['left_source']}:{row['left_id']}", f"{row['right_source']}:{row['right_id']}"


def made(desk: Opened) -> list[tuple[str, str, str]]:
    return [(row["kind"], *ends(row)) for row in desk.store.decisions().to_pylist()]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_a_chain_makes_all_one_with_as_few_pairs_as_can_be(size: int) -> None:
    """One pair less than there are records, and nobody is left out."""
    keys = [f"a:{n}" for n in range(size)]
    groups = {key: {key} for key in keys}
    pairs = list(chain(keys))
    for left, right in pairs:
        both = groups[left] | groups[right]
        groups |= dict.fromkeys(both, both)
    assert len(pairs) == size - 1
    assert groups[keys[0]] == set(keys)


def test_answers_as_decisions() -> None:
    """Taken out: apart from each of the rest, which are one. Parted: the others are one as well. Same: all are."""
    rest, marked = ["a:1", "a:2"], ["b:1", "b:2"]
    said = {
        answer: sorted((d["kind"], *ends(d)) for d in decisions(answer, rest, marked))  # type: ignore[arg-type] # a literal each
        for answer in ("take_out", "split", "same")
    }
    apart = sorted(("split", b, a) for a in rest for b in marked)
    assert said["take_out"] == [("same", "a:1", "a:2"), *apart]
    assert said["split"] == [("same", "a:1", "a:2"), ("same", "b:1", "b:2"), *apart]
    assert [kind for kind, *_ in said["same"]] == ["same"] * 3
    many = decisions("split", [f"a:{n}" for n in range(60)], ["b:1", "b:2"])
    assert [ends(d) for d in many if d["kind"] == "split"] == [("b:1", "a:0"), ("b:2", "a:0")]


def test_one_is_taken_out_by_one_act_and_comes_back_by_one_undo(desk: Opened) -> None:
    """The page shows every record and link; one wrong record is out by one act, shown at once, and undone as one."""
    client, (golden_id, keys) = desk.client(), largest(desk)
    page = client.get(f"/clusters/{golden_id}").text
    assert all(f'data-member="{key}"' in page for key in keys)
    assert page.count("<line ") == len(keys) * (len(keys) - 1) // 2
    assert all(word in page for word in ("Weakest link", "Cut first"))
    lines = many.lines(desk.service.cluster([golden_id]).records)
    assert ("<mark" in page) is any(cell.lit for line in lines for cell in line.cells)
    wrong, rest = keys[0], keys[1:]
    records = re.findall(r'name="records" value="(\w+)"', page)[0]
    told = {"answer": "take_out", "marked": wrong, "seen": 0, "reason": "another person", "records": records}
    late = client.post(f"/clusters/{golden_id}/decide", data={**told, "records": "of others"})
    assert (late.status_code, desk.store.acts()) == (409, []), "a re-run put another record among them meanwhile"
    answer = client.post(f"/clusters/{golden_id}/decide", data=told)
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, f"/clusters/{golden_id}")
    (act,) = desk.store.acts()
    assert (act["action"], act["user"], act["text"]) == ("take_out", "stella", "another person")
    assert {m[1:] for m in made(desk) if m[0] == "split"} == {(wrong, key) for key in rest}
    assert sum(m[0] == "same" for m in made(desk)) == len(rest) - 1
    page = client.get(f"/clusters/{golden_id}").text
    assert f"{wrong} out: it is not the customer of" in page
    assert "Publish now" in page
    assert "is not the customer" in desk.client("vera").get(f"/clusters/{golden_id}").text
    undone = client.post(f"/acts/{act['seq']}/undo", data={"back": f"/clusters/{golden_id}"})
    assert undone.headers["location"] == f"/clusters/{golden_id}"
    assert made(desk) == []
    assert "is not the customer" not in client.get(f"/clusters/{golden_id}").text


def test_what_cannot_be_decided_is_refused_in_words(desk: Opened) -> None:
    """Nobody marked, everybody marked, marks with `all are one`, a record or a case of others, a viewer."""
    client, (golden_id, keys) = desk.client(), largest(desk)
    for answer, marked, status in (
        ("take_out", [], 422), ("split", list(keys), 422), ("same", [keys[0]], 422), ("take_out", ["sales:0"], 409),
    ):  # fmt: skip
        told = {"answer": answer, "marked": marked, "seen": 0}
        assert client.post(f"/clusters/{golden_id}/decide", data=told).status_code == status, answer
    told = {"answer": "take_out", "marked": keys[:1], "seen": 0}
    other = next(
        Case(r["kind"], r["left"], r["right"]) for r in desk.store.queue(Filter(), 99) if r["left"] not in keys
    )
    asked = {"case": other.kind, "left": other.left, "right": other.right}
    assert client_post(desk, "stella", golden_id, told, asked) == 409
    assert desk.client("vera").post(f"/clusters/{golden_id}/decide", data=told).status_code == 403
    assert made(desk) == []


def test_a_case_of_the_queue_is_closed_and_two_people_conflict(desk: Opened) -> None:
    """Answered from its case, the case leaves the queue; who decides on one of these records after that is told."""
    case = of_kind(desk, "cluster")
    golden_id = desk.store.homes_of([case.left])[case.left]["golden_id"]
    asked = {"case": case.kind, "left": case.left, "right": case.right, "rest": "kind=cluster"}
    seen = desk.store.last_decision()
    told = {"answer": "take_out", "marked": case.left, "seen": seen}
    assert client_post(desk, "stella", golden_id, told, asked) == 303
    assert not desk.store.is_open(case)
    assert "The next case" in desk.client().get(f"/clusters/{golden_id}", params=asked).text
    late = {"answer": "same", "seen": seen}
    answer = desk.client("stavros").post(f"/clusters/{golden_id}/decide", params=asked, data=late)
    assert answer.status_code == 409
    assert "stella decided this case" in answer.text
    assert all(d["user"] == "stella" for d in desk.store.decisions().to_pylist())


def client_post(desk: Opened, name: str, golden_id: str, told: dict[str, Any], asked: dict[str, str]) -> int:
    return desk.client(name).post(f"/clusters/{golden_id}/decide", params=asked, data=told).status_code


def test_a_customer_of_much_business_takes_two_people(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer decides nothing; the same marks by a colleague do. Past its case only a lead parts it."""
    case = of_kind(desk, "cluster")
    golden_id = desk.store.homes_of([case.left])[case.left]["golden_id"]
    settings = replace_settings(desk.service.settings)
    monkeypatch.setattr(type(desk.service), "settings", property(lambda _: settings))
    told = {"answer": "take_out", "marked": case.left, "seen": 0}
    asked = {"case": case.kind, "left": case.left, "right": case.right}
    assert client_post(desk, "stella", golden_id, told, {}) == 403
    assert client_post(desk, "stella", golden_id, told, asked) == 303
    assert made(desk) == []
    assert client_post(desk, "stavros", golden_id, told, asked) == 303
    assert ("split", case.left) in {m[:2] for m in made(desk)}


def replace_settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"second_reader_above": 0.0})


def test_two_customers_of_a_pair_stand_on_one_page(desk: Opened) -> None:
    """From a pair of two customers: the records of both, those of the second marked; that they are two is the answer
    that is offered first, and `all are one` joins them.
    """
    pairs = [Case(r["kind"], r["left"], r["right"]) for r in desk.store.queue(Filter(kind="pair"), 100)]
    homes = {case: [h["golden_id"] for h in desk.store.homes_of(case[1:]).values()] for case in pairs}
    case, (one, other) = next((c, ids) for c, ids in homes.items() if len(set(ids)) == 2)
    asked = {"other": other, "case": case.kind, "left": case.left, "right": case.right}
    client = desk.client()
    page = client.get(f"/clusters/{one}", params=asked).text
    for key in desk.service.members(other):
        assert f'value="{key}" checked' in page
    assert re.findall(r'name="answer" value="(\w+)" class="gold"', page) == ["split"]
    assert re.findall(r'name="answer" value="(\w+)" class="gold"', client.get(f"/clusters/{one}").text) in (
        ["take_out"],
        [],
    )
    told = {"answer": "same", "seen": 0, "marked": list(desk.service.members(other))}
    answer = client.post(f"/clusters/{one}/decide", params=asked, data=told)
    assert answer.status_code == 303
    assert not desk.store.is_open(case)
    assert desk.store.acts()[0]["action"] == "answer"


@pytest.mark.parametrize("size", [2, 3, 7, 16])
def test_names_in_the_drawing_do_not_overlap(size: int) -> None:
    """Beside each record stands its name, its key under it: two columns, inside the drawing, none over another."""
    records = tuple(
        Record(f"crm:{n:030}", "crm", f"{n:030}", "G1", "active", {"name": (f"Annabella Featherstonehaugh {n}",)}, {})
        for n in range(size)
    )
    links = tuple((a.key, b.key, 5.0) for a, b in pairwise(records))
    drawn = graph(Cluster(("G1",), records, links))
    assert drawn is not None
    assert drawn.names
    for side in ("start", "end"):
        places = sorted(node.label_y for node in drawn.nodes if node.anchor == side)
        assert all(low - high >= LINE for high, low in pairwise(places))
        assert all(LINE / 2 <= place <= drawn.height - LINE / 2 for place in places)
    for node in drawn.nodes:
        whole = next(record.name for record in records if record.key == node.key)
        assert node.full == whole
        assert node.name.endswith("…")
        assert whole.startswith(node.name[:-1])
        assert 15 < len(node.name) < (drawn.width / 2 - LABELS) / NAMES
        assert "…" not in _short("Anna Rossi") + _short("crm:1042", KEYS)


def test_marks_in_the_drawing_cover_no_record(desk: Opened) -> None:
    """The words at the weakest link and at the one to be cut first stand beside the records, not over them."""
    counted = Counter(row["golden_id"] for row in desk.store.crosswalk().to_pylist() if row["state"] == "active")
    drawn = [graph(desk.service.cluster([one])) for one, many in counted.most_common(12) if many > 2]
    marked = [(edge, found) for found in drawn if found for edge in found.edges if edge.marked]
    assert marked
    for edge, found in marked:
        wide = (1 if edge.anchor == "start" else -1) * (9 + MARKS * len(edge.word))
        covered = sorted((edge.mark[0], edge.mark[0] + wide))
        for node in found.nodes:
            assert not (covered[0] - 14 < node.x < covered[1] + 14 and abs(node.y - edge.mark[1]) < 14), (edge, node)


def test_a_tax_id_is_the_same_with_its_country() -> None:
    """EL804208768 and 804208768 are one number: none is marked beside the other."""
    said = ("EL804208768", "804208768", "EL 804 208 768")
    records = [Record(f"crm:{n}", "crm", f"{n}", "G1", "active", {"tax_id": (one,)}, {}) for n, one in enumerate(said)]
    assert [line.agrees for line in many.lines(records)] == [True]


def test_a_value_alone_waits_as_well(desk: Opened) -> None:
    """It is said to wait, with the button, until the golden table has it; no pair is said to be decided by it."""
    client, (golden_id, keys) = desk.client(), largest(desk)
    told = {"field": "city", "value": "Thessaloniki", "record": keys[0]}
    assert client.post(f"/golden/value?id={golden_id}", data=told).status_code == 303
    page = client.get(f"/clusters/{golden_id}").text
    assert "set the city of" in page
    assert "“Thessaloniki”" in page
    assert "Publish now" in page
    assert "says so already" not in page
    assert "The rest is open" not in page
    assert "As they stand" in page


def test_the_page_shows_what_they_say_first_and_looks_decided_once_it_is(desk: Opened) -> None:
    """Values before the drawing. Afterwards: what was decided, by whom, from when on it holds, the way back and what
    comes next; the answers are quiet. What the golden table says already is not said to wait.
    """
    case = of_kind(desk, "cluster")
    golden_id = desk.store.homes_of([case.left])[case.left]["golden_id"]
    asked, client = {**case.asked(), "rest": "kind=cluster"}, desk.client()
    page = client.get(f"/clusters/{golden_id}", params=asked).text
    assert page.index('id="values"') < page.index('id="who"') < page.index('id="evidence"')
    assert 'class="verdict"' not in page
    told = {"answer": "take_out", "marked": case.left, "seen": 0}
    assert client_post(desk, "stella", golden_id, told, asked) == 303
    page = client.get(f"/clusters/{golden_id}", params=asked).text
    verdict = page.split('class="verdict"')[1].split("</section>")[0]
    said = ("<b>You</b>", "took", "in the golden table with the next run", "Undo", "Publish now", "(1\xa0decision)")
    assert [word for word in said if word not in verdict] == []
    assert 'href="/decide?kind=cluster" data-key="Enter"' in verdict
    assert '<h1 tabindex="-1" autofocus>This is decided</h1>' in page
    assert len(re.findall(r'name="answer" [^>]*class="quiet"', page)) == 3
    pair = of_kind(desk, "pair")
    one, other = (desk.store.homes_of([key])[key]["golden_id"] for key in pair[1:])
    if one != other:
        told = {"answer": "split", "marked": list(desk.service.members(other)), "seen": 0}
        assert client_post(desk, "stella", one, told, {"other": other}) == 303
        assert "The golden table says so already" in client.get(f"/clusters/{one}", params={"other": other}).text


def test_what_is_decided_of_many_pairs_is_counted(desk: Opened) -> None:
    """One pair of many decided: so it is said, and the page asks still; `all are one` decides the rest."""
    client, (golden_id, keys) = desk.client(), largest(desk)
    many = len(keys) * (len(keys) - 1) // 2
    desk.store.act(Act("stella", "answer", None, (wanted("same", *keys[:2]),), answer="same"))
    page = client.get(f"/clusters/{golden_id}").text.replace("\xa0", " ")
    assert f"<b>1</b> of {many} pairs is decided. The rest is open." in page
    assert "This is decided" not in page
    assert 'class="verdict"' not in page
    assert not re.findall(r'name="answer" [^>]*class="quiet"', page)
    assert client_post(desk, "stella", golden_id, {"answer": "same", "seen": desk.store.last_decision()}, {}) == 303
    page = client.get(f"/clusters/{golden_id}").text
    assert "This is decided" in page
    assert "The rest is open" not in page


@pytest.mark.parametrize(
    ("said", "waiting", "found"),
    [
        ([("same", "a:1", "a:2")], [], (1, False)),
        ([("same", "a:1", "a:2"), ("same", "a:2", "a:3"), ("split", "a:4", "a:1")], [("a:4", "a:3")], (6, True)),
        ([("split", "a:1", "a:3"), ("split", "a:2", "a:3"), ("same", "a:3", "a:4")], [("a:1", "a:2")], (5, False)),
        ([("split", "a:1", "a:3"), ("split", "a:2", "a:3"), ("same", "a:3", "a:4")], [("a:1", "b:7")], (5, True)),
    ],
)
def test_how_much_is_decided(
    desk: Opened, said: list[tuple[str, str, str]], waiting: list[tuple[str, str]], found: tuple[int, bool]
) -> None:
    """What follows counts; an open case between the records that nothing answers keeps it open, one elsewhere not."""
    for kind, left, right in said:
        desk.store.decide(kind, left, right, user="stella")
    told = extent(desk.service, [f"a:{n}" for n in range(1, 5)], waiting)
    assert (told.done, told.of, told.whole) == (found[0], 6, found[1])


@pytest.mark.browser
def test_parting_by_keys_and_by_dragging(desk: Opened, window: Callable[..., Any]) -> None:
    """Numbers mark, the golden records to be follow, a record is dragged over, P parts, U takes it back."""
    golden_id, keys = largest(desk)
    page = window()
    page.goto(f"/clusters/{golden_id}")
    page.wait_for_selector("[data-part=rest] .golden")
    assert page.locator("[data-needs]").first.is_disabled()
    page.keyboard.press("2")
    page.wait_for_selector("[data-part=marked] .golden")
    assert page.locator("[data-part=marked] .golden small").first.inner_text().startswith("1\u00a0record")
    assert page.locator(".node.marked").get_attribute("data-node") == keys[1]
    page.locator(f'[data-member="{keys[0]}"]').drag_to(page.locator("[data-group=marked]"))
    assert page.locator("[data-group=marked] [data-member]").count() == 2
    page.locator("[data-part=marked] .golden header small", has_text="2\u00a0records").wait_for()
    with page.expect_navigation():
        page.keyboard.press("p")
    assert "one customer, apart from that of" in page.locator(".pending").inner_text()
    assert {m[1:] for m in made(desk) if m[0] == "split"} == {(a, b) for a in keys[:2] for b in keys[2:]}
    with page.expect_navigation():
        page.keyboard.press("u")
    assert page.locator(".pending").count() == 0
    assert made(desk) == []
