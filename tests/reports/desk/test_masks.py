"""What is masked is hidden from viewers in whatever field it shows, and is found by no trying."""

from typing import Any

from rules.desk import Desk
from tests.reports.desk.firm import Opened


def test_a_field_is_masked_with_those_that_show_it(desk: Opened) -> None:
    """Where the street alone is masked, the number of the house is no way of finding out where somebody lives."""
    assert {"street", "house_number", "unit"} <= {*Desk(masked=("street",)).hidden}
    desk.set(masked=["street"])
    row = next(r for r in desk.store.golden().to_pylist() if r["surname"] and _nowhere_else(r, r["house_number"]))
    asked = {"text": f"{row['surname']} {row['house_number']}"}
    answers = {name: desk.client(name).get("/customers", params=asked) for name in ("stella", "vera")}
    found = {name: row["golden_id"] in a.text + a.headers.get("location", "") for name, a in answers.items()}
    assert found == {"stella": True, "vera": False}


def _nowhere_else(row: dict[str, Any], number: str | None) -> bool:
    """Whether a customer's house number stands in no other value of theirs."""
    others = " ".join(str(value) for name, value in row.items() if name not in ("house_number", "street", "updated_at"))
    return bool(number) and str(number).lower() not in others.lower()
