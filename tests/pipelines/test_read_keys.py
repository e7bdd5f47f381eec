"""Which column `goldseam read --save` proposes as the key."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors import workspace as workspaces
from pipelines import init
from pipelines.cli import app

NAMES = ("Maria Papadaki", "Giorgos Markou", "Eleni Vlachou", "Nikos Karras", "Anna Raptis")
ROWS = [f"C-{number},{name}" for number, name in enumerate(NAMES, 1)]


@pytest.mark.parametrize(("again", "key"), [(0, "no"), (1, "no"), (4, "")], ids=["none", "one", "too many"])
def test_a_key_with_a_repeat_is_proposed_and_the_repeat_named(tmp_path: Path, again: int, key: str) -> None:
    """A column that is called like a key is one though a value stands twice; where most of them do it is none."""
    init.write(tmp_path / "firm")
    file = tmp_path / "firm" / "inbox" / "crm.csv"
    file.write_text("\n".join(["no,name", *ROWS, *ROWS[:again]]) + "\n", "utf-8")
    declaration = tmp_path / "firm" / "sources" / "crm.yml"
    assert CliRunner().invoke(app, ["read", str(file), "--save", str(declaration)]).exit_code == 0
    source = workspaces.read(tmp_path / "firm").sources["crm"]
    wanted = (key,) if key else ()
    assert (source.id, source.expect.never_empty) == (wanted, wanted)
    assert ("but C-1 stands on several rows" in declaration.read_text("utf-8")) == (again == 1)
