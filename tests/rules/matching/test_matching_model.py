"""A saved model that cannot be used: why, and what to do, in one sentence."""

import json

import pytest
from matching_people import people

from rules.matching import engine
from rules.matching.model import UnreadableModel, from_json
from rules.vocabulary import FEATURES


@pytest.fixture(scope="module")
def saved() -> str:
    return engine.match(people(60, seed=4)[0]).model


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"version": 1}', '{"version": 1, "models": []}', '{"a": 1}'])
def test_what_is_no_model(text: str) -> None:
    """Whatever else stands there is refused with the way out."""
    with pytest.raises(UnreadableModel, match="goldseam fit"):
        from_json(text)


def test_a_model_that_is_cut_off(saved: str) -> None:
    """Half a file is told as such."""
    with pytest.raises(UnreadableModel, match=r"damaged or cut off.*goldseam fit"):
        engine.match(FEATURES.empty_table(), model=saved[: len(saved) // 2])


def test_a_model_of_another_version() -> None:
    """Both versions are named."""
    with pytest.raises(UnreadableModel, match="of version 99, and this program reads 1"):
        from_json('{"version": 99, "models": {}}')


@pytest.mark.parametrize("part", ["fields", "theta", "share", "relations", "random", "thresholds", "masks", "tree"])
def test_a_model_that_lacks_a_part(saved: str, part: str) -> None:
    """Without any one of its parts, or with one that does not fit the others, a model is not used."""
    data = json.loads(saved)
    del data["models"]["person"][part]
    with pytest.raises(UnreadableModel, match="missing or changed"):
        from_json(json.dumps(data))
    if part in ("fields", "theta", "share", "relations", "random"):
        data = json.loads(saved)
        data["models"]["person"][part] = data["models"]["person"][part][:-1]
        with pytest.raises(UnreadableModel, match="missing or changed"):
            from_json(json.dumps(data))


@pytest.mark.parametrize("rows", [0, 1])
def test_hardly_any_record(saved: str, rows: int) -> None:
    """No record, or one, gives no pair and as many customers, with a model and without one; no error."""
    few = people(60, seed=4)[0].slice(0, rows)
    for model in (None, saved):
        found = engine.match(few, model=model)
        assert (len(found.labels), len(found.pairs), found.notes) == (rows, 0, ())
