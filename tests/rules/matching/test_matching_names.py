"""Similarity of names: its properties for any text, and pieces of it."""

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matching_names_ranking import romanised

from rules.matching import names
from rules.matching.names import align, read
from rules.matching.names.distance import distance
from rules.matching.names.read import Name

LETTERS = "abehjkmouxyz ABC.,-'&()/0123 αβγμπτςχ жщьйя şıİ محد שלו 王明 김민 สม कि \u0301\u200b😀"
TEXTS = st.text(LETTERS, max_size=14) | st.text(max_size=8)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(TEXTS, TEXTS)
def test_symmetric_and_bounded(a: str, b: str) -> None:
    """Whatever is typed, similarity is 0 to 1, the same in both orders, and 1 for a text and itself."""
    s = names.similarity(a, b)
    assert 0 <= s <= 1
    assert s == names.similarity(b, a)
    assert names.similarity(a, a) == 1


WORDS = ("anna", "maria", "rossi", "petrov", "kostas", "li", "van", "al", "j")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9), st.permutations(WORDS))
def test_of_persons_is_symmetric(words: list[str], others: list[str]) -> None:
    """The comparison of standardised names is symmetric and bounded, for long names too."""
    a, b = " ".join(words), " ".join(others[: len(words)])
    assert names.persons_alike(a, b) == names.persons_alike(b, a)
    assert 0 <= names.persons_alike(a, b) <= 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Dr. Anna Rossi", ("anna", "rossi")),
        ("Rossi, Anna", ("anna", "rossi")),
        ("κ. Νίκος Βλάχος", ("νίκος", "βλάχος")),
        ('Joaquín "El Toro" Guzmán', ("joaquín", "guzmán")),
        ("Ma. Guadalupe Torres", ("ma.", "guadalupe", "torres")),
        ("J. Smith", ("j", "smith")),
        ("王小明", ("wang", "xiaoming")),
        ("Don Miller", ("don", "miller")),
        ("Петро́в Ива́н", ("петров", "иван")),
        ("A. B. Fairchild", ("a", "b", "fairchild")),
    ],
)
def test_words_of_a_person(text: str, words: tuple[str, ...]) -> None:
    """Titles, commas, nicknames and stress marks are no part of the words; a word cut short keeps its dot."""
    found = read(text)
    assert found.words == words
    assert not found.organisation


@pytest.mark.parametrize(
    ("text", "words", "form"),
    [
        ("Acme Tools Ltd.", ("acme", "tools"), "Ltd"),
        ("ООО «Ромашка»", ("ромашка",), "ООО"),
        ("acme sa", ("acme",), "S.A."),
        ("Sunrise Fund II", ("sunrise", "fund", "2"), None),
    ],
)
def test_words_of_an_organisation(text: str, words: tuple[str, ...], form: str | None) -> None:
    """Legal forms are taken off in any script, Roman numbers read."""
    assert read(text) == Name(words, 0, form, True)


def test_generations() -> None:
    """Father and son of one name are two; a generation left out is no contradiction."""
    assert names.similarity("John Smith Jr.", "John Smith Sr.") < 0.7
    assert names.similarity("John Smith Jr.", "John Smith") > 0.9


def test_numbers_must_agree() -> None:
    """Organisations that differ in a number are two, however alike the rest is."""
    assert names.similarity("Oak Lane Nursery School 12", "Oak Lane Nursery School 21") < 0.5
    assert names.similarity("Oak Lane Nursery School 12", "Oak Lane Nursery School 012") == 1


def test_legal_forms_weigh_little() -> None:
    """The same form in other words costs nothing, one of its class next to nothing, another class a little."""
    same, near, other = (
        names.similarity("Acme Tools GmbH", f"Acme Tools {form}") for form in ("G.m.b.H.", "Ltd", "AG")
    )
    assert same == 1 > near > other > 0.9


def test_best_pairing_is_not_the_greedy_one() -> None:
    """Of all pairings that of the greatest sum is taken, even where the best single pair is not in it."""
    likeness = [[0.9, 0.8, 0.0], [0.85, 0.0, 0.0], [0.0, 0.0, 1.0]]
    assert align.best(likeness, [1.0] * 3, [1.0] * 3) == [(0, 1), (1, 0), (2, 2)]


def test_distance_of_sounds() -> None:
    """Sounds that are taken for one another cost little, others one; letters changed round cost less than two."""
    assert distance("kostas", "kostas") == 0
    assert distance("iosif", "iozif") < 0.2 < distance("tom", "pom")
    assert distance("petrof", "pertof") < 1
    assert distance("mhmd", "mohamed", "consonantal") < 0.3 < distance("mhmd", "mohamed", "same")


def test_import_is_light() -> None:
    """Importing the package loads neither tables nor the libraries of data frames."""
    code = "import sys, rules.matching.names; print(sorted({'pyarrow', 'pandas', 'numpy', 'yaml'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_fast_enough() -> None:
    """More than 10,000 pairs a CPU second once words are known (60,000 on an idle machine)."""
    given = romanised("el", 80) | romanised("ru", 80)
    pairs = [(a, b) for a in list(given)[::4] for b in list(given.values())[::2]]
    for a, b in pairs:
        names.similarity(a, b)
    start = time.process_time()
    for a, b in pairs:
        names.similarity(a, b)
    assert len(pairs) / (time.process_time() - start) > 10_000
