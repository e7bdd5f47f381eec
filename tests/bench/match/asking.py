"""What `goldseam label` would ask, answered by the truth."""

import csv
from pathlib import Path

from pipelines import label
from rules.matching.engine import Matched


def ask(matched: Matched, truth: Path, out: Path, number: int) -> None:
    """Write a file of `number` labels (fewer, where nothing more is asked) about the larger type of party."""
    with truth.open(encoding="utf-8", newline="") as file:
        entity = {row["rec_id"]: row["entity_id"] for row in csv.DictReader(file)}
    session = label.Session(max(matched.groups.values(), key=lambda g: len(g.encoded)), out)
    while session.answers < number and (question := session.next()) is not None:
        session.answer("same" if entity[question.left[1]] == entity[question.right[1]] else "different")
        if session.answers % label.ROUND == 0:
            session.learn()
