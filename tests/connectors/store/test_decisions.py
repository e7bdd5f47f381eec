"""Decisions of people: append only, reversible, never in contradiction."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.store.decisions import Contradiction
from connectors.store.state import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/state.db") as opened:
        yield opened


def decide(store: Store, said: str) -> int:
    """`a=b` or `a/b`."""
    kind = "same" if "=" in said else "different"
    left, right = said.replace("/", "=").split("=")
    return store.decide(kind, f"crm:{left}", f"crm:{right}", user="maria", time="2026-01-02T10:00:00+00:00")


def in_force(store: Store) -> list[tuple[str, str | None, str | None]]:
    return [(r["kind"], r["left_id"], r["right_id"]) for r in store.decisions().to_pylist()]


def test_a_decision_is_kept_with_all_that_was_said(store: Store) -> None:
    """User, time, reason, field and value come back as they were given; a record id may hold colons."""
    seq = store.decide(
        "value", "crm:a:1", field="surname", value="Å", user="jo", time="2026-01-02T00:00:00+00:00", reason="rang"
    )
    row = store.decisions().to_pylist()[0]
    assert row == {
        "seq": seq, "kind": "value", "left_source": "crm", "left_id": "a:1", "right_source": None, "right_id": None,
        "field": "surname", "value": "Å", "user": "jo", "time": "2026-01-02T00:00:00+00:00", "reason": "rang",
        "undoes": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("earlier", "refused"),
    [
        (["a=b", "b=c"], "a/c"),
        (["a=b", "a/c"], "b=c"),
        (["a=b", "c=d", "b/c"], "d=a"),
        (["a=b", "b=c", "c=d", "d=e"], "e/a"),
        (["a=b"], "b/a"),
        (["a/b"], "a=b"),
    ],
)
def test_a_contradiction_is_refused_with_its_chain(store: Store, earlier: list[str], refused: str) -> None:
    """What earlier decisions exclude is not recorded, and the message names each of them."""
    numbers = [decide(store, said) for said in earlier]
    with pytest.raises(Contradiction) as error:
        decide(store, refused)
    assert sorted(error.value.chain) == numbers
    assert all(f"#{number} " in str(error.value) for number in numbers)
    assert "Undo" in str(error.value)
    assert len(in_force(store)) == len(earlier)


def test_decisions_that_agree_are_accepted(store: Store) -> None:
    """Different from both of two who are the same; same over a third; two groups apart."""
    for said in ("a=b", "b=c", "a=c", "a/d", "b/d", "d=e", "c/e"):
        decide(store, said)
    assert len(in_force(store)) == 7


def test_the_same_decision_twice_is_one(store: Store) -> None:
    """A second key stroke, or the pair the other way round, gives the number of the first."""
    assert decide(store, "a=b") == decide(store, "b=a")
    one = store.decide("value", "crm:1", field="city", value="X", user="a")
    assert store.decide("value", "crm:1", field="city", value="X", user="b") == one


def test_undo_and_undo_of_undo(store: Store) -> None:
    """Undoing takes a decision out of force, and undoing that makes it anew; all of it stays on record."""
    first = decide(store, "a=b")
    undone = store.undo(first, user="jo", reason="slipped")
    assert in_force(store) == []
    decide(store, "a/b")
    with pytest.raises(Contradiction):
        store.undo(undone, user="jo")
    other = store.undo(3, user="jo")
    again = store.undo(undone, user="jo")
    assert in_force(store) == [("same", "a", "b")]
    assert [r["kind"] for r in store.decision_history().to_pylist()] == ["same", "undo", "different", "undo", "same"]
    assert (first, undone, other, again) == (1, 2, 4, 5)


def test_undo_of_what_cannot_be_undone(store: Store) -> None:
    """No such decision, and one that is undone already, are said."""
    with pytest.raises(KeyError):
        store.undo(99, user="jo")
    store.undo(decide(store, "a=b"), user="jo")
    with pytest.raises(ValueError, match="already"):
        store.undo(1, user="jo")


def test_the_last_value_counts(store: Store) -> None:
    """A later value for a field stands in for the earlier; undone, the earlier is back."""
    store.decide("value", "crm:1", field="city", value="X", user="a")
    later = store.decide("value", "crm:1", field="city", value="Y", user="a")
    assert [r["value"] for r in store.decisions().to_pylist()] == ["Y"]
    store.undo(later, user="a")
    assert [r["value"] for r in store.decisions().to_pylist()] == ["X"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "alike", "left": "crm:1", "right": "crm:2"},
        {"kind": "same", "left": "crm:1", "right": "crm:1"},
        {"kind": "same", "left": "crm:1", "right": None},
        {"kind": "same", "left": "crm", "right": "crm:1"},
        {"kind": "value", "left": "crm:1", "right": None},
    ],
)
def test_incomplete_decisions_are_refused(store: Store, wrong: dict[str, str]) -> None:
    """An unknown kind, a record and itself, a missing record, a key without source, a value of no field."""
    with pytest.raises(ValueError, match=r"decision|record key"):
        store.decide(**wrong, user="a")  # type: ignore[arg-type]  # wrong on purpose


def test_two_stewards_at_once_cannot_contradict_each_other(store: Store) -> None:
    """Of two decisions that exclude each other, made at the same moment, one is refused, always."""
    refused: list[str] = []

    def steward(said: str) -> None:
        try:
            decide(store, said)
        except Contradiction:
            refused.append(said)

    for pair in ("ab", "cd", "ef", "gh"):
        threads = [Thread(target=steward, args=(f"{pair[0]}{sign}{pair[1]}",)) for sign in "=/"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(refused) == 4
    assert len(in_force(store)) == 4


def test_decisions_change_the_fingerprint(store: Store) -> None:
    """A decision or a correction asks for a new run; reading asks for none."""
    before = store.fingerprint()
    assert before == store.fingerprint()
    decide(store, "a=b")
    after = store.fingerprint()
    store.correct("crm", "1", {"name": "Ada"}, user="a")
    assert len({before, after, store.fingerprint()}) == 3


SAID = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde"), st.booleans()), max_size=14)


@settings(max_examples=15, deadline=None)
@given(SAID)
def test_what_is_in_force_can_all_hold(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str, bool]]
) -> None:
    """Whatever is decided in whatever order: no two records are both joined and kept apart."""
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('store')}/state.db") as store:
        for left, right, same in said:
            if left == right:
                continue
            try:
                decide(store, f"{left}{'=' if same else '/'}{right}")
            except Contradiction:
                assert _clash([*in_force(store), ("same" if same else "different", left, right)])
        assert not _clash(in_force(store))


def _clash(decisions: list[tuple[str, str | None, str | None]]) -> bool:
    group = {letter: letter for letter in "abcde"}
    for kind, left, right in decisions:
        if kind == "same":
            old, new = group[str(left)], group[str(right)]
            group = {k: new if v == old else v for k, v in group.items()}
    return any(kind != "same" and group[str(left)] == group[str(right)] for kind, left, right in decisions)
