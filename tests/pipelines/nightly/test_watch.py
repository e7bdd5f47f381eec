"""Late nights: not begun, not ended, ended by nobody."""

import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from pipelines.nights.record import Night, Nights
from pipelines.nights.serving import Watch
from tests.pipelines.nightly.conftest import NIGHT, Firm, moment

DUE = moment("2026-11-22 02:30")


def watch(firm: Firm, since: str = "2026-11-21 12:00", **late: object) -> Watch:
    return Watch(firm.workspace(late={"begin_minutes": 15, **late}), NIGHT, moment(since), firm.said.append)


def begun(firm: Firm, **changes: object) -> Night:
    night = Night.begin(DUE, shadow=False).but(**changes)
    Nights(firm.root / "var").save(night)
    return night


def test_a_night_that_does_not_begin_is_told_once_and_how_to_make_up_for_it(firm: Firm) -> None:
    """A quarter of an hour after its time, by mail; not before, and not again."""
    late = watch(firm)
    late.tell(DUE + timedelta(minutes=14))
    assert firm.subjects == []
    for minutes in (15, 16, 60):
        late.tell(DUE + timedelta(minutes=minutes))
    assert firm.subjects == ["Goldseam, Ström & Söhne: late"]
    text = firm.box.mails[0].get_content().replace("\r\n", " ")
    assert "The night of 2026-11-22 02:30 UTC has not begun." in text
    assert f"goldseam nightly --once -w {firm.root}" in text


def test_a_night_that_settings_keep_from_beginning_is_told_with_the_mistake(firm: Firm) -> None:
    """Somebody changed goldseam.yml in the evening, and the night could not read it."""
    (firm.root / "goldseam.yml").write_text("nightly:\n  waitfor: {}\n")
    (said,) = watch(firm).look(DUE + timedelta(minutes=20))
    assert "goldseam.yml:2: nightly.waitfor: unknown key. Did you mean `wait_for`?" in said


def test_a_night_that_does_not_end_by_its_time_is_told(firm: Firm) -> None:
    """`end_by`, in the zone of the schedule; a night that ended in time is not."""
    night = begun(firm)
    late = watch(firm, end_by="07:00")
    assert late.look(moment("2026-11-22 06:59")) == []
    assert late.look(moment("2026-11-22 07:00")) == [
        "The night of 2026-11-22 02:30 UTC has not ended by 07:00; it is still going on"
    ]
    Nights(firm.root / "var").save(night.but(ended=DUE.isoformat()))
    assert watch(firm, end_by="07:00").look(moment("2026-11-22 07:00")) == []


def test_a_night_that_was_killed_is_told_at_once(firm: Firm) -> None:
    """kill -9, a machine out of memory: nobody else can tell."""
    child = subprocess.Popen(["true"])
    child.wait()
    begun(firm, pid=child.pid)
    (said,) = watch(firm).look(DUE + timedelta(minutes=1))
    assert f"its process {child.pid} is gone" in said


@pytest.mark.parametrize("known", [False, True])
def test_a_night_missed_while_nothing_was_served_is_told_if_there_ever_was_one(firm: Firm, known: bool) -> None:
    """Installed in the evening, nothing was missed; after an outage it was."""
    if known:
        Nights(firm.root / "var").save(Night.begin(DUE - timedelta(days=2), shadow=False).but(ended=DUE.isoformat()))
    assert bool(watch(firm, since="2026-11-22 18:00").look(moment("2026-11-22 18:01"))) == known


def test_each_night_is_watched_anew(firm: Firm) -> None:
    """The second late night is told as the first one was."""
    late = watch(firm)
    for day in range(2):
        assert len(late.look(DUE + timedelta(days=day, minutes=20))) == 1


def test_the_watch_ends_with_its_service(firm: Firm) -> None:
    """It looks in a thread of its own, and stops when told."""
    over = watch(firm, since=datetime.now(UTC).isoformat(sep=" ", timespec="seconds")[:19]).start()
    assert not over.is_set()
    over.set()
