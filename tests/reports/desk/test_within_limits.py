"""Whose limits end at a country sees and settles nothing beyond it, as a steward or as a lead; viewers read no free
text, which may say what is masked.
"""

import json
import re
from dataclasses import replace
from urllib.parse import quote

import pytest

from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.audit import Noted
from connectors.store.desk.batches import NewBatch
from connectors.store.desk.filter import Case, Filter
from reports.desk.services import Rerun
from tests.reports.desk.firm import Opened
from tests.reports.desk.test_packs import back, sent

NONE = '{"departments": ["nobody\'s"]}'
A_QUOTE = re.compile(r"""(['"])(.+)\1""")


def limited(desk: Opened, who: str) -> tuple[list[Case], list[Case]]:
    """Limit somebody to a country: -> the cases of it alone, and those without it."""
    rows = desk.store.queue(Filter(), 500)
    countries = {Case(r["kind"], r["left"], r["right"]): (r["countries"] or "").strip("|").split("|") for r in rows}
    name = next(one for (one, *more) in countries.values() if not more and list(countries.values()).count([one]) > 1)
    desk.store.change_user(who, limits=json.dumps({"countries": [name]}))
    mine = [case for case, of in countries.items() if of == [name]]
    return mine, [case for case, of in countries.items() if name not in of]


def answered(desk: Opened, case: Case, kind: str = "same") -> int:
    row = wanted(kind, case.left, case.right)
    return desk.store.act(Act("stella", "answer", case, (row,), answer=kind, purpose="queue"))


def form(case: Case, **more: str) -> dict[str, str]:
    return {"case": case.kind, "left": case.left, "right": case.right, **more}


def test_a_batch_is_for_those_whose_limits_hold_it(desk: Opened) -> None:
    """Of a batch with one case that is not theirs, a lead sees no page and no words, and ends nothing; its maker sees
    it, and a lead one that is all theirs.
    """
    mine, others = limited(desk, "lena")
    beyond = desk.store.make_batch(NewBatch("stella", "text=secret", "same", 0.9, 2), [mine[0], others[0]])
    inside = desk.store.make_batch(NewBatch("stella", "", "same", 0.9, 2), mine[:2])
    lead = desk.client("lena")
    listed = lead.get("/batches").text
    assert f'href="/batches/{inside}"' in listed
    assert f'href="/batches/{beyond}"' not in listed
    assert "secret" not in listed
    assert lead.get(f"/batches/{inside}").status_code == 200
    for path in ("", "/decide"):
        assert lead.get(f"/batches/{beyond}{path}").status_code == 404, path
    for path in ("/accept", "/more", "/give-up"):
        assert lead.post(f"/batches/{beyond}{path}").status_code == 404, path
    assert desk.client("stavros").get(f"/batches/{beyond}").status_code == 200
    desk.store.change_user("stella", limits=NONE)
    assert desk.client("stella").get(f"/batches/{beyond}").status_code == 200


@pytest.mark.parametrize("path", ["answer", "skip"])
def test_a_sample_takes_only_cases_of_ones_own_while_it_is_sampled(desk: Opened, path: str) -> None:
    """Neither a case outside one's limits nor one of a batch that was given up is answered or laid aside in it."""
    mine, others = limited(desk, "stella")
    number = desk.store.make_batch(NewBatch("stella", "", "same", 0.9, 2), [mine[0], others[0]])
    client, more = desk.client("stella"), {"answer": "same", "seen": str(desk.store.last_decision())}
    assert client.post(f"/batches/{number}/{path}", data=form(others[0], **more)).status_code == 404
    desk.store.change_batch(number, state="given up")
    assert client.post(f"/batches/{number}/{path}", data=form(mine[0], **more)).status_code == 409
    assert desk.store.acts() == []


def test_a_pack_is_for_those_whose_limits_hold_it(desk: Opened) -> None:
    """It holds the customers' data: also who made it gets it no more once limited, and says nothing of its cases."""
    _, others = limited(desk, "lena")
    number = desk.store.make_pack("stella", "text=secret", others[:2])
    assert desk.client("lena").get(f"/packs/{number}.xlsx").status_code == 404
    assert "secret" not in desk.client("lena").get("/packs").text
    book = sent(desk.client("stella"), 2)
    desk.store.change_user("stella", limits=NONE)
    assert desk.client("stella").get(f"/packs/{number}.xlsx").status_code == 404
    book["Cases"]["C2"] = "I know them"
    assert back(desk.client("stella"), book).status_code == 200
    assert desk.store.acts(action="comment") == []
    assert back(desk.client("stavros"), book).status_code == 200
    assert len(desk.store.acts(action="comment")) == 1


def test_an_import_tells_nothing_of_cases_outside_ones_limits(desk: Opened) -> None:
    """Neither who decided them nor how, though the file has an answer to them; of one's own it is told."""
    mine, others = limited(desk, "lena")
    of = desk.store.cases_of(Filter(), "stella", 500)
    book = sent(desk.client("stella"), 500)
    for case in (mine[0], others[0]):
        desk.store.decide("same", case.left, case.right, user="stavros")
        book["Cases"].cell(2 + 2 * of.index(case), 2).value = "different"
    page = back(desk.client("lena"), book).text.replace("\xa0", " ")
    assert page.count("by stavros on") == 1
    assert f"Cases, row {2 + 2 * of.index(mine[0])}<" in page
    told = f"Cases, row {2 + 2 * of.index(others[0])}</td><td>This case is not in the queue any more, or not in"
    assert f"Customers that are not among yours</th><td>{told}" in page
    assert back(desk.client("ada"), book).text.count("by stavros on") == 2


def test_a_lead_takes_back_only_what_was_done_within_their_limits(desk: Opened) -> None:
    """Of others, not an answer, an undoing, a batch, a decision of the command line or rows of the quarantine."""
    mine, others = limited(desk, "lena")
    inside, beyond = answered(desk, mine[0]), answered(desk, others[0])
    undone = desk.store.undo_act(answered(desk, others[1]), "stella")
    batch = desk.store.make_batch(NewBatch("stella", "", "same", 0.9, 0), others[2:4])
    desk.store.decide("different", others[4].left, others[4].right, user="stella")
    held = [(row["source"], row["record_id"]) for row in desk.store.quarantine_items().to_pylist()]
    number = desk.store.last_decision()
    of = [beyond, undone, desk.store.accept_batch(batch, "stella")]
    of += [desk.store.give_back(keys, "stella") for keys in (held[:1], held)]
    client = desk.client("lena")
    for path in (*(f"acts/{n}" for n in of), f"decisions/{number}"):
        answer = client.post(f"/{path}/undo")
        assert answer.status_code == 403, path
        assert "not among yours" in answer.text
    assert client.post(f"/acts/{inside}/undo").status_code == 303
    for path in (*(f"acts/{n}" for n in of), f"decisions/{number}"):
        assert desk.client("ada").post(f"/{path}/undo").status_code == 303, path


def test_who_was_limited_since_settles_no_more_beyond_it(desk: Opened) -> None:
    """Their own batch is accepted by others, and their own acts stand where no record of these is theirs by now."""
    mine, others = limited(desk, "stella")
    inside, beyond = answered(desk, mine[0]), answered(desk, others[0])
    desk.store.decide("different", others[1].left, others[1].right, user="stella")
    alone = desk.store.last_decision()
    batch = desk.store.make_batch(NewBatch("stella", "", "same", 0.9, 0), others[2:4])
    client = desk.client("stella")
    refused = client.post(f"/batches/{batch}/accept")
    assert refused.status_code == 403
    assert "not among yours any more" in refused.text
    for path in (f"acts/{beyond}", f"decisions/{alone}"):
        assert client.post(f"/{path}/undo").status_code == 403, path
    assert client.post(f"/acts/{inside}/undo").status_code == 303
    assert len(desk.store.acts(action="batch")) == 0


def test_a_foreign_record_has_no_history(desk: Opened) -> None:
    """Who decided what on a record is told only to whom it is shown; of none at all, the same is said."""
    mine, others = limited(desk, "stella")
    answered(desk, others[0])
    for key, status in ((others[0].left, 404), ("crm:nobody", 404), (mine[0].left, 200)):
        assert desk.client("stella").get("/history", params={"record": key}).status_code == status, key
    assert desk.client("lena").get("/history", params={"record": others[0].left}).status_code == 200


def test_a_rerun_tells_nothing_of_foreign_customers(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by a foreign id nor by what became of customers; of those one asked for oneself it is told."""
    mine, others = limited(desk, "stella")
    ids = [desk.store.homes_of([case.left])[case.left]["golden_id"] for case in (mine[0], others[0])]
    last = Rerun("lena", "2026-01-01T00:00:00", tuple(ids), "published", "Published", 1.0, ((ids[0], 2), (ids[1], 3)))
    monkeypatch.setattr(desk.service, "rerunning", lambda: last)
    client = desk.client("stella")
    assert client.get(f"/rerun?id={ids[1]}").status_code == 404
    page = client.get(f"/rerun?id={ids[0]}").text
    assert f"/customers/{ids[0]}" in page
    assert ids[1] not in page
    assert f"/customers/{ids[1]}" in desk.client("stavros").get(f"/rerun?id={ids[0]}").text
    monkeypatch.setattr(desk.service, "rerunning", lambda: replace(last, user="stella", golden_ids=("GONE",)))
    assert client.get("/rerun?id=GONE").status_code == 200


def test_a_refusal_names_nobody_outside_ones_limits(desk: Opened) -> None:
    """Neither name, key, reason nor undo of a record that is not theirs, on the page and for scripts."""
    mine, others = limited(desk, "stella")
    case, middle = mine[0], others[0].left
    name = desk.service.records([middle])[middle].name
    desk.store.decide("same", case.left, middle, user="stella", reason="told in confidence")
    desk.store.decide("different", middle, case.right, user="stavros")
    sent_ = form(case, answer="same", seen="2")
    said = desk.client("stella").post("/case/answer", data=sent_, headers={"accept": "application/json"})
    assert said.status_code == 409
    page = desk.client("stella").get(said.json()["look"]).text
    assert page.count("a record that is not among yours") == 2
    for word in (middle, quote(middle, safe=""), name, "in confidence", "/decisions/"):
        assert word not in said.text + page, word
    full = desk.client("lena").get(said.json()["look"]).text
    assert middle in full
    assert "in confidence" in full


def test_what_cannot_be_done_again_names_nobody_either(desk: Opened) -> None:
    """An undoing that later decisions exclude is refused with their chain only to whom all of its records are shown."""
    mine, others = limited(desk, "stella")
    case, middle = mine[0], others[0].left
    undoing = desk.store.undo_act(answered(desk, case), "stella")
    desk.store.decide("same", case.left, middle, user="stavros")
    desk.store.decide("different", middle, case.right, user="stavros")
    said = {name: desk.client(name).post(f"/acts/{undoing}/undo") for name in ("stella", "lena")}
    assert {answer.status_code for answer in said.values()} == {409}
    assert middle in said["lena"].text
    assert middle not in said["stella"].text
    assert "ask a lead" in said["stella"].text


def test_what_was_just_done_is_told_to_who_did_it(desk: Opened) -> None:
    """The number of somebody's act in the address shows nobody else the row that it was about."""
    row = desk.store.quarantine_items().to_pylist()[0]
    number = desk.store.give_back([(row["source"], row["record_id"])], "stella")
    assert f"/acts/{number}/undo" in desk.client("stella").get(f"/quarantine?did={number}").text
    desk.store.change_user("stavros", limits=NONE)
    for path in ("/quarantine", "/quarantine/lists"):
        assert row["record_id"] not in desk.client("stavros").get(f"{path}?did={number}").text


def test_a_foreign_id_is_searched_like_any_word(desk: Opened) -> None:
    """That a golden id or a record exists is told only to whom they are shown."""
    _, others = limited(desk, "stella")
    golden_id = desk.store.homes_of([others[0].left])[others[0].left]["golden_id"]
    for text in (golden_id, others[0].left):
        answers = [desk.client(name).get("/customers", params={"text": text}) for name in ("stella", "stavros")]
        assert [answer.status_code for answer in answers] == [200, 303], text


def test_every_case_that_is_shown_is_on_record(desk: Opened) -> None:
    """The next of the queue, the one after it, and those of a sample; a golden record with every id, of two at most."""
    client, case = desk.client("stella"), desk.case()
    client.get("/decide")
    assert _seen(desk) == [" ".join(case[1:])]
    shown = client.get("/decide/next", params={"but": "\t".join(case)}).text
    number = desk.store.make_batch(NewBatch("stella", "", "same", 0.9, 1), [desk.case(5)])
    client.get(f"/batches/{number}/decide")
    told = _seen(desk)
    assert len(told) == 3
    assert told[0] == " ".join(desk.case(5)[1:])
    assert "&#9;".join(told[1].split(" ")) in shown
    ids = [home["golden_id"] for home in desk.store.homes_of(case[1:]).values()]
    assert client.get("/golden", params={"id": ids}).status_code == 200
    assert desk.store.noted(Noted(action="golden record seen"))[0]["subject"] == " ".join(ids)
    assert client.get("/golden", params={"id": [*ids, ids[0]]}).status_code == 422


def _seen(desk: Opened) -> list[str]:
    return [entry["subject"] for entry in desk.store.noted(Noted(action="case seen"))]


def test_viewers_read_no_free_text(desk: Opened) -> None:
    """Comments, reasons and what a quarantined row is said to hold may quote what is masked: stewards read it."""
    said, case = "her number is 0171", desk.case()
    desk.store.act(Act("stavros", "comment", case, text=said))
    row = next(r for r in desk.store.quarantine_items().to_pylist() if A_QUOTE.search(" ".join(r["reasons"])))
    key = f"{row['source']}:{row['record_id']}"
    desk.service.correct(key, {next(iter(json.loads(row["raw"]))): "x"}, "stavros", said)
    values = [found[2] for reason in row["reasons"] if (found := A_QUOTE.search(reason))]
    page = f"/quarantine/row?key={quote(key)}"
    for path in ("/history", f"/case?{'&'.join(f'{n}={quote(v)}' for n, v in form(case).items())}", page):
        assert said in desk.client("stavros").get(path).text, path
        assert said not in desk.client("vera").get(path).text, path
    viewer = desk.client("vera").get(page).text
    assert "•••" in viewer
    assert not [value for value in values if value in viewer.replace(key, "")]
    listed = desk.client("vera").get("/quarantine?state=any").text
    assert "•••" in listed
    assert 'name="reason"' not in listed


def test_the_queue_knows_where_its_records_are(desk: Opened) -> None:
    """Department and country of each record of a case: what limits look at in the queue and on a record is the same."""
    rows = desk.store.queue(Filter(), 100)
    records = desk.service.records([key for row in rows for key in (row["left"], row["right"])])
    for row in rows:
        both = [records[row[side]] for side in ("left", "right")]
        places = {f"{r.department}/{r.country}" for r in both if r.department and r.country}
        assert {*filter(None, (row["places"] or "").split("|"))} == places
    assert any(row["places"] for row in rows)
