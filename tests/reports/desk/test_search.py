"""Look-up by what people say or type, however it is written in the records: numbers, days, postcodes, names."""

import re

from connectors.store.runs import RunFolder
from pipelines.desk import searched
from rules.record_key import key_of
from rules.standardise import latin
from tests.reports.desk.firm import Opened
from tests.reports.desk.test_customers import found


def test_a_number_is_found_with_and_without_its_country(desk: Opened) -> None:
    """However the record writes it: nationally, or with the country's code before it."""
    client, folder = desk.client(), RunFolder.open(desk.root / "var" / "runs", desk.store.last_published() or "")
    homes = {key_of(r): r["golden_id"] for r in desk.store.crosswalk().to_pylist() if r["state"] == "active"}
    points = [p for p in folder.read("validate", "points").to_pylist() if (p["canonical"] or "").startswith("+30")]
    mine = [p for p in points if key_of(p) in homes]
    for plain in (True, False):
        point = next(
            p for p in mine if p["value"].startswith("+") != plain and re.sub(r"\D", "", p["value"])[:2] != "00"
        )
        code, rest = point["canonical"][:3], point["canonical"][3:]
        for text in (
            point["canonical"],
            f"00{code[1:]} {rest[:3]} {rest[3:6]} {rest[6:]}",
            rest,
            f"{rest[:3]}-{rest[3:]}",
        ):
            by = found(client, text)
            assert "telephone" in by[homes[key_of(point)]], text
            assert "name" not in by[homes[key_of(point)]], text


def test_a_day_and_a_postcode_are_found_as_people_write_them(desk: Opened) -> None:
    """The day before the month or after it; a postcode with and without the blank in it."""
    client, rows = desk.client(), desk.store.golden().to_pylist()
    born = next(row for row in rows if re.fullmatch(r"\d{4}-\d\d-\d\d", row["birth_date"] or ""))
    year, month, day = born["birth_date"].split("-")
    for text in (
        born["birth_date"],
        f"{day}/{month}/{year}",
        f"{int(day)}.{int(month)}.{year}",
        f"{month}/{day}/{year}",
    ):
        assert "birth date" in found(client, text)[born["golden_id"]], text
    parted = next(row for row in rows if re.fullmatch(r"\d{3} \d\d", row["postcode"] or ""))
    for text in (parted["postcode"], parted["postcode"].replace(" ", "")):
        assert "postcode" in found(client, text)[parted["golden_id"]], text
    assert found(desk.client("vera"), f"{day}/{month}/{year}") == {}, "a date of birth is masked"


def test_a_name_is_found_by_another_spelling_of_it(desk: Opened) -> None:
    """By its sound, after those in which the word itself stands; not where names are hidden."""
    rows = desk.store.golden().to_pylist()
    names = [(row, latin.latin(row["surname"] or "")) for row in rows if not row["email"]]
    golden_id, name = next((row["golden_id"], word) for row, word in names if re.fullmatch(r"[a-z]+ou", word))
    other = f"{name[:-2]}u"
    by = {row["golden_id"]: row["found"] for row in desk.service.search(other, 1000)}
    assert by[golden_id] == "name"
    assert golden_id not in {row["golden_id"] for row in desk.service.search(other, 1000, tuple(searched.NAMES))}
    greek = next(row for row in rows if re.fullmatch("[Α-Ωα-ωά-ώ]{5,}", row["surname"] or ""))
    by = {row["golden_id"]: row["found"] for row in desk.service.search(latin.latin(greek["surname"]), 1000)}
    assert by[greek["golden_id"]] == "name", "though it stands in an e-mail besides"
