"""Names in two scripts, with the nearest names of others against them: ranking, and skeletons to block by."""

import random
from collections.abc import Callable

import pytest
from matching_names_ranking import average_precision, common_names, romanised, with_hard_negatives
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.fuzz import token_sort_ratio

from rules.matching.names import similarity
from rules.matching.names.sound import skeleton
from rules.standardise import latin

TO_REACH = 0.852
"""Average precision of the best comparator measured on persons in two scripts (research/standardisation.md)."""


def ranking(names: dict[str, str], measure: Callable[[str, str], float]) -> float:
    pairs = with_hard_negatives(names)
    return average_precision([same for *_, same in pairs], [measure(a, b) for a, b, _ in pairs])[0]


def jaro(a: str, b: str) -> float:
    return float(JaroWinkler.similarity(latin.latin(a), latin.latin(b)))


def token_sort(a: str, b: str) -> float:
    return float(token_sort_ratio(latin.latin(a), latin.latin(b)))


@pytest.mark.parametrize(("language", "floor"), [("ru", 0.985), ("el", 0.96)])
def test_romanised_in_many_ways(language: str, floor: float) -> None:
    """Names as Germans, French, Poles, scholars and greeklish write them are told from their nearest neighbours."""
    names = romanised(language, 150)
    reached = ranking(names, similarity)
    assert reached >= floor > TO_REACH
    assert reached > max(ranking(names, jaro), ranking(names, token_sort))


@pytest.mark.parametrize(
    ("scripts", "floor"), [(("CYRILLIC", "GREEK"), 0.97), (("GEORGIAN",), 0.94), (("HANGUL",), 0.9)]
)
def test_common_names_of_countries(scripts: tuple[str, ...], floor: float) -> None:
    """The common names of countries in their own script are found in the romanised list."""
    names = common_names(scripts, 150)
    if names is None:
        pytest.skip("the lists of names by country are not at hand")
    reached = ranking(names, similarity)
    assert reached >= floor
    assert reached > max(ranking(names, jaro), ranking(names, token_sort))


def test_skeletons_meet() -> None:
    """Two spellings of a name share a skeleton more often than .934, names of strangers in fewer than .03."""
    pairs = [*romanised("ru", 150).items(), *romanised("el", 150).items()]
    left, right = (
        [set(map(skeleton, latin.latin(name).split())) for name in side] for side in zip(*pairs, strict=True)
    )
    assert sum(bool(a & b) for a, b in zip(left, right, strict=True)) / len(pairs) >= 0.955
    rnd = random.Random(2)
    strangers = [(rnd.randrange(len(pairs)), rnd.randrange(len(pairs))) for _ in range(20_000)]
    apart = [(i, j) for i, j in strangers if not set(pairs[i][0].split()) & set(pairs[j][0].split())]
    assert sum(bool(left[i] & right[j]) for i, j in apart) / len(apart) <= 0.03


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("shcherbakov", "schtscherbakow"), ("papadopoulos", "papadopulos"), ("goekce", "gokce"), ("hatzis", "chatzis"),
        ("vasilis", "basilis"), ("yorgos", "iorgos"), ("muller", "mueller"), ("wójcik", "wojcik"),
    ],
)  # fmt: skip
def test_one_skeleton(a: str, b: str) -> None:
    """Spellings of one name have one skeleton."""
    assert skeleton(a) == skeleton(b)


@pytest.mark.parametrize(("a", "b"), [("petrov", "pavlov"), ("rossi", "russo"), ("anna", "nana"), ("kim", "lim")])
def test_two_skeletons(a: str, b: str) -> None:
    """Other names have other skeletons, but for those that differ in vowels alone."""
    assert (skeleton(a) == skeleton(b)) is (a == "rossi")
