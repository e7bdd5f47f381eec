"""What happens upstream: merges in the CRM, numbers given to others, our own values, old golden ids, who vanishes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipelines.quarantine import Refused
from tests.pipelines.two_sources import START, Firm

IDS = "\ufeffQuelle;Kunde;Nummer\r\ncrm;1;K-0007\r\nshop;1;K-0007\r\ncrm;2;0042\r\ncrm;3;0042\r\ncrm;99;Z\r\n"
COLUMNS = [w for pair in ("source=Quelle", "record_id=Kunde", "golden_id=Nummer") for w in ("--columns", pair)]


@dataclass
class Seen:
    """What a night left."""

    who: dict[str, str]
    asked: list[tuple[str, str, str, str]]
    events: list[tuple[Any, ...]]
    anna: dict[str, Any]


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    return Firm(tmp_path_factory.mktemp("upstream") / "firm")


@pytest.fixture(scope="module")
def nights(firm: Firm) -> list[Seen]:
    """Three nights: the firm's own ids adopted; much happens at once; and much of it is taken back."""
    (firm.root / "ids.csv").write_text(IDS, "utf-8", newline="")
    assert firm.cli("adopt", str(firm.root / "ids.csv"), *COLUMNS).exit_code == 0
    seen = [_night(firm)]
    with firm.open() as store:
        store.wrote([("crm", "1", "email", "new@post.example")], START)
    firm.crm |= {
        "1": "Anna Conti,new@post.example,1980-02-03,,",  # our own value comes back
        "2": "Yorgos Papadakis,yp@else.example,1944-12-24,,",  # the number is somebody else's now
        "4": "Dora Ortiz,dora@post.example,1990-09-09,,3",  # a user of the CRM merged 4 into 3
    }
    del firm.shop["9"]
    seen.append(_night(firm))
    firm.crm["4"] = "Dora Ortiz,dora@post.example,1990-09-09,,"
    firm.shop["9"] = "Elena Fabbri,elena@post.example,1985-03-07,"
    seen.append(_night(firm))
    return seen


def _night(firm: Firm) -> Seen:
    firm.run()
    return Seen(firm.who(), firm.asked(), firm.events(), firm.golden("crm:1"))


def test_the_firm_s_own_ids_are_the_first_crosswalk(nights: list[Seen]) -> None:
    """Ids are kept as they are written, and stay; of one whose records the data keep apart the first part has it, and
    people are asked."""
    first = nights[0]
    assert [first.who[key] for key in ("crm:1", "shop:1", "crm:2")] == ["K-0007", "K-0007", "0042"]
    assert first.who["crm:3"].startswith("G")
    assert ("pair", "crm:2", "crm:3", "one customer by the firm's own id 0042") in first.asked
    assert nights[2].who["crm:1"] == "K-0007"


def test_an_adopted_id_is_never_given_again(firm: Firm, nights: list[Seen]) -> None:
    """Published records keep the id they have; a line that says otherwise, twice or of nobody is named, and nothing
    is adopted."""
    path = firm.root / "more.csv"
    path.write_text("record_id,golden_id\n1,K-0008\n55,Q1\n55,Q2\n,Q3\n56,Q1\n56,Q1\n", "utf-8")
    found = firm.cli("adopt", str(path), "--source", "crm")
    assert isinstance(found.exception, Refused)
    for said in ("line 2: crm:1 is published as K-0007 already", "line 4: crm:55 is Q2, but line 3 says Q1",
                 "line 5: record_id is empty", "3 lines cannot be"):  # fmt: skip
        assert said in str(found.exception)
    assert nights
    with firm.open() as store:
        assert "Q1" not in store.adopted_ids()["golden_id"].to_pylist()


def test_a_merge_in_the_crm_is_read_and_not_obeyed(nights: list[Seen]) -> None:
    """People are asked about it; the records stay two customers. So they are when the users part them again."""
    for night in nights:
        assert night.who["crm:3"] != night.who["crm:4"]
    assert ("pair", "crm:3", "crm:4", "users of crm have merged these") in nights[1].asked
    assert not [c for c in nights[2].asked if c[1:3] == ("crm:3", "crm:4")]


def test_our_own_value_does_not_vote(nights: list[Seen]) -> None:
    """The e-mail that Goldseam wrote into the CRM is nobody's word when it comes back."""
    assert [night.anna["email"] for night in nights] == ["anna@post.example"] * 3


def test_what_a_sink_wrote_counts_for_rows_that_landed_before(begun: Path, tmp_path: Path) -> None:
    """Told of after the row had come back, the value votes no more from the next run on, though no file changed."""
    firm = Firm(tmp_path / "firm", begun)
    assert firm.golden("crm:2")["email"] == "bea@post.example"
    with firm.open() as store:
        store.wrote([("crm", "2", "email", "bea@post.example")], START)
    summary = firm.run()
    assert (summary.status, summary.changes["changed"]) == ("published", 1)
    assert firm.golden("crm:2")["email"] is None
    assert [stage.name for stage in firm.run().stages] == ["land"]


def test_a_number_that_is_somebody_else_s_now(nights: list[Seen]) -> None:
    """A new record and a new customer; the old one's id is not reused."""
    assert "crm:2" not in nights[1].who
    assert nights[1].who["crm:2@2"] not in nights[0].who.values()
    assert ("retired", "data", None) in nights[1].events


def test_who_vanishes_and_comes_back(nights: list[Seen]) -> None:
    """Gone from a full export its customer is retired; back again it has its id."""
    assert "shop:9" not in nights[1].who
    assert nights[2].who["shop:9"] == nights[0].who["shop:9"]
    assert ("returned", "data", None) in nights[2].events
