"""Consent is given or refused beyond doubt, or stays the text it was."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from rules import consents, schema
from rules.standardise.table import standardise
from rules.vocabulary import RAW_PREFIX

SPEC: dict[str, list[Any]] = yaml.safe_load((Path(__file__).parents[1] / "spec/consents.yml").read_text("utf-8"))
CASES = [(meaning, answer) for meaning, answers in SPEC.items() for answer in answers]


@pytest.mark.parametrize(("meaning", "answer"), CASES, ids=lambda text: str(text)[:40])
def test_answers_in_nine_languages(meaning: str, answer: str | list[str]) -> None:
    """Ticks, words, sentences and labels that say yes or no are read; any other text is neither."""
    text, header = answer if isinstance(answer, list) else (answer, "Marketing")
    assert (consents.given(text, header) or "unknown") == meaning


def test_a_ticked_choice_is_a_consent_of_its_purpose() -> None:
    """A question of one column a channel, mapped to consent.PURPOSE, gives one consent a ticked channel."""
    source = schema.Source.model_validate({
        "kind": "form", "location": "-",
        "columns": {"Name": "full_name", "Reach me [Email]": "consent.email", "Reach me [SMS]": "consent.sms"},
    })  # fmt: skip
    raw = pa.table({
        **{name: pa.array(["1"]) for name in RAW_PREFIX if name != "_line"}, "_line": pa.array([1]),
        "Name": ["Ada Neri"], "Reach me [Email]": ["Email"], "Reach me [SMS]": pa.array([None], pa.string()),
    }).select([*RAW_PREFIX, *source.columns])  # fmt: skip
    (consent,) = standardise(raw, "web", source)["consents"].to_pylist()
    assert (consent["purpose"], consent["given"]) == ("email", "yes")
