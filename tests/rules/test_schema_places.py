"""Mistakes in where a source is, and in which of its files are read."""

import pytest

from rules import schema


def mistake(text: str) -> schema.Problem:
    with pytest.raises(schema.Mistakes) as caught:
        schema.parse(*schema.load(text, "a.yml"), schema.Source, "a.yml")
    (problem,) = caught.value.problems
    return problem


def test_new_files_need_mode_append() -> None:
    """In a full source what is not read is gone: the two settings contradict each other."""
    problem = mistake("kind: csv\nlocation: in/*.csv\nfiles: new\n")
    assert (problem.line, problem.key) == (3, "files")
    assert "add `mode: append`" in problem.message
    text = "kind: csv\nlocation: in/*.csv\nfiles: new\nmode: append\n"
    assert schema.parse(*schema.load(text, "a.yml"), schema.Source, "a.yml").files == "new"


def test_a_password_does_not_belong_in_a_file() -> None:
    """The address goes into the environment; the message does not repeat the password."""
    problem = mistake("kind: csv\nlocation: sftp://maria:s3cret@host/in.csv\n")
    assert (problem.line, problem.key) == (2, "location")
    assert "env:NAME" in problem.message
    assert "s3cret" not in str(problem)
