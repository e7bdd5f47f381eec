"""Batches: a blind sample, what it proves, and the rest in one act that others need not wait for."""

import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from connectors.store.decisions import wanted
from connectors.store.desk import accepting, acts, turns
from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case, Filter
from reports.desk import view
from reports.desk.batching import judged
from tests.reports.desk.firm import Opened

HINTS = ("%</span>", "thinks", "bits", "perhaps", "weak evidence", "looks like")


def made(client: Any, answer: str = "different", precision: str = "0.9", query: str = "") -> int:
    """A batch of a filter; its number."""
    told = client.post(f"/batches?{query}", data={"answer": answer, "precision": precision})
    assert told.status_code == 303, told.text
    return int(told.headers["location"].rsplit("/", 1)[1])


def decide(desk: Opened, case: Case, answer: str, user: str = "stella", batch: int | None = None) -> None:
    row = wanted(answer, case.left, case.right)
    desk.store.act(Act(user, "answer", case, (row,), answer=answer, purpose="sample", batch=batch))


def sampled(desk: Opened, number: int, wrong: int = 0) -> None:
    """Decide all of a sample as the batch says, but for some."""
    batch = desk.store.batch(number)
    assert batch
    other = "different" if batch["answer"] == "same" else "same"
    of = desk.store.batch_cases(number)
    for n, place in enumerate(sorted(desk.store.standing(batch, batch["sample"]).open)):
        decide(desk, of[place], other if n < wrong else batch["answer"], batch=number)


@pytest.mark.browser
def test_a_sample_is_decided_blind_and_the_rest_in_one_act(desk: Opened, window: Callable[..., Any]) -> None:
    """By keys: a filter, a claim, the sample without any hint, the measured precision, the rest, and all of it back."""
    page = window()
    page.goto("/queue?kind=pair")
    page.keyboard.press("b")
    page.wait_for_url("**/batches/new?kind=pair")
    page.keyboard.press("d")
    assert page.get_by_label("two different customers").is_checked()
    for _ in range(20):
        if page.evaluate("document.activeElement.name") == "precision":
            break
        page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.value") != "0.9":
        page.keyboard.press("ArrowUp")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    number = int(page.url.rsplit("/", 1)[1])
    batch = desk.store.batch(number)
    assert batch
    page.keyboard.press("Enter")
    page.wait_for_url("**/decide")
    html = page.content()
    assert not [hint for hint in HINTS if hint in html]
    assert "gold" not in page.locator(".answers").inner_html()
    with page.expect_navigation():
        page.keyboard.press("k")
    with page.expect_navigation():
        page.keyboard.press("d")
    assert "2 of" in page.locator(".far").inner_text()
    page.goto("/batches")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/batches/{number}")
    assert page.locator(".verdict").count() == 0
    sampled(desk, number)
    page.reload()
    assert "The claim holds" in page.inner_text("#batch")
    with page.expect_navigation():
        page.keyboard.press("a")
    page.get_by_text("decided in one act").wait_for()
    assert "What its sample proved" in page.inner_text("#batch")
    assert page.locator("svg.interval").count() == 1
    left = desk.store.left_out(number)
    assert len(desk.store.decisions()) == batch["size"] - len(left)
    assert desk.store.waiting(Filter(kind="pair")) == len(left)
    with page.expect_navigation():
        page.keyboard.press("u")
    assert "taken back" in page.inner_text("#batch")
    assert len(desk.store.decisions()) == batch["sample"]


def test_a_claim_that_does_not_hold_is_said(desk: Opened) -> None:
    """The measured precision is shown with its bounds, nothing is accepted, and a further look needs more."""
    client = desk.client()
    number = made(client)
    sampled(desk, number, wrong=1)
    page = client.get(f"/batches/{number}").text
    assert "The claim does not hold" in page
    assert "at least" in page
    assert client.post(f"/batches/{number}/accept").status_code == 409
    before = judged(desk.service, desk.store.batch(number) or {})
    assert client.post(f"/batches/{number}/more").status_code == 303
    after = judged(desk.service, desk.store.batch(number) or {})
    assert (before.pending, after.pending) == (0, before.more)
    assert after.confidence > before.confidence
    sampled(desk, number)
    assert judged(desk.service, desk.store.batch(number) or {}).holds
    many = len(desk.store.decisions())
    assert client.post(f"/batches/{number}/give-up").status_code == 303
    assert len(desk.store.decisions()) == many
    assert client.post(f"/batches/{number}/accept").status_code == 409


def test_what_others_decide_meanwhile_stands_and_contradictions_are_told(desk: Opened) -> None:
    """A case that a colleague decided keeps that answer; one that decisions exclude is left out, and why is told."""
    client = desk.client()
    number = made(client)
    sampled(desk, number)
    batch = desk.store.batch(number)
    assert batch
    of = desk.store.batch_cases(number)
    rest = [of[n] for n in sorted(desk.store.standing(batch).open)]
    decide(desk, rest[0], "same", "stavros")
    left, right = rest[1].left, rest[1].right
    desk.store.decide("same", left, "sales:middle", user="stavros")
    desk.store.decide("same", "sales:middle", right, user="stavros")
    assert client.post(f"/batches/{number}/accept").status_code == 303
    kinds = {(d["left_id"], d["right_id"]): d["kind"] for d in desk.store.decisions().to_pylist()}
    assert kinds[rest[0].left.split(":", 1)[1], rest[0].right.split(":", 1)[1]] == "same"
    out = dict(desk.store.left_out(number))
    assert "sales:middle" in out[rest[1]]
    page = client.get(f"/batches/{number}").text
    assert "Left out" in page
    assert quote(left) in page or quote(left, safe="") in page
    act = desk.store.accepted(number)
    assert act
    assert act["decisions"] == len(rest) - 1 - len(out)


def test_an_acceptance_that_was_cut_short_goes_on(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash leaves some decided; going on decides the others in the same act, and undoing takes all of it back."""
    client = desk.client()
    number = made(client)
    sampled(desk, number)
    rest = judged(desk.service, desk.store.batch(number) or {}).rest
    before = len(desk.store.decisions())
    whole, calls, decided = desk.store.standing, [], accepting.decide

    def breaks(*args: Any) -> Any:
        calls.append(1)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return decided(*args)

    monkeypatch.setattr(turns, "TURN", 0.0)  # a transaction each
    monkeypatch.setattr(turns, "PAUSE", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(accepting, "decide", breaks)
        with pytest.raises(KeyboardInterrupt):
            desk.store.accept_batch(number, "stella")
    some = len(desk.store.decisions()) - before
    assert 0 < some < rest
    assert "cut short" in client.get(f"/batches/{number}").text
    assert client.post(f"/batches/{number}/accept").status_code == 303
    assert [a["action"] for a in desk.store.acts(batch=number, action="batch")] == ["batch"]
    act = desk.store.accepted(number)
    assert act
    assert not whole(desk.store.batch(number) or {}).open - {n for n, _ in enumerate(desk.store.left_out(number))}
    monkeypatch.setattr(acts, "AT_ONCE", 5)
    desk.store.undo_act(act["seq"], "stella")
    assert len(desk.store.decisions()) == before


def test_who_may_what(desk: Opened) -> None:
    """Only its maker or a lead ends a batch; too few cases and odd claims are refused; rich customers stay out."""
    stella, stavros = desk.client("stella"), desk.client("stavros")
    number = made(stella)
    sampled(desk, number)
    assert stavros.post(f"/batches/{number}/accept").status_code == 403
    assert stavros.post("/batches", data={"answer": "same", "precision": "0.5"}).status_code == 422
    assert stavros.post("/batches?text=nobody", data={"answer": "same", "precision": "0.9"}).status_code == 409
    assert "No open case is like that" in stavros.get("/batches/new?text=nobody").text
    assert stavros.get("/batches/999").status_code == 404
    assert f"Batch {number}" in stavros.get("/batches").text
    poor = desk.store.cases_of(Filter(), "stavros", below=1.0)
    assert 0 < len(poor) < len(desk.store.cases_of(Filter(), "stavros"))


def test_what_a_colleague_was_given_is_decided_by_nobody_else(desk: Opened) -> None:
    """Neither in a batch nor in a pack of another's, and the page says how many cases that are; in one's own it is."""
    given, stavros, lena = desk.case(), desk.client("stavros"), desk.client("lena")
    desk.store.act(Act("stella", "assign", given, other="lena"))
    assert all("1 was given to somebody else" in stavros.get(path).text for path in ("/batches/new", "/packs"))
    assert all("given to somebody else" not in lena.get(path).text for path in ("/batches/new", "/packs"))
    for client, mine in ((stavros, False), (lena, True)):
        assert (given in desk.store.batch_cases(made(client))) is mine
        pack = client.post("/packs", data={"size": 5}).headers["location"].removeprefix("/packs?made=")
        assert (given in desk.store.batch_cases(int(pack))) is mine


def test_what_is_lit_in_a_blind_sample_does_not_tell_what_the_machine_thinks(
    desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The marks come from the two values alone, not from the evidence."""
    told: list[object] = []
    rows = view.rows
    monkeypatch.setattr(view, "rows", lambda left, right, of: told.append(of) or rows(left, right, of))
    client = desk.client()
    assert client.get(f"/batches/{made(client)}/decide").status_code == 200
    assert told == [None]


def test_the_last_answer_in_a_sample_is_taken_back_there(desk: Opened) -> None:
    """One's own, and back to the sample, where the case is asked again; then the one before it."""
    client, decisions = desk.client(), desk.store.decisions
    number = made(client)
    at = f"/batches/{number}/decide"
    page = client.get(at).text
    assert "/undo" not in page
    sample = desk.store.batch_cases(number)
    for place in (0, 1):
        told = {**sample[place].asked(), "answer": "same", "seen": desk.store.last_decision()}
        assert client.post(f"/batches/{number}/answer", data=told).status_code == 303
    for left in (1, 0):
        assert "Undo" not in desk.client("stavros").get(at).text
        (undo,) = re.findall(r'action="(/acts/\d+/undo)"', client.get(at).text)
        assert client.post(undo, data={"back": at}).headers["location"] == at
        assert len(decisions()) == left
        assert f'name="left" value="{sample[left].left}"' in html.unescape(client.get(at).text)
