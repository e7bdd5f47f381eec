"""Values that Goldseam wrote into a source and that come back: nobody has said them."""

import pyarrow as pa

from rules.schema import Source
from rules.standardise import own_values

SOURCE = Source(
    kind="csv", location="crm.csv", id=("no",), updated_at="changed",
    columns={"name": "full_name", "mail": "email", "tel": "phone.mobile", "town": "address.city"},
)  # fmt: skip
ROW = {"_record_id": "1", "name": "Ada", "mail": "ada@x.it", "tel": "0694 81", "town": "Rom", "changed": "2026-03-05"}


def back(row: dict[str, str], **written: str) -> dict[str, str | None]:
    """A row as it is worked on, of which we wrote these fields on 5 March 2026."""
    cells = [
        {"record_id": "1", "field": field.replace("phone_", "phone."), "value": value, "time": "2026-03-05T02:00+00:00"}
        for field, value in written.items()
    ]
    told = pa.Table.from_pylist(cells, own_values.WRITTEN)
    found: dict[str, str | None] = own_values.without(pa.Table.from_pylist([row]), told, SOURCE, {}).to_pylist()[0]
    return found


def test_our_own_value_is_taken_out_with_its_date() -> None:
    """The cell we wrote is empty, however it is punctuated now, and our change of the row makes nothing recent."""
    assert back(ROW, email="ada@x.it", phone_mobile="069481") == {**ROW, "mail": None, "tel": None, "changed": None}


def test_what_a_user_typed_stays() -> None:
    """A cell that is no longer what we wrote is the user's; other records and fields are untouched."""
    assert back({**ROW, "mail": "new@x.it"}, email="ada@x.it") == {**ROW, "mail": "new@x.it"}
    assert back({**ROW, "_record_id": "2"}, email="ada@x.it") == {**ROW, "_record_id": "2"}


def test_a_later_change_is_a_date() -> None:
    """A date of change long after we wrote is that of a user."""
    row = {**ROW, "changed": "2026-04-01"}
    assert back(row, email="ada@x.it") == {**row, "mail": None}


def test_a_row_of_our_own_stays_whole() -> None:
    """A record that Goldseam made has nothing of its own: emptied, it could find nobody."""
    row = {**ROW, "tel": ""}
    assert back(row, full_name="Ada", email="ada@x.it") == row
