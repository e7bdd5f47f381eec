"""Whatever happens over the nights, and whatever people decide: the past is kept, and told, as it was."""

import random
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.store.decisions import Contradiction
from connectors.store.state import Store
from rules.identity.causes import FOLLOWED
from tests.pipelines import faithful
from tests.pipelines.firm import Firm
from tests.pipelines.nights import Record
from tests.pipelines.two_sources import Firm as Whole

KEYS = ("crm:1", "crm:2", "crm:3", "shop:1", "shop:2")


def decide(store: Store, dice: random.Random, keys: tuple[str, ...] = KEYS) -> None:
    """One decision at random, or the undoing of one; what contradicts earlier ones is refused."""
    made = store.decisions()["seq"].to_pylist()
    try:
        if made and dice.random() < 0.3:
            store.undo(dice.choice(made), user="jo")
        else:
            left, right = dice.sample(keys, 2)
            store.decide(dice.choice(["same", "different", "split"]), left, right, user="maria", reason="knows them")
    except Contradiction:
        pass


def night(store: Store, dice: random.Random) -> dict[str, Record]:
    """Records in clusters at random that obey the decisions in force; some are gone, some in quarantine."""
    place = {key: dice.randrange(1, 5) for key in KEYS if dice.random() < 0.85}
    said = [
        (d["kind"], f"{d['left_source']}:{d['left_id']}", f"{d['right_source']}:{d['right_id']}")
        for d in store.decisions().to_pylist()
    ]
    for kind, left, right in said:
        if kind == "same" and left in place and right in place:
            old, new = place[right], place[left]
            place = {key: new if number == old else number for key, number in place.items()}
    bad = {key for key in place if dice.random() < 0.1}
    return {key: Record(None if key in bad else n, dice.choice(["Ada", "Bob", "Cy"])) for key, n in place.items()}


def lived(firm: Firm, dice: random.Random, nights: int) -> None:
    published: dict[int, faithful.Snapshot] = {}
    for _ in range(nights):
        with firm.store as store:
            for _ in range(dice.randrange(3)):
                decide(store, dice)
            tonight = night(store, dice)
        firm.publish(tonight)
        with firm.store as store:
            published[store.version()] = faithful.snapshot(store)
            faithful.demand(store, published)
            made = set(store.decision_history()["seq"].to_pylist())
            told = [e["detail"] for e in store.events().to_pylist() if e["cause"] == "decision"]
            assert all(int(t.removeprefix(FOLLOWED).split()[1].strip(",:")) in made for t in told)


@settings(max_examples=1, deadline=None)
@given(seed=st.integers(0, 10**9))
@example(seed=1)  # a customer joins another in the night in which one of its records vanishes
def test_the_past_is_kept_as_it_was(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """After any nights and decisions the feed rebuilds each publication from zero, the history gives each of them
    back, and every customer's life adds up to what it held."""
    root = tmp_path_factory.mktemp("firm")
    lived(Firm(root, f"sqlite:///{root}/state.db"), random.Random(seed), 3)


@pytest.mark.soak
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_the_past_is_kept_over_many_nights(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """The same over eight nights."""
    root = tmp_path_factory.mktemp("firm")
    lived(Firm(root, f"sqlite:///{root}/state.db"), random.Random(seed), 8)


def changed(firm: Whole, dice: random.Random) -> None:
    """Rows that come, go and change in the files of a firm."""
    people = (
        "Anna Conti,anna@post.example,1980-02-03", "Anna Conti-Neri,an@post.example,1980-02-03",
        "Bea Huber,bea@post.example,1970-01-02", "Bea Huber,,1970-01-02", "Dora Ortiz,d@post.example,",
    )  # fmt: skip
    for rows, commas in ((firm.crm, ",,"), (firm.shop, ",")):
        for key in ("1", "2", "3", "4", "9"):
            if dice.random() < 0.3:
                rows[key] = dice.choice(people) + commas
            elif dice.random() < 0.15 and len(rows) > 2:
                rows.pop(key, None)


def whole_runs(root: Path, seed: int, nights: int) -> None:
    dice, firm = random.Random(seed), Whole(root)
    published: dict[int, faithful.Snapshot] = {}
    for _ in range(nights):
        firm.run()
        with firm.open() as store:
            published[store.version()] = faithful.snapshot(store)
            faithful.demand(store, published)
            _decisions_hold(store)
            keys = tuple(sorted(firm.who()))
            decide(store, dice, keys)
        changed(firm, dice)


def _decisions_hold(store: Store) -> None:
    rows = [r for r in store.crosswalk().to_pylist() if r["state"] == "active"]
    who = {(r["source"], r["record_id"]): r["golden_id"] for r in rows}
    for d in store.decisions().to_pylist():
        left, right = (who.get((d[f"{side}_source"], d[f"{side}_id"])) for side in ("left", "right"))
        assert left is None or right is None or (left == right) == (d["kind"] == "same"), d


@pytest.mark.soak
def test_whole_runs_keep_the_past(tmp_path: Path) -> None:
    """The same through all stages, from files; and every decision holds after every night."""
    whole_runs(tmp_path / "firm", 1, 3)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 10))
def test_many_whole_runs_keep_the_past(tmp_path: Path, seed: int) -> None:
    """The same over eight nights, from eight beginnings."""
    whole_runs(tmp_path / "firm", seed, 8)
