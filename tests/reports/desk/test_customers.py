"""Look-up: a customer found by any value, and all there is to know of them, by whoever may know it."""

import re
from collections.abc import Callable
from threading import Event, Thread
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import insert

from connectors.store import tables
from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.audit import Noted
from connectors.store.desk.quarantine import Wanted
from pipelines.desk import searched
from reports.desk.glance import Total, totals
from reports.desk.services import Fact
from rules.record_key import key_of
from rules.standardise import latin
from tests.reports.desk.firm import Opened
from tests.reports.desk.test_cluster import largest


@pytest.fixture
def someone(desk: Opened) -> dict[str, Any]:
    """The customer of most records who has an e-mail and a telephone."""
    rows = [row for row in desk.store.golden().to_pylist() if row["email"] and row["phone"] and row["surname"]]
    found: dict[str, Any] = max(rows, key=lambda row: (row["records"], row["golden_id"]))
    return found


def test_any_value_finds_a_customer(desk: Opened, someone: dict[str, Any]) -> None:
    """A name without accents, an e-mail, a golden id and a record all lead there; what nobody has is said so."""
    client = desk.client("stella")
    address = f"/customers/{someone['golden_id']}"
    phone = someone["phone"].lstrip("+")
    dialled = (f"00{phone}", f"+{phone[:2]} ({phone[2:5]}) {phone[5:]}", f"0{phone[2:]}", someone["phone"])
    for text in (someone["email"], someone["surname"].upper(), *dialled):
        assert f'href="{address}"' in client.get("/customers", params={"text": text}).text
    assert client.get("/customers", params={"text": someone["golden_id"]}).headers["location"] == address
    key = desk.service.members(someone["golden_id"])[0]
    to = client.get("/customers", params={"text": key}).headers["location"]
    assert client.get(to).headers["location"] == f"{address}#{quote(key)}"
    assert "No published customer has all of these words" in client.get("/customers?text=qqqxqqq").text
    assert "Write whatever the customer tells you" in client.get("/customers").text
    assert 'class="two"' not in client.get(address).text, "that is what a case of two readers looks like"


def test_what_waits_to_be_published_stands_on_top(desk: Opened) -> None:
    """Records taken out, a value set and an answer to a case since the last run, as sentences, with the button for a
    re-run; whoever may publish nothing reads when it will be. What is taken back goes, what was never there does not
    wait.
    """
    client, (golden_id, keys) = desk.client("stella"), largest(desk)
    address = f"/customers/{golden_id}"
    assert "pending-title" not in client.get(address).text
    taken = {"answer": "take_out", "marked": keys[0], "seen": 0}
    assert client.post(f"/clusters/{golden_id}/decide", data=taken).status_code == 303
    value = {"field": "phone", "value": "+30 210 1234567", "record": keys[1]}
    assert client.post(f"/golden/value?id={golden_id}", data=value).status_code == 303
    other = next(key_of(r) for r in desk.store.crosswalk().to_pylist() if r["golden_id"] not in (golden_id, None))
    desk.store.act(Act("stavros", "answer", None, (wanted("same", keys[2], other),), answer="same"))

    def waiting(name: str) -> str:
        page = desk.client(name).get(address).text
        return page.split('id="pending-title"')[1].split('class="glance"')[0] if "pending-title" in page else ""

    stella, vera = waiting("stella"), waiting("vera")
    for part in ("You</", "took ", " out of the customer of ", "set the phone of ", "stavros", "are one customer"):
        assert part.replace("You</", "You ") in re.sub(r"<[^>]+>", "", stella), part
    assert f'action="/rerun?id={golden_id}"' in stella
    assert "(3\xa0decisions)" in stella
    assert "/rerun" not in vera
    assert "in the golden table with the next run" in vera
    assert "210" in stella
    assert "210" not in vera
    for act in desk.store.acts():
        desk.store.undo_act(act["seq"], "lena")
    assert waiting("stella") == ""
    desk.store.act(Act("stavros", "answer", None, (wanted("different", keys[2], other),), answer="different"))
    assert "The golden table says so already" in waiting("stella")
    assert "/rerun" not in waiting("stella")


def found(client: Any, text: str) -> dict[str, str]:
    """By golden id of each customer that a search shows, by what it was found."""
    page = client.get("/customers", params={"text": text}).text
    return dict(re.findall(r'<a id="([^"]+)".*?found by <bdi>([^<]*)</bdi>', page))


def test_whatever_a_customer_says_finds_them(desk: Opened) -> None:
    """Another e-mail or number than the first choice, dialled otherwise; the id of a record without its source, and in
    other letters; the number of an invoice; a tax id with or without its country: and it is said by what.
    """
    client, points = desk.client("stella"), desk.store.detail("contact_points").to_pylist()
    spare = {p["kind"]: p for p in points if not p["primary"] and p["value"]}
    number = re.sub(r"\D", "", spare["phone"]["value"])
    for text in (spare["phone"]["value"], f"0{number[-7:]}", f"{number[:-4]} ({number[-4:]})"):
        assert "telephone" in found(client, text)[spare["phone"]["golden_id"]], text
    mail = next(p for p in points if p["kind"] == "email")
    assert "e-mail" in found(client, mail["value"].upper())[mail["golden_id"]]
    facts = desk.store.facts_of(list(map(key_of, desk.store.crosswalk().to_pylist())))
    fact = next(f for f in facts if f["number"] and f["kind"] == "invoice")
    home = desk.store.homes_of([key_of(fact, "customer")])[key_of(fact, "customer")]
    assert f"invoice {fact['number']}" in found(client, fact["number"].lower())[home["golden_id"]]
    record = next(r for r in desk.store.crosswalk().to_pylist() if "-" in r["record_id"] and r["state"] == "active")
    for text in (record["record_id"], record["record_id"].replace("-", " ").lower()):
        assert f"record {key_of(record)}" in found(client, text)[record["golden_id"]]
    taxed = next(r for r in desk.store.golden().to_pylist() if (r["tax_id"] or "").startswith("EL"))
    for text in (taxed["tax_id"], taxed["tax_id"][2:], f"GR {taxed['tax_id'][2:]}"):
        assert "tax id" in found(client, text)[taxed["golden_id"]], text
    assert client.get("/customers", params={"text": taxed["golden_id"].lower()}).status_code == 303


def test_a_name_is_found_in_any_script(desk: Opened) -> None:
    """By what a record calls a customer, in its own letters and in Latin ones; in Greek where all write Latin."""
    client = desk.client()
    records = [r for r in desk.store.crosswalk().to_pylist() if r["state"] == "active"]
    names = desk.service.names(list(map(key_of, records)))
    of = {names[key_of(r)]: r["golden_id"] for r in records}
    greek = next(name for name in of if re.fullmatch(r"[α-ωΑ-Ωά-ώϊΐϋΰΆ-Ώ]{4,} [α-ωΑ-Ωά-ώϊΐϋΰΆ-Ώ]{4,}", name))
    for text in (greek, latin.latin(greek, "el"), greek.upper()):
        assert of[greek] in found(client, text), text
    written = {"Marina": "Μαρίνα", "Maria": "Μαρία", "Anna": "Άννα", "Nikos": "Νίκος", "Dimitris": "Δημήτρης"}
    latins = [(other, of[name]) for name in of for word, other in written.items() if word in name.split()]
    assert latins
    for other, golden_id in latins[:3]:
        assert golden_id in found(client, other), other


def test_no_way_of_searching_tells_what_is_masked(desk: Opened) -> None:
    """A viewer finds nobody by an e-mail, a telephone number or a tax id, first choice or not; by a record they do."""
    client, masked = desk.client("vera"), desk.client("vera").get("/customers?text=xxxx").text
    assert "No published customer" in masked
    points = [p for p in desk.store.detail("contact_points").to_pylist() if p["kind"] in ("email", "phone")]
    spare = next(p for p in points if not p["primary"] and p["value"])
    taxed = next(r for r in desk.store.golden().to_pylist() if r["tax_id"])
    for text in (spare["value"], points[0]["value"], taxed["tax_id"], taxed["tax_id"][2:], taxed["email"] or "@"):
        assert found(client, text) == {}, text
    record = next(r for r in desk.store.crosswalk().to_pylist() if r["state"] == "active")
    assert found(client, record["record_id"])[record["golden_id"]] == f"record {key_of(record)}"


def test_amounts_of_two_currencies_are_never_added() -> None:
    """Each currency has its own sum; what costs nothing has none."""
    facts = [
        Fact("invoice", "1", "2026-01-01", 10.0, "EUR", "a:1"), Fact("invoice", "2", "2026-02-01", 5.0, "TRY", "a:2"),
        Fact("invoice", "3", "", 2.5, "EUR", "a:3"), Fact("ticket", "T", "2026-03-01", 0.0, "EUR", "a:4"),
    ]  # fmt: skip
    invoices = Total("invoice", 3, (("EUR", 12.5), ("TRY", 5.0)), "2026-02-01")
    assert totals(facts) == (invoices, Total("ticket", 1, (), "2026-03-01"))


def test_what_is_asked_first_stands_first(desk: Opened) -> None:
    """How to reach them, what they bought, whom they live with and what is doubtful, before any table; an open case
    leads to its page.
    """
    case = desk.case()
    home = desk.store.homes_of([case.left])[case.left]
    page = desk.client().get(f"/customers/{home['golden_id']}").text
    told = [page.index(f">{word}</h2>") for word in ("Reach", "Bought and asked", "Lives and belongs with", "Doubtful")]
    assert told == sorted(told)
    assert told[-1] < page.index("<table")
    doubtful = page[told[-1] : page.index(">Happened last<")]
    assert re.search(r'href="/(case\?case=|clusters/)[^"]*"><bdi>perhaps', doubtful)


def test_a_page_holds_all_there_is_of_a_customer(desk: Opened, someone: dict[str, Any]) -> None:
    """Golden record with its sources, every record as it stood, contact points, life, decisions; and it is noted."""
    keys = desk.service.members(someone["golden_id"])
    desk.store.decide("same", keys[0], keys[1], user="maria", reason="same e-mail")
    page = desk.client("stella").get(f"/customers/{someone['golden_id']}").text
    for key, record in desk.service.records(keys).items():
        assert f'id="{key}"' in page
        assert record.place in page
    for word in (someone["email"], "all who say it agree", "Created from", "same e-mail", "are one customer"):
        assert word in page, word
    noted = desk.store.noted(Noted(subjects=(someone["golden_id"],)))
    assert [(n["user"], n["action"]) for n in noted] == [("stella", "customer seen")]


def test_a_viewer_sees_no_masked_value(desk: Opened, someone: dict[str, Any]) -> None:
    """Neither on the page, nor in its history, nor by trying in the search whether somebody has it."""
    keys = desk.service.members(someone["golden_id"])
    desk.store.act(Act("stella", "value", None, (value_of(keys[0], "email", "new@mail.example"),)))
    client = desk.client("vera")
    hidden = {someone["email"], "new@mail.example"}
    for path in (f"/customers/{someone['golden_id']}", "/history", f"/customers?text={quote(someone['display_name'])}"):
        text = client.get(path).text
        assert not [value for value in hidden if value in text], path
    assert f'href="/customers/{someone["golden_id"]}"' in text
    assert "No published customer" in client.get("/customers", params={"text": someone["email"]}).text


def test_customers_outside_a_persons_limits_are_nobodys(desk: Opened, someone: dict[str, Any]) -> None:
    """Their page, their records, their history and what a search finds: as if they were not there."""
    desk.store.change_user("stella", limits='{"departments": ["no such department"]}')
    client, key = desk.client("stella"), desk.service.members(someone["golden_id"])[0]
    source, _, record = key.partition(":")
    for path in (f"/customers/{someone['golden_id']}", f"/records/{source}/{quote(record, safe='')}",
                 f"/history?record={someone['golden_id']}"):  # fmt: skip
        assert client.get(path).status_code == 404, path
    assert "No published customer" in client.get("/customers", params={"text": someone["surname"]}).text


def test_an_id_that_was_merged_away_leads_on_and_a_retired_one_says_so(desk: Opened, someone: dict[str, Any]) -> None:
    """A golden id resolves for ever: to whoever stands for it, or to the end of the story."""
    ended(desk, "GONE1", "superseded", someone["golden_id"])
    ended(desk, "GONE2", "retired", None)
    client = desk.client("stella")
    page = client.get("/customers/GONE1").text
    assert "You asked for GONE1" in page
    assert someone["email"] in page
    assert "No record holds this customer any more" in client.get("/customers/GONE2").text
    assert client.get("/customers/GONE3").status_code == 404


def test_a_row_in_quarantine_is_told_where_its_customer_is_looked_for(desk: Opened) -> None:
    """By the id of its source, with the way there, for viewers too; not for those whose sources it is not of."""
    source, record_id = desk.store.quarantine_keys(Wanted())[0]
    link = f'href="/quarantine/row?key={source}:{quote(record_id)}"'.replace("%3A", ":")
    for name in ("stella", "vera"):
        page = desk.client(name).get("/customers", params={"text": record_id}).text.replace("%3A", ":")
        assert link in page
        assert "No published customer" not in page
    assert desk.store.held_as(record_id, ()) == []
    desk.store.change_user("stavros", limits='{"departments": ["nobody\'s"]}')
    assert "waits in quarantine" not in desk.client("stavros").get("/customers", params={"text": record_id}).text


def test_a_quarantined_record_is_shown_where_it_waits(desk: Opened) -> None:
    """A record that was never anybody's leads to the quarantine."""
    rows = [r for r in desk.store.crosswalk().to_pylist() if r["state"] == "quarantined" and not r["golden_id"]]
    key = f"{rows[0]['source']}:{rows[0]['record_id']}"
    answer = desk.client("stella").get(f"/records/{rows[0]['source']}/{quote(rows[0]['record_id'], safe='')}")
    assert answer.headers["location"] == f"/quarantine/row?key={quote(key, safe='')}"


def value_of(key: str, field: str, value: str) -> dict[str, Any]:
    return wanted("value", key, field=field, value=value)


def ended(desk: Opened, golden_id: str, state: str, to: str | None) -> None:
    """A golden id that ended with the last publication."""
    with desk.store.writing() as connection:
        row = {"cursor": 10**6 + hash(golden_id) % 10**6, "golden_id": golden_id, "from_version": 1}
        connection.execute(insert(tables.golden).values(**row, state=state, resolves_to=to))


def test_a_search_never_waits_for_the_next_publication(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """While what is searched is made anew, that of before answers; then the new one does."""
    begun, over = Event(), Event()

    def slow(*args: Any) -> None:
        begun.set()
        over.wait(30)
        make(*args)

    make, text = searched.make, desk.store.golden().to_pylist()[0]["golden_id"]
    assert desk.service.search(text)
    monkeypatch.setattr(searched, "make", slow)
    anew = (text, 1, ("email",))  # what is hidden is part of what is made
    thread = Thread(target=desk.service.search, args=anew)
    thread.start()
    assert begun.wait(30)
    assert desk.service.search(text)
    over.set()
    thread.join()
    assert desk.service.search(text)


@pytest.mark.browser
def test_a_customer_is_found_by_keys_alone(desk: Opened, window: Callable[..., Any], someone: dict[str, Any]) -> None:
    """`/`, a word, Enter, an arrow, Enter: the customer; back to the row one came from; a decision is taken back."""
    keys = desk.service.members(someone["golden_id"])
    desk.store.act(Act("stella", "answer", None, (wanted("same", *keys[:2]),), answer="same"))
    page = window()
    page.goto("/queue")
    page.keyboard.press("/")
    page.keyboard.type(someone["email"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers?text=*")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{someone['golden_id']}")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/customers?text=*#{someone['golden_id']}")
    assert page.evaluate("document.activeElement.id") == someone["golden_id"], "back where one was"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{someone['golden_id']}")
    assert page.locator("h1").inner_text() == someone["display_name"]
    waiting = page.get_by_role("region", name="What was decided last")
    waiting.get_by_role("button", name="Undo act 1").press("Enter")
    page.locator(".deeds .undone").wait_for()
    assert desk.store.decisions().num_rows == 0
