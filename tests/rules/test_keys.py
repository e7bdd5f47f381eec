"""Record keys: told apart when repeated, carried when there are none, renewed when an id became someone else."""

import random

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import keys

FIRST = [
    "Anna",
    "Bea",
    "Carla",
    "Dora",
    "Elena",
    "Fotini",
    "Galina",
    "Hana",
    "Irini",
    "Jale",
    "Katya",
    "Lena",
    "Mira",
    "Nadia",
    "Olga",
    "Petra",
]
LAST = [
    "Abad",
    "Bosch",
    "Conti",
    "Demir",
    "Engel",
    "Fabbri",
    "Gatti",
    "Huber",
    "Ivanov",
    "Jansen",
    "Kaya",
    "Lemke",
    "Moretti",
    "Nikas",
    "Ortiz",
    "Pappas",
]


def table(rows: list[dict[str, str | None]], ids: list[str] | None = None) -> pa.Table:
    """A raw table of some rows, in the order given."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    size = len(rows)
    raw = pa.table(
        {
            "_record_id": pa.array(ids or [None] * size, pa.string()),
            "_file": pa.array(["f"] * size),
            "_sheet": pa.nulls(size, pa.string()),
            "_line": pa.array(range(2, size + 2), pa.int64()),
            "_hash": pa.nulls(size, pa.string()),
            **{name: pa.array([row.get(name) for row in rows], pa.string()) for name in names},
        }
    )
    return raw.set_column(4, "_hash", keys.content_hash(raw))


def people(count: int, seed: int) -> list[dict[str, str | None]]:
    """A diary: name, phone, note; no ids."""
    dice = random.Random(seed)
    return [
        {
            "name": f"{dice.choice(FIRST)} {dice.choice(LAST)}",
            "phone": f"69{dice.randrange(10**8):08d}" if dice.random() < 0.9 else None,
            "note": dice.choice(["", "call back", "boat", "likes red"]) or None,
        }
        for _ in range(count)
    ]


def misspell(text: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(text))
    return text[:at] + dice.choice("aeiou") + text[at + 1 :]


def test_declared_columns_are_joined() -> None:
    """The key is the declared columns joined by `|`, trimmed; where all are empty there is none."""
    raw = table([{"a": " 1 ", "b": "x"}, {"a": "1", "b": None}, {"a": None, "b": " "}])
    assert keys.declared(raw, ["a", "b"]).ids.to_pylist() == ["1|x", "1|", None]


def test_repeated_ids_are_told_apart_and_reported() -> None:
    """A repeated id gets `#2`, `#3` in order, never the id of another row, and the note names the lines."""
    keyed = keys.declared(table([{"a": v} for v in ["7", "8", "7", "7#2", "7"]]), ["a"])
    assert keyed.ids.to_pylist() == ["7", "8", "7#3", "7#2", "7#4"]
    assert "7 in lines 2, 4, 6" in keyed.notes[0]


def test_an_id_that_reads_like_one_of_our_own_never_meets_it() -> None:
    """`1/contact` is the contact of row 1 and `2@2` the second owner of id 2: ids that look so get `#2`, always."""
    assert keys.declared(table([{"a": v} for v in ["1", "1/contact", "2@2", "a@b"]]), ["a"]).ids.to_pylist() == [
        "1", "1/contact#2", "2@2#2", "a@b",
    ]  # fmt: skip


def test_a_key_that_names_a_person_stays_out_of_the_notes() -> None:
    """Where the e-mail address or the name is the key, the note gives its lines alone."""
    for key in ("anna.conti@post.example", "Anna Conti", "+39 347 812 3456"):
        (note,) = keys.declared(table([{"a": key}, {"a": key}]), ["a"]).notes
        assert note == "1 record id stands more than once: lines 2, 3"


def test_where_only_new_rows_come_likeness_says_nothing() -> None:
    """A row that resembles one of yesterday's is another customer; the same row again is the same."""
    before = table(
        [{"name": "Bob Stone", "city": "Bari"}, {"name": "Zoe Finch", "city": "Bari"}], ["k000001", "k000002"]
    )
    now = table([{"name": "Bob Stones", "city": "Bari"}, {"name": "Zoe Finch", "city": "Bari"}])
    assert keys.carry(before, now, alike=False).ids.to_pylist() == ["k000003", "k000002"]
    assert keys.carry(before, now).ids.to_pylist() == ["k000001", "k000002"]


def test_minted_keys_are_opaque_and_in_order() -> None:
    """The first run mints k000001 and on; equal rows get keys of their own."""
    keyed = keys.carry(None, table([{"n": "x"}, {"n": "x"}, {"n": "y"}]))
    assert keyed.ids.to_pylist() == ["k000001", "k000002", "k000003"]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 25))
def test_sort_insert_correct_rename_keep_every_key(seed: int, count: int) -> None:
    """Sort the sheet, insert rows, correct a spelling, add a column, rename the file: every record keeps its key."""
    dice = random.Random(seed)
    rows = people(count, seed)
    first = keys.carry(None, table(rows))
    before = dict(zip(first.ids.to_pylist(), rows, strict=True))
    previous = table(rows, first.ids.to_pylist())
    edited = [(key, dict(row)) for key, row in before.items()]
    dice.shuffle(edited)
    with_phone = [row for _, row in edited if row["phone"]]
    for row in dice.sample(with_phone, min(2, len(with_phone))):
        row["name"] = misspell(str(row["name"]), dice)
    new = {"name": "Zoran Zupan", "phone": "0038612345678", "note": "new"}
    mixed: list[tuple[str | None, dict[str, str | None]]] = [*edited, (None, new)]
    mixed.insert(dice.randrange(len(mixed)), mixed.pop())
    if dice.random() < 0.5:
        for _, row in mixed:
            row["seen"] = "2026"
    again = keys.carry(previous, table([row for _, row in mixed]), first.known)
    found = again.ids.to_pylist()
    assert len(set(found)) == len(found)
    for (key, row), got in zip(mixed, found, strict=True):
        same = [k for k, r in before.items() if r == before.get(key or "")]
        assert got == f"k{count + 1:06d}" if key is None else got in same, (key, got, row)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["ann a", "ann b", "bob c", "eve", None]), max_size=6), min_size=2, max_size=5)
)
def test_keys_are_unique_and_never_reused(nights: list[list[str | None]]) -> None:
    """Over any nights, with any rows: one key a row, and a key that is gone never becomes another row's."""
    previous, known = None, None
    owner: dict[str, str | None] = {}
    for night in nights:
        rows = [{"name": name, "more": "x"} for name in night]
        current = table(rows) if rows else table([{"name": "z", "more": "x"}]).slice(0, 0)
        keyed = keys.carry(previous, current, known)
        ids = keyed.ids.to_pylist()
        assert len(set(ids)) == len(ids)
        fresh = [i for i in ids if i not in owner]
        assert all(int(i[1:]) > max((int(o[1:]) for o in owner), default=0) for i in fresh)
        owner.update(zip(ids, night, strict=True))
        previous, known = current.set_column(0, "_record_id", keyed.ids), keyed.known


def test_order_of_rows_is_no_matter_where_contents_differ() -> None:
    """Two orders of one sheet carry the same keys to the same rows."""
    rows = people(30, 4)
    first = keys.carry(None, table(rows))
    previous = table(rows, first.ids.to_pylist())
    changed = [{**row, "note": "moved"} if n % 3 == 0 else row for n, row in enumerate(rows)]
    there = dict(zip([str(r) for r in changed], keys.carry(previous, table(changed)).ids.to_pylist(), strict=True))
    back = keys.carry(previous, table(changed[::-1])).ids.to_pylist()
    assert [there[str(r)] for r in changed[::-1]] == back


def test_ambiguous_rows_get_new_keys_and_are_said() -> None:
    """A row that two earlier ones fit equally well takes neither key."""
    maria, otto = {"name": "Maria Nikas"}, {"name": "Otto", "phone": "9"}
    rows = [{**maria, "phone": "210 1234561"}, {**maria, "phone": "210 1234562"}, otto]
    previous = table(rows, ["k000001", "k000002", "k000003"])
    keyed = keys.carry(previous, table([otto, {**maria, "phone": "210 1234563"}]))
    assert keyed.ids.to_pylist() == ["k000003", "k000004"]
    assert "not surely enough" in keyed.notes[0]


def test_a_row_that_was_gone_finds_its_key() -> None:
    """A row deleted one night and put back later is the record it was."""
    rows = people(4, 1)
    first = keys.carry(None, table(rows))
    without = keys.carry(table(rows, first.ids.to_pylist()), table(rows[1:]), first.known)
    back = keys.carry(table(rows[1:], without.ids.to_pylist()), table(rows), without.known)
    assert back.ids.to_pylist() == first.ids.to_pylist()


COLUMNS = {"name": "full_name", "mail": "email"}


def recycled(before: dict[str, str | None], now: dict[str, str | None]) -> str:
    previous = table([{"id": "17", **before}], ["17"])
    return str(keys.recycled(previous, table([{"id": "17", **now}], ["17"]), COLUMNS, None).ids[0])


def test_an_id_that_became_someone_else_is_a_new_record() -> None:
    """Nothing of the name and no contact point shared: `17@2`, and from then on so."""
    assert (
        recycled({"name": "Anna Conti", "mail": "a@x.example"}, {"name": "Otto Huber", "mail": "o@x.example"}) == "17@2"
    )
    known = keys.recycled(
        table([{"id": "17", "name": "Anna Conti"}], ["17"]),
        table([{"id": "17", "name": "Otto Huber"}], ["17"]),
        COLUMNS,
        None,
    ).known
    again = keys.recycled(
        table([{"id": "17", "name": "Otto Huber"}], ["17@2"]),
        table([{"id": "17", "name": "Otto Huber"}], ["17"]),
        COLUMNS,
        known,
    )
    assert (again.ids.to_pylist(), again.notes) == (["17@2"], ())


def test_a_changed_person_is_the_same_record() -> None:
    """Marriage, spelling, another script, an initial, a shared e-mail, an empty name: no new record."""
    assert recycled({"name": "Anna Conti"}, {"name": "Anna Huber"}) == "17"
    assert recycled({"name": "Giorgos Pappas"}, {"name": "Γιώργος Παππάς"}) == "17"
    assert recycled({"name": "A. Conti"}, {"name": "Anna Huber"}) == "17"
    assert recycled({"name": "Anna", "mail": "a@x.example"}, {"name": "Otto", "mail": "A@x.example"}) == "17"
    assert recycled({"name": "Anna Conti"}, {"name": None, "mail": "b@x.example"}) == "17"
