"""What a user may be called, on every kind of state database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from connectors.store import tables
from connectors.store.desk.people import NoSuchUser
from connectors.store.state import Store
from tests.databases import KINDS, database


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with database(request.param, tmp_path) as url, Store.open(url) as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("stella\u200b", "cannot be seen"), ("leda\u202e", "cannot be seen"), ("a\nb", "cannot be seen"),
        ("s\x00t", "cannot be seen"), ("\u2126mega", "not written as"), ("E\u0301ni", "not written as"),
        ("-", "a letter or a number"), ("..", "a letter or a number"), ("/../people", "no /"), ("", "a letter"),
        (" leda", "blanks"), ("le  da", "blanks"), ("le\xa0da", "not written as"),
    ],
)  # fmt: skip
def test_a_name_that_deceives_is_refused(store: Store, name: str, said: str) -> None:
    """What nobody sees, what reads as another name or leads elsewhere: told in words, and nobody is added."""
    with pytest.raises(ValueError, match=said):
        store.add_user(name, "steward")
    assert store.users() == []


def test_nobody_is_called_like_another(store: Store) -> None:
    """However large the letters are; names of all languages are names."""
    for name in ("stella", "\u03a9mega", "maria.p@firm.example", "Δήμητρα", "Jo O'Neil", "7"):
        store.add_user(name, "steward")
    for name in ("Stella", "STELLA", "\u03c9mega", "δήμητρα", "ΔΉΜΗΤΡΑ"):
        with pytest.raises(NoSuchUser, match="already"):
            store.add_user(name, "steward")
    assert len(store.users()) == 6


def test_whoever_has_such_a_name_keeps_it(store: Store) -> None:
    """Users from before names were looked at sign in, and are changed, as ever."""
    with store.writing() as connection:
        for name in ("leda\u202e", "Stella", "stella", " x"):
            connection.execute(insert(tables.users).values(name=name, role="steward", created="", active=True))
    for name in ("leda\u202e", "Stella", " x"):
        store.change_user(name, role="lead")
        token, _ = store.open_session(name, 1)
        assert store.session(token, 60) is not None
    assert [user["role"] for user in store.users() if user["name"] == "stella"] == ["steward"]
