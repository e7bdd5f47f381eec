"""Lists: cases by their probability, those of a batch, and several given to a colleague at once."""

import json
import re
from html import escape, unescape
from typing import Any

from sqlalchemy import insert

from connectors.store import tables
from connectors.store.desk.audit import Noted
from connectors.store.desk.filter import Case, Filter
from rules.record_key import key_of
from tests.reports.desk.firm import Opened
from tests.reports.desk.test_batches import decide, made, sampled


def listed(page: str) -> list[tuple[str, str]]:
    """Each case of a list, by its two keys, with what became of it."""
    return re.findall(r"<small>([^<]+ · [^<]+)</small></th><td>([^<]*)</td>", page.partition('id="cases"')[2])


def test_cases_are_filtered_by_their_probability(desk: Opened) -> None:
    """Two numbers in per cent, kept in the form and in the address of what is made of them; not for who decides blind,
    and nothing else is a probability.
    """
    client, rows = desk.client(), desk.store.queue(Filter(), 500)
    page = client.get("/queue?least_percent=20&most_percent=55.5").text
    many = sum(0.2 <= (row["match_probability"] or -1) <= 0.555 for row in rows)
    assert 0 < many < len(rows)
    assert f"<h1>{many} <span>" in page
    assert 'name="least_percent" value="20"' in page
    assert 'name="most_percent" value="55.5"' in page
    assert "/batches/new?least=0.2&amp;most=0.555" in page
    assert "Probability from: <b>20\xa0%</b>" in client.get("/batches/new?least=0.2").text
    assert "probability from: 20\xa0%, probability to: 55.5\xa0%" in client.get("/packs?least=0.2&most=0.555").text
    for wrong in ("least_percent=101", "most_percent=-1", "least=7", "least=nan", "most_percent=half"):
        assert client.get(f"/queue?{wrong}").status_code == 422, wrong
    desk.set(blind=True)
    assert "least_percent" not in client.get("/queue").text
    assert client.get("/queue?least_percent=20").status_code == 403


def test_a_filter_is_called_the_same_wherever_it_stands(desk: Opened) -> None:
    """What the queue's form calls it, a batch and a pack call it."""
    client, relation = desk.client(), desk.store.queue(Filter(), 1)[0]["relation"]
    assert "<label>Looks like<select" in client.get("/queue").text
    assert f"<span>Looks like: <b>{relation}</b></span>" in client.get(f"/batches/new?relation={relation}").text
    assert f"looks like: {relation}" in client.get(f"/packs?relation={relation}").text


def test_a_batch_lists_its_cases(desk: Opened, monkeypatch: Any) -> None:
    """Those that nobody looks at, before and after they are accepted, page by page; what others decided or what was
    left out among them is told as that; the sample once all of it is decided, so that it leads nobody.
    """
    client = desk.client()
    number = made(client)
    batch: Any = desk.store.batch(number)
    of = [" · ".join(case[1:]) for case in desk.store.batch_cases(number)]
    rest, sample = of[batch["sample"] :], of[: batch["sample"]]
    assert rest
    page = client.get(f"/batches/{number}").text
    assert listed(page) == [(one, "Would be decided so.") for one in rest[:50]]
    names = desk.service.names(rest[0].split(" · "))
    assert all(f"<bdi>{escape(name)}</bdi>" in page for name in names.values())
    hidden = client.get(f"/batches/{number}?of=sample").text
    assert listed(hidden) == []
    assert "listed when all of it is decided" in hidden
    sampled(desk, number, wrong=0)
    told = listed(client.get(f"/batches/{number}?of=sample").text)
    assert [one for one, _ in told] == sample[:50]
    assert all(re.fullmatch(r"stella decided on \S+ that they are two customers\.", said) for _, said in told)
    taken = desk.store.batch_cases(number)[batch["sample"]]
    out = desk.store.batch_cases(number)[batch["sample"] + 1]
    decide(desk, taken, "same", "stavros")
    desk.store.decide("same", out.left, "sales:middle", user="stavros")
    desk.store.decide("same", "sales:middle", out.right, user="stavros")
    assert client.post(f"/batches/{number}/accept").status_code == 303
    after = dict(listed(client.get(f"/batches/{number}").text))
    assert "that they are one customer" in after[rest[0]]
    assert "Was left out" in after[rest[1]]
    assert {after[one] for one in rest[2:50]} == {"Was decided so, unseen."}
    few = desk.store.standing(batch, batch["sample"] + 5, batch["sample"])
    monkeypatch.setattr("connectors.store.desk.batched.FEW", 0)
    assert few == desk.store.standing(batch, batch["sample"] + 5, batch["sample"]), "however they are looked for"
    assert len(few.decided) == 4


def test_a_batch_of_many_cases_is_listed_a_page_at_a_time(desk: Opened, monkeypatch: Any) -> None:
    """Every case stands on one page, and Next leads from each to the one after it."""
    monkeypatch.setattr("reports.desk.paging.SIZE", 7)
    monkeypatch.setattr("reports.desk.batch_cases.SIZE", 7)
    client, found, address = desk.client(), [], ""
    number = made(client)
    batch: Any = desk.store.batch(number)
    address = f"/batches/{number}"
    while address:
        page = client.get(address).text
        found += [one for one, _ in listed(page)]
        following = re.search(r'rel="next" href="([^"]+)"[^>]*>Next<', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert found == [" · ".join(case[1:]) for case in desk.store.batch_cases(number, batch["sample"])]


def test_a_case_of_a_batch_that_is_not_among_ones_own_any_more_is_not_named(desk: Opened) -> None:
    """Whoever made a batch before their limits were narrowed."""
    client = desk.client("stavros")
    number = made(client)
    named: Case = desk.store.batch_cases(number)[-1]
    assert f"left={named.left.partition(':')[0]}" in client.get(f"/batches/{number}").text
    desk.store.change_user("stavros", limits='{"departments": ["nobody\'s"]}')
    page = desk.client("stavros").get(f"/batches/{number}").text
    assert listed(page) == []
    assert "Customers that are not among yours" in page


def test_before_a_search_the_customers_that_changed_last_are_listed(desk: Opened) -> None:
    """Thirty, the latest first, of those whom somebody may see and without what is masked; who looked is on record."""
    feed = [row for row in reversed(desk.store.feed().to_pylist()) if row["state"] == "current"]

    def shown(name: str) -> list[str]:
        page = desk.client(name).get("/customers").text
        return re.findall(r'href="/customers/(\w+)"', page)

    assert shown("stella") == [row["golden_id"] for row in feed[:30]]
    (noted,) = desk.store.noted(Noted(action="customers listed"))
    assert (noted["user"], noted["detail"]) == ("stella", "30 shown")
    homes = desk.store.crosswalk().to_pylist()
    records = desk.service.records([key_of(row) for row in homes])
    mine = {records[key_of(row)].golden_id for row in homes if records[key_of(row)].country == "IT"}
    desk.store.change_user("stavros", limits='{"countries": ["IT"]}')
    assert shown("stavros") == [row["golden_id"] for row in feed if row["golden_id"] in mine][:30]
    told = next(row["tax_id"] for row in feed[:30] if row["tax_id"])
    desk.set(masked=["tax_id"])
    assert told in desk.client("stella").get("/customers").text
    assert told not in desk.client("vera").get("/customers").text


def test_several_cases_are_given_to_a_colleague_at_once(desk: Opened) -> None:
    """Each as it is given by itself: an act of its own with what is said of it, to be taken back by itself; those that
    the colleague may not decide stay and are told. Viewers have nothing to mark, and nothing unmarked is given.
    """
    client, rows = desk.client(), desk.store.queue(Filter(), 500)
    page = client.get("/queue").text
    (action,) = re.findall(r'action="(/queue/give[^"]*)"', page)
    marks = [unescape(told) for told in re.findall(r'name="case" value="([^"]+)"', page)]
    assert marks == ["\t".join(Case.of(row)) for row in rows[:50]]
    assert "/queue/give" not in desk.client("vera").get("/queue").text
    desk.store.change_user("stavros", limits='{"countries": ["IT"]}')
    theirs = [n for n, row in enumerate(rows[:50]) if "|IT|" in (row["countries"] or "")][:2]
    other = next(n for n, row in enumerate(rows[:50]) if "|IT|" not in (row["countries"] or ""))
    assert len(theirs) == 2
    sent = {"other": "stavros", "text": "you know them", "case": [marks[n] for n in (*theirs, other)]}
    told = client.get(client.post(unescape(action), data=sent).headers["location"]).text.replace("\xa0", " ")
    assert "2 cases given to stavros; 1 was not" in told
    acts = desk.store.acts(action="assign")
    given = [(act["user"], act["other"], act["text"], act["left"]) for act in reversed(acts)]
    assert given == [("stella", "stavros", "you know them", rows[n]["left"]) for n in theirs]
    assert len(desk.store.noted(Noted(action="gave to a colleague"))) == 2
    assert desk.store.given_to("stavros", Filter()) == 2
    assert client.post(f"/acts/{acts[0]['seq']}/undo").status_code == 303
    assert desk.store.given_to("stavros", Filter()) == 1
    for wrong, status in (({"case": []}, 422), ({"case": [marks[other]]}, 409), ({"case": ["none"]}, 422)):
        assert client.post("/queue/give", data={"other": "stavros", **wrong}).status_code == status, wrong
    assert client.post("/queue/give", data={"other": "vera", "case": marks[:1]}).status_code == 409
    assert desk.client("vera").post("/queue/give", data=sent).status_code == 403
    assert "given to stavros" not in desk.client("lena").get(f"/queue?gave={acts[1]['seq']}").text


def test_a_known_pair_that_is_given_away_looks_like_any_other(desk: Opened) -> None:
    """Nobody is given what is decided already, and nothing tells that it was."""
    case, other = desk.case(0), desk.case(1)
    desk.store.decide("same", case.left, case.right, user="lena", time="2020-01-01T00:00:00+00:00")
    desk.store.claim(Case("known", case.left, case.right), "stella", 30)
    assert desk.store.is_known("stella", case)
    sent = {"other": "stavros", "case": ["\t".join(case), "\t".join(other)]}
    client = desk.client()
    told = client.get(client.post("/queue/give", data=sent).headers["location"]).text.replace("\xa0", " ")
    assert "2 cases given to stavros" in told
    assert [act["left"] for act in desk.store.acts(action="assign")] == [other.left]


def test_a_row_says_which_cell_is_to_blame(desk: Opened) -> None:
    """The cell whose value or column a reason names is marked; the key that leads to the first cell says so; a list of
    rows that all wait has no column for that.
    """
    client = desk.client()
    raw = '{"no": "1", "Phone": "private number", "birth_date": "31/02/1990", "city": ""}'
    reasons = ["no usable name: neither", "value 'private  NUMBER': this is no phone number", "birth_date: no such day"]
    held = {"source": "forms", "record_id": "x1", "from_version": 0, "digest": "", "reasons": json.dumps(reasons)}
    with desk.store.writing() as connection:
        connection.execute(insert(tables.quarantine).values(**held, hash="h", raw=raw, first_run="20260101T"))
    page = client.get("/quarantine/row?key=forms:x1").text
    assert re.findall(r'<label class="blamed"><span>([^<]+)</span>', page) == ["Phone", "birth_date"]
    assert page.count('title="To the first cell"') == 1
    assert "<th>State</th>" not in client.get("/quarantine").text
    assert "<th>State</th>" in client.get("/quarantine?state=any").text


def test_what_is_counted_once_is_said_in_the_singular(desk: Opened) -> None:
    """In the audit log, for one row, one case and one answer."""
    client = desk.client()
    client.post("/packs", data={"size": 1})
    row = desk.store.quarantine_items("open").to_pylist()[0]
    client.post("/quarantine/return", data={"key": f"{row['source']}:{row['record_id']}"})
    client.get("/quarantine/list", params={"owner": row["owner"]})
    said = {one["action"]: one["detail"] for one in desk.store.noted(Noted())}
    assert (said["pack made"], said["fix-at-source list"]) == ("1 case", "1 row")
