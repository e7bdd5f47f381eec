"""One night from beginning to end: who is told what, what is on record, what a night survives."""

import json
import os
from email.message import EmailMessage
from pathlib import Path

import pytest

from connectors.store.lock import Busy
from pipelines.context import RunFailed
from pipelines.nights.record import KEPT, Night, Nights
from pipelines.summary import Summary
from tests.pipelines.nightly.conftest import Firm, Walked, moment


def _text(letter: EmailMessage) -> str:
    return str(letter.get_content()).replace("\r\n", "\n")


PERSON = "could not convert 'Maria Rossi'"


def test_a_published_night_is_on_record_and_told(firm: Firm) -> None:
    """Counts in the mail, the monitor hears the beginning and the end, the record says the same."""
    firm.keeper().keep(Walked())
    (letter,) = firm.box.mails
    assert letter["Subject"] == "Goldseam, Ström & Söhne: published"
    assert "1,234 customers; 3 created, 1 merged\n7 records in quarantine" in _text(letter)
    assert firm.monitor.paths == ["/ping/start", "/ping"]
    (night,) = Nights(firm.root / "var").all()
    assert (night.status, night.golden, night.quarantined, night.pid) == ("published", 1234, 7, os.getpid())
    assert night.ended is not None
    assert (firm.root / "var" / "nights" / "heartbeat").exists()


def test_a_held_night_says_why_and_how_to_publish_it_after_all(firm: Firm) -> None:
    """The reasons of the gates, and the command; the monitor hears a success, since the night did its work."""
    firm.keeper().keep(Walked("held", ("merges beyond merges_at_most",)))
    text = _text(firm.box.mails[0])
    assert "merges beyond merges_at_most" in text
    assert f"goldseam publish 20261122T023000Z-abcd -w {firm.root}" in text.replace("\n", " ")
    assert firm.monitor.paths[-1] == "/ping"


def test_a_failed_night_is_told_without_a_customers_data(firm: Firm) -> None:
    """The words of Goldseam, of any other error its kind alone; the monitor hears of the failure."""
    failed = RunFailed(f"match: {PERSON}", Summary("r", reasons=["match: ValueError."]))
    for error, said in ((failed, "match: ValueError."), (ValueError(PERSON), "ValueError."), (Busy("by 17"), "by 17")):
        with pytest.raises(type(error)):
            firm.keeper().keep(Walked(error=error))
        assert said in _text(firm.box.mails[-1])
    told = [letter.as_string() for letter in firm.box.mails] + [str(call) for call in firm.monitor.calls] + firm.said
    kept = [path.read_text("utf-8") for path in (firm.root / "var" / "nights").glob("*.json")]
    assert not any("Rossi" in text for text in [*told, *kept])
    assert firm.monitor.paths[-1] == "/ping/fail"
    assert not (firm.root / "var" / "nights" / "heartbeat").exists()


def test_people_are_told_only_what_they_want_to_hear(firm: Firm) -> None:
    """`tell: [failed]`: nothing of a held and of a published night."""
    for status in ("held", "published", "unchanged"):
        notify = {**firm.workspace().firm.nightly.notify.model_dump(), "tell": ["failed"]}
        firm.keeper(notify=notify).keep(Walked(status))
    assert firm.subjects == []


def test_a_night_does_not_fail_because_nobody_could_be_told(firm: Firm) -> None:
    """Mail, monitor: what went wrong is said and kept, and the night ends as it would."""
    firm.monitor.answer = 500
    keeper = firm.keeper()
    firm.box.refused = frozenset({"it@firm.example"})
    assert keeper.keep(Walked()).status == "published"
    (night,) = Nights(firm.root / "var").all()
    assert [said.partition(":")[0] for said in night.told] == [
        "the monitor was not called", "no mail was sent", "the monitor was not called",
    ]  # fmt: skip
    assert set(night.told) <= set(firm.said)


def test_a_night_that_cannot_be_put_on_record_goes_on(firm: Firm) -> None:
    """Where the disk takes no file: it is said, and people are told all the same."""
    (firm.root / "var").write_text("no folder")
    firm.keeper().keep(Walked())
    assert any("could not be put on record" in said for said in firm.said)
    assert firm.subjects == ["Goldseam, Ström & Söhne: published"]


def test_a_shadow_night_is_made_dry_and_says_so(firm: Firm) -> None:
    """Everything but publishing: the run is told, and whoever reads of it too."""
    walked = Walked("held")
    firm.keeper(shadow=True).keep(walked)
    assert walked.how["dry"]
    assert firm.subjects == ["Goldseam, Ström & Söhne: would be held (shadow)"]
    assert "goldseam publish" not in _text(firm.box.mails[0])


def test_the_run_is_given_the_retries_of_the_settings(firm: Firm) -> None:
    """`retries` of the nights; a run that somebody watches has none."""
    walked = Walked()
    firm.keeper(retries={"times": 2, "first_seconds": 7}).keep(walked)
    assert (walked.how["retries"].times, walked.how["retries"].first_seconds) == (2, 7)


def test_nights_are_kept_for_a_year_and_broken_files_passed_over(tmp_path: Path) -> None:
    """The latest first; a file that a crash or a person broke stops nobody."""
    nights = Nights(tmp_path)
    for number in range(KEPT + 5):
        nights.save(Night.begin(moment(f"{2000 + number}-01-01 02:30"), shadow=False))
    found = nights.all()
    assert len(found) == KEPT
    assert found[0].began > found[-1].began
    next(iter(sorted(nights.folder.glob("*.json")))).write_text('{"began": ')
    assert len(nights.all()) == KEPT - 1
    assert json.loads(max(nights.folder.glob("*.json")).read_text())["pid"] == os.getpid()
