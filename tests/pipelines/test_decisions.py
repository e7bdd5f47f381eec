"""What people decide, as runs obey it: night after night, whatever changes around it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.quarantine import Refused
from tests.pipelines.two_sources import Firm

TAX = "IT00743110157"
JOINED, APART = ("crm:2", "crm:4", "shop:9", "crm:6"), ("crm:1", "shop:1")


@pytest.fixture(scope="module")
def firm(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm published once; decisions of its tests do not touch each other's records."""
    return Firm(tmp_path_factory.mktemp("decisions") / "firm", begun)


def test_what_cannot_be_decided_is_refused(firm: Firm) -> None:
    """Contradictions with the chain that excludes them, records and fields that are not there, golden ids."""
    assert [firm.decide("same", *pair).exit_code for pair in (("crm:2", "crm:4"), ("crm:4", "shop:9"))] == [0, 0]
    golden = firm.who()["crm:1"]
    for words, said in (
        (["different", "crm:2", "shop:9"], "#1 crm:2 = crm:4 (maria, "),
        (["different", "crm:2", "shop:9"], "#2 crm:4 = shop:9 (maria, "),
        (["same", "crm:1", "crm:77"], "there is no record crm:77"),
        (["value", "crm:1", "sirname=X"], "Did you mean 'surname'?"),
        (["same", golden, "crm:4"], "Its records: crm:1, shop:1"),
        (["undo", "9"], "there is no decision 9"),
    ):
        found = firm.decide(*words)
        assert isinstance(found.exception, Refused)
        assert said in str(found.exception)
    listed = firm.cli("decide", "list").output
    assert "#1  crm:2 same crm:4  (maria, " in listed
    assert "she rang" in listed


@pytest.fixture(scope="module")
def nights(firm: Firm) -> "dict[str, Seen]":
    """The night after people decided; one with another file name, rules and data; one without a decided record."""
    assert firm.who()["crm:1"] == firm.who()["shop:1"]
    for words in (["same", "crm:2", "crm:4"], ["same", "crm:4", "shop:9"], ["different", "crm:1", "shop:1"],
                  ["value", "crm:4", "surname=Rossi"], ["same", "crm:2", "crm:6"]):  # fmt: skip
        assert firm.decide(*words).exit_code == 0
    seen = {"decided": Seen(firm)}
    (firm.root / "inbox" / firm.file).unlink()
    firm.file = "crm 2026 (1).csv"
    (firm.root / "rules" / "matching.yml").write_text("thresholds: {merge: 0.99, review: 0.6}\n", "utf-8")
    firm.crm |= {
        "1": f"Anna Conti,anna@post.example,1980-02-03,{TAX},",
        "2": "Beate Bosch,b@other.example,1970-01-02,,",
    }
    firm.shop["1"] += TAX
    seen["changed"] = Seen(firm)
    del firm.crm["4"]
    seen["gone"] = Seen(firm)
    return seen


class Seen:
    """What a night left."""

    def __init__(self, firm: Firm) -> None:
        firm.run()
        self.who, self.asked, self.events = firm.who(), firm.asked(), firm.events()
        self.surname = firm.golden("crm:2")["surname"]


@pytest.mark.parametrize("night", ["decided", "changed", "gone"])
def test_decisions_hold(nights: dict[str, Seen], night: str) -> None:
    """Joined, parted and corrected by a person: so it stays when files are renamed, rules and data change, and when
    the record in between is gone; a record read as a firm's is joined to one read as a person's."""
    seen = nights[night]
    joined = [key for key in JOINED if key != "crm:4" or night != "gone"]
    assert len({seen.who[key] for key in joined}) == 1
    assert len({seen.who[key] for key in APART}) == 2
    assert seen.surname == "Rossi"


def test_decisions_are_the_cause(nights: dict[str, Seen]) -> None:
    """What decisions joined and parted is told with the person."""
    told = {e for e in nights["decided"].events if e[0] in ("merged", "split")}
    assert told == {("merged", "decision", "maria"), ("split", "decision", "maria")}


def test_data_that_come_to_contradict_a_decision_are_reported(nights: dict[str, Seen]) -> None:
    """Two whom a person keeps apart get one tax id: it is asked from then on. What the person could see is no news."""
    assert not [c for c in nights["decided"].asked if c[0] == "decision"]
    for night in ("changed", "gone"):
        (found,) = (c for c in nights[night].asked if c[1:3] == ("crm:1", "shop:1"))
        assert found[0] == "decision"
        assert "decision 3 (maria, " in found[3]
        assert "their tax ids are equal" in found[3]


def test_the_command_says_that_whoever_uses_it_decides_alone() -> None:
    """No second reader is asked there, as the desk would; who is let near it must know."""
    said = " ".join(CliRunner().invoke(app, ["decide", "--help"]).output.replace("│", " ").split())
    assert "decides alone, also where the desk would ask a second reader" in said
