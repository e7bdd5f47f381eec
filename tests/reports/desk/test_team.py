"""The work of two weeks: for leads all of it, how well before how much; for everybody else their own."""

import re
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from connectors.store import tables
from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Filter
from tests.reports.desk.firm import Opened
from tests.reports.desk.test_colleagues import answered


def worked(desk: Opened, user: str, nth: int, days_ago: int) -> None:
    """Somebody decided a case, some days ago."""
    case = desk.case(nth)
    made = (wanted("different", case.left, case.right),)
    then = datetime.now(UTC) - timedelta(days=days_ago)
    desk.store.act(Act(user, "answer", case, made, answer="different"), time=then)


def test_leads_see_what_is_open_and_what_was_done(desk: Opened) -> None:
    """Open cases, whom they were given to, what waits for a second reader, quarantine by owner; each person's days,
    agreement and reversals before them, and no time that anybody took.
    """
    desk.set(second_reader_above=0)
    one, other = desk.case(0), desk.case(1)
    answered(desk, desk.client("stella"), one, "same")
    desk.store.act(Act("lena", "assign", other, other="stavros"))
    rows = [r["owner"] for r in desk.store.quarantine_items("open").to_pylist()]
    page = desk.client("lena").get("/team").text
    assert f'<a href="/queue">{desk.store.waiting(Filter())}</a>' in page
    assert "too early to tell" in page
    assert re.search(r"<b>1</b> <a [^>]*>given to stavros", page)
    assert re.search(r"<b>1</b> waits for a second reader", page)
    for owner in filter(None, set(rows)):
        assert re.search(rf'>{re.escape(owner)}</a></th><td class="n">{rows.count(owner)}</td>', page), owner
    stella = re.search(r'<a href="/history\?user=stella">stella</a>.*?</tr>', page, re.S)
    assert stella
    assert "1\u00a0case read" in stella[0]
    assert page.index(">Agreement<") < page.index(">Reversals<") < page.index(">Day by day<")
    assert "Median" not in page
    named = re.findall(r'\?user=(\w+)"', page)
    assert named == sorted(named)
    assert "/audit" not in page
    assert 'href="/audit"' in desk.client("ada").get("/team").text


def test_people_see_their_own_work_alone(desk: Opened) -> None:
    """A steward has no page of the team; My work shows their days, and nobody else's."""
    worked(desk, "stavros", 0, 1)
    for n in (1, 2):
        worked(desk, "stella", n, 3)
    assert desk.client("stella").get("/team").status_code == 403
    mine = desk.client("stella").get("/me").text
    assert "2\u00a0cases read" in mine
    assert "stavros" not in mine
    assert "Your last two weeks" not in desk.client("lena").get("/me").text, "nothing was done: nothing is shown"


def test_what_decided_nothing_is_no_pack_and_no_batch(desk: Opened) -> None:
    """An import of which every row was refused is not counted; one that decided is."""
    day = datetime.now(UTC).date().isoformat()
    for action in ("pack", "batch"):
        desk.store.act(Act("stella", action, None))
    assert desk.store.done(day) == []
    case = desk.case()
    desk.store.act(Act("stella", "pack", None, (wanted("different", case.left, case.right),)))
    assert [(one.packs, one.batches, one.closed) for one in desk.store.done(day)] == [(1, 0, 1)]


def test_the_queues_end_is_foretold_from_what_was_decided(desk: Opened) -> None:
    """Three days of decisions since there is a queue, and none came: so many days at this speed."""
    with desk.store.writing() as connection:
        connection.execute(update(tables.candidates).values(first_run="20200101T000000Z-0000"))
    for days_ago in (1, 2, 3):
        worked(desk, "stella", days_ago, days_ago)
    page = desk.client("lena").get("/team").text
    left = desk.store.waiting(Filter())
    assert "3 decided and 0 come in 14\u00a0days: 0.2 fewer a day" in page
    assert f"empty in {-(-left * 14 // 3)}\u00a0days" in page.replace(",", "")
    desk.store.change_user("lena", limits='{"departments": ["no such department"]}')
    limited = desk.client("lena").get("/team").text
    assert "in your part of the queue" in limited
    assert "fewer a day" not in limited, "of a part it would be wrong"
