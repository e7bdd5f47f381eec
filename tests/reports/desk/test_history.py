"""The history: who did what, as sentences, each taken back by whoever may."""

import re
from datetime import UTC, datetime

from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case, Filter
from reports.desk.told import ago
from tests.reports.desk.firm import Opened
from tests.reports.desk.test_cluster import largest


def sentences(text: str) -> list[str]:
    """The lines of a page, latest first, without their marks."""
    found = re.findall(
        r'<span class="sentence">(.*?)</span>(?:<span class="reason">(.*?)</span>)?\s*<small>', text, re.S
    )
    return [" ".join(re.sub(r"<[^>]+>", "", said + why).split()) for said, why in found]


def answered(desk: Opened, user: str, kind: str, place: int = 0, **more: str) -> tuple[int, Case, str]:
    """An answer to a case of the queue: its number, the case, and `A and B` as they are called."""
    row = desk.store.queue(Filter(), place + 1)[place]
    case = Case(row["kind"], row["left"], row["right"])
    made = () if more.get("purpose") == "first" else (wanted(kind, *case[1:]),)
    number = desk.store.act(Act(user, "answer", case, made, answer=kind, **({"purpose": "queue"} | more)))
    names = desk.service.names(case[1:])
    return number, case, " and ".join(" ".join(names[key].split()) for key in case[1:])


def test_what_was_done_reads_as_sentences(desk: Opened) -> None:
    """At the desk and at the command line, the latest first; by person, kind, record and day."""
    _, case, first = answered(desk, "stella", "same", text="same e-mail")
    _, _, second = answered(desk, "lena", "related")
    left, right = (desk.store.queue(Filter(), 5)[4][side] for side in ("left", "right"))
    desk.store.decide("different", left, right, user="maria", time="2026-01-31T10:00:00+00:00", reason="two sisters")
    client = desk.client("stella")
    told = sentences(client.get("/history").text)
    assert told[0] == f"lena decided that {second} are related, and two customers"
    assert told[1] == f"You decided that {first} are one customer: same e-mail"
    assert re.fullmatch(r"maria decided that .+ are two customers: two sisters", told[2])
    for query, which in (("user=lena", [0]), ("what=same", [1]), ("day=2026-01-31", [2]), (f"record={case.left}", [1])):
        assert sentences(client.get(f"/history?{query}").text) == [told[n] for n in which], query
    assert "Nothing like that was done" in client.get("/history?user=nobody").text
    assert client.get("/history?record=no:%20").status_code == 422


def test_records_that_were_parted_are_named(desk: Opened) -> None:
    """Up to three, then how many more; whether each stands apart, or they are a customer of their own."""
    client, (golden_id, keys) = desk.client(), largest(desk)
    called = {key: " ".join(name.split()) for key, name in desk.service.names(keys).items()}
    rest = called[keys[-1]]
    for answer, many, told in (
        ("take_out", 1, f"You took {called[keys[0]]} out of the customer of "),
        ("split", 2, f"You made {called[keys[0]]} and {called[keys[1]]} one customer, apart from that of "),
        ("split", 1, f"You made {called[keys[0]]} a customer of its own, apart from that of "),
        ("take_out", len(keys) - 1, f"{called[keys[2]]} and {len(keys) - 4} more out of the customer of {rest}"),
    ):
        seen = desk.store.last_decision()
        data = {"answer": answer, "marked": keys[:many], "seen": seen}
        assert client.post(f"/clusters/{golden_id}/decide", data=data).status_code == 303
        assert told in sentences(client.get("/history").text)[0]
        desk.store.undo_act(desk.store.acts()[0]["seq"], "stella")


def test_whoever_may_takes_back_and_does_again(desk: Opened) -> None:
    """One's own, as a lead anybody's, the command line's as well; an undoing is undone in turn. All stays on record."""
    number, case, _ = answered(desk, "stella", "same")
    others, lead = desk.client("stavros"), desk.client("lena")
    own = desk.client("stella")
    assert f"/acts/{number}/undo" in own.get("/history").text
    assert f"/acts/{number}/undo" not in others.get("/history").text
    assert others.post(f"/acts/{number}/undo").status_code == 403
    answer = own.post(f"/acts/{number}/undo", data={"back": "/history?user=stella"})
    assert answer.headers["location"] == "/history?user=stella"
    assert desk.store.decided_pair(*case[1:]) is None
    page = lead.get("/history").text
    back = next(iter(re.findall(r"/acts/(\d+)/undo", page)))
    assert sentences(page)[0].startswith("stella took back that ")
    lead.post(f"/acts/{back}/undo")
    again = desk.store.decided_pair(*case[1:])
    assert again is not None
    assert again["kind"] == "same"
    assert sentences(lead.get("/history").text)[0].startswith("You did again what was taken back: ")
    made = desk.store.decide("different", *[r["left"] for r in desk.store.queue(Filter(), 2)], user="maria")
    assert f"/decisions/{made}/undo" in lead.get("/history").text
    lead.post(f"/decisions/{made}/undo")
    told = sentences(lead.get("/history").text)
    assert [line for line in told if line.startswith(f"You took back decision {made}")]


def test_a_first_answer_is_no_hint_for_the_second_reader(desk: Opened) -> None:
    """Neither the history nor a customer's page says what the first of two readers answered."""
    _, case, names = answered(desk, "stella", "different", purpose="first")
    assert sentences(desk.client("stella").get("/history").text) == [
        f"You answered first that {names} are two customers"
    ]
    secret = f"stella answered {names} first; a second reader is asked"
    for name in ("stavros", "lena"):
        client = desk.client(name)
        assert sentences(client.get(f"/history?record={case.left}").text) == [secret]
        assert sentences(client.get("/history?what=different").text) == []


def test_long_histories_are_paged(desk: Opened) -> None:
    """Fifty a page, and none twice."""
    row = desk.store.queue(Filter(), 1)[0]
    case = Case(row["kind"], row["left"], row["right"])
    for n in range(60):
        desk.store.act(Act("stella", "comment", case, text=f"number {n}"))
    client = desk.client("stavros")
    pages = [sentences(client.get(f"/history?page={n}").text) for n in (1, 2)]
    assert [len(page) for page in pages] == [50, 10]
    assert len({*pages[0], *pages[1]}) == 60


def test_times_are_said_as_people_say_them() -> None:
    """Minutes, hours, days, then the day itself."""
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for time, said in (
        ("2026-03-01T11:59:30+00:00", "just now"), ("2026-03-01T11:48:00+00:00", "12 minutes ago"),
        ("2026-02-27T11:00:00+00:00", "2 days ago"), ("2025-01-31T11:00:00+00:00", "2025-01-31"),
    ):  # fmt: skip
        assert ago(time, now).replace("\u00a0", " ") == said
