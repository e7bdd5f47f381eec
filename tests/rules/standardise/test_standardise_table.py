"""The whole way of a raw table: rows in, standard tables out."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import schema
from rules import vocabulary as words
from rules.standardise.survey import survey
from rules.standardise.table import standardise
from tests.at_length import at_length

COLUMNS = {
    "name": "full_name", "first": "given_name", "last": "surname", "firm": "organisation_name", "vat": "tax_id",
    "born": "birth_date", "phone": "phone", "mobile": "phone.mobile", "mail": "email", "street": "address.street",
    "zip": "address.postcode", "city": "address.city", "country": "address.country", "kind": "party_type",
    "news": "consent.newsletter", "shoe": "text.shoe", "national": "national_id", "sex": "gender",
}  # fmt: skip


def raw(rows: Sequence[Mapping[str, str | None]], columns: Sequence[str] = tuple(COLUMNS)) -> pa.Table:
    """A raw table as land writes it; record ids are r1, r2, ..."""
    size = len(rows)
    prefix = {
        "_record_id": pa.array([r.get("_record_id", f"r{n}") for n, r in enumerate(rows, 1)], pa.string()),
        "_file": pa.array(["file.csv"] * size, pa.string()),
        "_sheet": pa.nulls(size, pa.string()),
        "_line": pa.array(range(2, size + 2), pa.int64()),
        "_hash": pa.array([str(hash(tuple(sorted(r.items(), key=str)))) for r in rows], pa.string()),
    }
    return pa.table({**prefix, **{c: pa.array([r.get(c) for r in rows], pa.string()) for c in columns}})


def source(**settings_: Any) -> schema.Source:
    return schema.Source(**{"kind": "csv", "location": "x", "country": "GR", "columns": COLUMNS, **settings_})


def one(rows: Sequence[Mapping[str, str | None]], **settings_: Any) -> dict[str, list[dict[str, Any]]]:
    return {t: table.to_pylist() for t, table in standardise(raw(rows), "shop", source(**settings_)).items()}


def rules_of(tables: dict[str, list[dict[str, Any]]]) -> list[tuple[str, str, str]]:
    return [(f["record_id"], f["field"], f["rule"]) for f in tables["flags"]]


def test_tables_have_the_schemas_of_the_vocabulary() -> None:
    """Every standard table has exactly its columns; `records` may end in text columns."""
    tables = standardise(raw([{"name": "Maria Rossi", "shoe": "No. 38"}]), "shop", source())
    for name, expected in words.STANDARD_TABLES.items():
        own = pa.schema([f for f in tables[name].schema if not f.name.startswith("text.")])
        assert own.equals(expected), name
    assert tables["records"].column_names[-1] == "text.shoe"
    assert tables["records"]["text.shoe"][0].as_py() == "no 38"


@pytest.mark.parametrize("columns", [(), ("name",)])
def test_nothing_in_nothing_out(columns: tuple[str, ...]) -> None:
    """A table without rows, or without a column that is mapped, gives empty tables."""
    tables = standardise(raw([], columns), "shop", source())
    assert all(table.num_rows == 0 for table in tables.values())
    tables = standardise(raw([{"x": "1"}], ["x"]), "shop", source())
    assert all(table.num_rows == 0 for table in tables.values())


def test_values_stand_as_they_were_beside_their_comparison_form() -> None:
    """People see the text as it stood; matching sees the canonical form."""
    row = {"last": " ΠΑΠΑΔΌΠΟΥΛΟΣ ", "first": "Γεώργιος", "vat": "EL 094259216", "zip": "105 63", "city": "ΑΘΗΝΑ"}
    tables = one([row])
    (record,), (address,) = tables["records"], tables["addresses"]
    assert (record["surname"], record["surname_latin"]) == ("ΠΑΠΑΔΌΠΟΥΛΟΣ", "papadopoulos")
    assert (record["name_latin"], record["name_key"]) == ("georgios papadopoulos", "grgs ppdpls")
    assert (record["tax_id"], record["tax_id_norm"], record["tax_id_scheme"]) == (
        "EL 094259216", "094259216", "gr.vat",
    )  # fmt: skip
    assert (address["postcode"], address["postcode_norm"]) == ("105 63", "10563")
    assert (address["city"], address["city_norm"]) == ("ΑΘΗΝΑ", "athina")
    assert rules_of(tables) == []


def test_a_record_bears_the_hash_of_its_row_and_not_its_place() -> None:
    """A sorted sheet moves its rows and changes no record; where a row stands is with the raw row."""
    (record,) = one([{"name": "Maria Rossi"}])["records"]
    assert record["hash"]
    assert not {"file", "sheet", "line"} & set(record)


def test_firm_and_contact_are_two_records() -> None:
    """A row with a company and its contact is split; contact points go where they belong."""
    row = {
        "firm": "Rossi S.r.l.", "name": "Maria Rossi", "born": "25/12/1970", "vat": "00743110157",
        "phone": "210 1112223", "mobile": "6971112233", "mail": "info@rossi.example; maria@rossi.example",
        "street": "Via Roma 12",
    }  # fmt: skip
    tables = one([row], country="GR", updated_at=None)
    firm, contact = tables["records"]
    assert (firm["record_id"], firm["party_type"], firm["org_core"], firm["legal_form"]) == (
        "r1", "organisation", "rossi", "S.r.l.",
    )  # fmt: skip
    assert (contact["record_id"], contact["party_type"], contact["contact_of"]) == ("r1/contact", "person", "shop:r1")
    assert (contact["name_latin"], contact["birth_date"]) == ("maria rossi", "1970-12-25")
    assert firm["name_latin"] is None
    assert firm["birth_date"] is None
    assert contact["org_core"] is None
    assert contact["tax_id"] is None
    owners = {(p["record_id"], p["canonical"]) for p in tables["points"]}
    assert owners == {
        ("r1", "+302101112223"), ("r1/contact", "+306971112233"), ("r1", "info@rossi.example"),
        ("r1/contact", "maria@rossi.example"),
    }  # fmt: skip
    assert [a["record_id"] for a in tables["addresses"]] == ["r1"]


def test_flags_follow_the_value_to_the_contact() -> None:
    """A doubt stands at the record that holds the doubtful value."""
    row = {"firm": "Rossi S.r.l.", "name": "qwerty asdfgh", "born": "31/02/1970", "vat": "111", "mail": "no@mail.com"}
    assert sorted(rules_of(one([row]))) == [
        ("r1", "tax_id", "tax_id_invalid"),
        ("r1/contact", "birth_date", "date_invalid"),
        ("r1/contact", "full_name", "name_keyboard_run"),
        ("r1/contact", "value", "email_placeholder"),
    ]


def test_rows_are_not_split_where_it_is_one_party() -> None:
    """A sole trader, a declared person, and a caller that does not want it: one record each."""
    sole = {"firm": "Παπαδόπουλος Γεώργιος", "name": "Γεώργιος Παπαδόπουλος"}
    both = {"firm": "Rossi S.r.l.", "name": "Maria Rossi"}
    assert [r["party_type"] for r in one([sole])["records"]] == ["person"]
    assert [r["party_type"] for r in one([both], party_type="person")["records"]] == ["person"]
    whole = standardise(raw([both]), "shop", source(), split_contacts=False)["records"].to_pylist()
    assert [(r["record_id"], r["name_latin"], r["org_core"]) for r in whole] == [("r1", "maria rossi", "rossi")]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"name": "Γεώργιος Παπαδόπουλος"}, "person"),
        ({"firm": "Ξενία"}, "organisation"),
        ({"name": "Ξενοδοχείο Αθηνά"}, "organisation"),
        ({"name": "ООО Ромашка"}, "organisation"),
        ({"last": "Yıldız Ticaret Ltd. Şti."}, "organisation"),
        ({"name": "Lincoln Elementary School"}, "organisation"),
        ({"name": "Μαρία Ξενάκη", "kind": "Εταιρεία"}, "organisation"),
        ({"name": "Acme Ltd", "kind": "Ιδιώτης"}, "person"),
    ],
)
def test_party_type_is_declared_or_read_off_the_row(row: dict[str, str | None], kind: str) -> None:
    """What is declared wins; else legal forms and words of organisations tell."""
    assert one([row])["records"][0]["party_type"] == kind


def test_a_firm_in_the_name_column_is_an_organisation_by_name() -> None:
    """Its name moves to organisation_name, as it stood."""
    (record,) = one([{"name": "Ξενοδοχείο Αθηνά Α.Ε."}])["records"]
    assert (record["organisation_name"], record["full_name"], record["name_latin"]) == (
        "Ξενοδοχείο Αθηνά Α.Ε.",
        None,
        None,
    )
    assert (record["org_core"], record["legal_form"]) == ("hotel athina", "ΑΕ")


def test_contact_cells_of_the_other_kind_are_moved() -> None:
    """A phone in the e-mail column is a phone, and the reverse, with a note."""
    tables = one([{"mail": "6971112233", "phone": "maria@rossi.example"}, {"mail": "joe@acme.example / 2101112223"}])
    found = [(p["record_id"], p["kind"], p["canonical"]) for p in tables["points"]]
    assert found == [
        ("r1", "email", "maria@rossi.example"), ("r1", "phone", "+306971112233"),
        ("r2", "email", "joe@acme.example"), ("r2", "phone", "+302101112223"),
    ]  # fmt: skip
    assert {rule for *_, rule in rules_of(tables)} == {"contact_moved"}


def test_the_same_number_in_two_columns_is_one_point() -> None:
    """Lists hold each canonical form once, at its first place."""
    tables = one([{"phone": "697 111 2233", "mobile": "+306971112233", "mail": "A@b.example, a@B.example"}])
    assert [(p["position"], p["value"]) for p in tables["points"]] == [(0, "697 111 2233"), (1, "A@b.example")]


def test_placeholders_are_missing_and_flagged() -> None:
    """What stands for nothing becomes null, with a row of flags that keeps the text."""
    tables = one([{"first": "xxx", "last": "ΑΓΝΩΣΤΟ", "vat": "-", "city": "n/a", "mail": "none"}])
    (record,) = tables["records"]
    assert [record[c] for c in ("given_name", "surname", "tax_id")] == [None, None, None]
    assert tables["addresses"] == []
    assert tables["points"] == []
    assert sorted((f["field"], f["rule"], f["value"]) for f in tables["flags"]) == [
        ("city", "placeholder", "n/a"), ("email", "placeholder", "none"), ("given_name", "filler", "xxx"),
        ("surname", "placeholder", "ΑΓΝΩΣΤΟ"), ("tax_id", "placeholder", "-"),
    ]  # fmt: skip


def test_a_country_of_the_row_wins_over_the_sources() -> None:
    """Phones and tax numbers are read by the country of the row's address."""
    tables = one([{"phone": "06 69812345", "vat": "00743110157", "country": "Italia", "city": "Roma"}])
    assert tables["points"][0]["canonical"] == "+390669812345"
    assert tables["records"][0]["tax_id_scheme"] == "it.iva"
    assert tables["addresses"][0]["country"] == "IT"


def test_the_order_of_dates_is_the_columns() -> None:
    """One date with a part above 12 settles 03/04 for all; without it the doubt is said."""
    settled = one([{"name": "A B", "born": "03/04/1985"}, {"name": "C D", "born": "12/25/1970"}])
    assert [r["birth_date"] for r in settled["records"]] == ["1985-03-04", "1970-12-25"]
    open_ = one([{"name": "A B", "born": "03/04/1985"}])
    assert open_["records"][0]["birth_date"] == "1985-04-03"
    assert ("r1", "birth_date", "date_ambiguous") in rules_of(open_)
    declared = one([{"name": "A B", "born": "03/04/1985"}], date_order="MDY")
    assert declared["records"][0]["birth_date"] == "1985-03-04"


def test_birth_date_of_three_columns() -> None:
    """Day, month and year in columns of their own, the month by name or number."""
    columns = {"d": "birth_date.day", "m": "birth_date.month", "y": "birth_date.year"}
    rows = [{"d": "5", "m": "Μαρτίου", "y": "1980"}, {"m": "3.0", "y": "1980.0"}, {"d": "31", "m": "2", "y": "1980"}]
    tables = standardise(raw(rows, ["d", "m", "y"]), "shop", source(columns=columns))
    assert tables["records"]["birth_date"].to_pylist() == ["1980-03-05", "1980-03", None]
    assert tables["flags"]["rule"].to_pylist() == ["date_invalid"]


def test_birthdays_heaped_on_new_years_day_are_suspect() -> None:
    """Where 1 January stands out in a column, its dates lose trust, and no others."""
    rows = [{"name": "A B", "born": f"19{60 + n % 30}-{n % 12 + 1:02}-{n % 28 + 1:02}"} for n in range(400)]
    rows += [{"name": "A B", "born": "1980-01-01"}] * 20
    flagged = [f for f in one(rows)["flags"] if f["rule"] == "date_heaped"]
    assert {f["value"][-5:] for f in flagged} == {"01-01"}
    assert len(flagged) >= 20
    assert not [f for f in one(rows[:400])["flags"] if f["rule"] == "date_heaped"]


def test_since_and_updated_at() -> None:
    """A column that dates the row dates the record; one that dates a value dates its entry."""
    columns = {**COLUMNS, "mobile": "phone.mobile"}
    rows = [{"name": "A B", "mobile": "6971112233", "changed": "13/02/2026 10:00", "mobile_on": "01/02/2025"}]
    table = raw(rows, [*COLUMNS, "changed", "mobile_on"])
    at = {"record": "changed", "phone": "mobile_on"}
    tables = standardise(table, "shop", source(columns=columns, updated_at=at, date_order="DMY"))
    assert tables["records"]["updated_at"].to_pylist() == ["2026-02-13T10:00:00"]
    assert tables["points"]["since"].to_pylist() == ["2025-02-01"]


def test_a_column_of_one_placeholder_raises_no_doubts() -> None:
    """What a form program writes into every row (`anonymous`) is missing, and no reason to look at each record."""
    tables = one([{"first": "Maria", "last": "Rossi", "mail": "anonymous"}, {"first": "Joe", "mail": "anonymous"}])
    assert tables["points"] == []
    assert tables["flags"] == []


def test_words_that_are_names_of_places_are_no_placeholders() -> None:
    """Napoli's NA and Norway's NO stand."""
    (address,) = one([{"city": "NA", "country": "NO"}])["addresses"]
    assert (address["city"], address["country"]) == ("NA", "NO")


def test_doubts_about_persons_names_are_not_raised_for_firms() -> None:
    """A firm in the column of names is not suspected of being a badly typed person."""
    assert rules_of(one([{"name": "ООО XXL ПЛЮС 2000"}, {"name": "JSC Chaika plyus"}])) == []


def test_words_of_a_source_are_translated() -> None:
    """`values:` puts a source's own words in place before anything is read."""
    own = {"party_type": {"Fa.": "organisation"}}
    assert one([{"name": "Maria Rossi", "kind": "FA."}], values=own)["records"][0]["party_type"] == "organisation"


def test_consents_are_yes_or_no() -> None:
    """Each filled consent is a row."""
    rows = [{"name": "A B", "news": "ναι"}, {"name": "C D", "news": "Nein"}, {"name": "E F"}]
    assert [(c["record_id"], c["purpose"], c["given"]) for c in one(rows)["consents"]] == [
        ("r1", "newsletter", "yes"), ("r2", "newsletter", "no"),
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["no", "No", "NO", "non", "нет", "όχι", "nein", "hayır", "tidak", "0", "false"])
def test_a_refusal_is_an_answer(word: str) -> None:
    """A "no" that elsewhere stands for a missing value is kept where yes or no is asked, and raises no doubt."""
    tables = one([{"name": "A B", "news": word}, {"name": "C D", "news": "n/a"}])
    assert [(c["record_id"], c["given"]) for c in tables["consents"]] == [("r1", "no")]
    assert [f["record_id"] for f in tables["flags"] if f["table"] == "consents"] == ["r2"]


def test_a_consent_is_dated_in_this_century() -> None:
    """A two-digit year of a consent is of the 2000s."""
    (consent,) = one([{"name": "A B", "news": "21/4/26"}])["consents"]
    assert (consent["given"], consent["date"]) == ("yes", "2026-04-21")


def test_a_choice_is_no_placeholder() -> None:
    """What a column of choices knows as its word is read as that: `no` is Norwegian only where it is known."""
    rows = [{"name": "A B", "sex": "x"}, {"name": "C D", "sex": "Ж"}]
    records = one(rows)["records"]
    assert [r["gender"] for r in records] == ["other", "female"]


@pytest.mark.parametrize(
    ("column", "number", "scheme"),
    [
        ("national", "RSSMRA85T10A562S", "it.codicefiscale"),
        ("vat", "rssmra85t10a562s", "it.codicefiscale"),
        ("national", "500100732259", "ru.inn"),
        ("national", "10000000146", "tr.tckimlik"),
        ("national", "00000023T", "es.nif"),
    ],
)
def test_a_persons_tax_number_meets_itself_in_any_column(column: str, number: str, scheme: str) -> None:
    """A personal number that is the tax number too is kept as the tax number, whichever column it stood in."""
    country = scheme[:2].upper()
    row = {"name": "A B", column: number, "country": country}
    (record,) = one([row])["records"]
    assert (record["tax_id_norm"], record["tax_id_scheme"]) == (number.upper(), scheme)
    assert (record["national_id"], record["national_id_norm"]) == (None, None)


def test_a_tax_number_of_its_own_stays_beside_the_personal_one() -> None:
    """Where the tax column is filled, the personal number stays where it is."""
    row = {"name": "A B", "vat": "00743110157", "national": "RSSMRA85T10A562S", "country": "IT"}
    (record,) = one([row])["records"]
    assert (record["tax_id_scheme"], record["national_id_norm"]) == ("it.iva", "RSSMRA85T10A562S")


def test_the_number_of_a_contact_is_not_the_firms() -> None:
    """In a row of a firm and its contact the personal number becomes the contact's tax number, not the firm's."""
    row = {"name": "Maria Rossi", "firm": "Rossi Srl", "national": "RSSMRA85T10A562S", "country": "IT"}
    firm, contact = one([row])["records"]
    assert (firm["tax_id_norm"], contact["tax_id_norm"]) == (None, "RSSMRA85T10A562S")


def test_names_in_each_others_columns_are_flagged() -> None:
    """A known surname as given name beside a known given name as surname is a doubt about both; names stay."""
    tables = one([{"first": "Papadopoulos", "last": "Riccardo"}, {"first": "Riccardo", "last": "Papadopoulos"}])
    assert rules_of(tables) == [("r1", "given_name", "name_parts_swapped"), ("r1", "surname", "name_parts_swapped")]
    assert tables["records"][0]["given_name"] == "Papadopoulos"


def test_what_a_spreadsheet_dropped_is_put_back() -> None:
    """A lost leading zero is put back in what people see, too; the flag keeps the text as it stood."""
    tables = one(
        [{"name": "A B", "vat": "94259216", "zip": "187", "country": "IT"}, {"name": "C D", "zip": "'TR1 9RE"}]
    )
    first, second = tables["addresses"]
    assert (first["postcode"], first["postcode_norm"], second["postcode"]) == ("00187", "00187", "TR1 9RE")
    assert ("postcode", "187") in {(f["field"], f["value"]) for f in tables["flags"]}


CELL = st.one_of(
    st.none(),
    st.sampled_from([
        "Γεώργιος Παπαδόπουλος", "Maria Rossi", "xxx", "-", "ООО Ромашка", "210 1112223 / 6971112233", "a@b.example",
        "03/04/1985", "094259216", "Ερμού 5", "n/a", "Acme Ltd", "1/2", "Ελλάδα", "\x1f", "a\nb", "'=1+1", "٣", "²",
    ]),
    st.text(max_size=12),
)  # fmt: skip
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELL)), max_size=6)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(ROWS)
def test_any_text_is_read_without_error_and_no_row_is_lost(rows: list[dict[str, str | None]]) -> None:
    """Whatever stands in the cells, each row gives its record (and perhaps a contact), and keys stay those of land."""
    tables = standardise(raw(rows), "shop", source())
    ids = [i for i in tables["records"]["record_id"].to_pylist() if not i.endswith("/contact")]
    assert ids == [f"r{n}" for n in range(1, len(rows) + 1)]
    known = set(tables["records"]["record_id"].to_pylist())
    for name in ("points", "addresses", "consents", "flags"):
        assert set(tables[name]["record_id"].to_pylist()) <= known


@settings(max_examples=3, deadline=None, derandomize=True)
@given(ROWS, st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(rows: list[dict[str, str | None]], random: Any) -> None:
    """The same rows in another order give the same records, points and addresses."""
    keyed: list[dict[str, str | None]] = [{**row, "_record_id": f"k{n}"} for n, row in enumerate(rows)]
    shuffled = random.sample(keyed, len(keyed))
    for name in ("records", "points", "addresses", "flags"):
        found = []
        for order in (keyed, shuffled):
            table = standardise(raw(order), "shop", source())[name]
            found.append(sorted(map(str, table.to_pylist())))
        assert found[0] == found[1]


@settings(max_examples=6, deadline=None, derandomize=True)
@given(ROWS)
def test_reading_again_what_was_read_changes_nothing(rows: list[dict[str, str | None]]) -> None:
    """The values that people see, read once more, have the same comparison forms.

    Rows name no country here: it stands in the address, and the records alone are read again.
    """
    rows = [{**row, "country": None} for row in rows]
    first = standardise(raw(rows), "shop", source(), split_contacts=False)["records"]
    targets = ["given_name", "middle_name", "surname", "organisation_name", "birth_date", "tax_id", "party_type"]
    again = raw([{t: r[t] for t in targets} for r in first.to_pylist()], targets)
    second = standardise(again, "shop", source(columns={t: t for t in targets}), split_contacts=False)["records"]
    for column in ("org_core", "org_key", "birth_date", "tax_id_norm", "party_type"):
        assert first[column].to_pylist() == second[column].to_pylist(), column
    split = [n for n, r in enumerate(first.to_pylist()) if r["given_latin"] and r["surname_latin"]]
    for column in ("given_latin", "surname_latin"):
        assert [first[column][n].as_py() for n in split] == [second[column][n].as_py() for n in split]


@pytest.mark.soak
@pytest.mark.parametrize(
    "promise",
    [test_any_text_is_read_without_error_and_no_row_is_lost, test_reading_again_what_was_read_changes_nothing],
)
def test_any_rows_at_length(promise: Any) -> None:
    """The same with many more examples."""
    at_length(promise, 50, ROWS)


@pytest.mark.soak
def test_the_order_of_rows_at_length() -> None:
    """The order of rows with many more examples."""
    at_length(test_order_of_rows_changes_nothing, 50, ROWS, st.randoms(use_true_random=False))


def test_a_survey_of_the_whole_serves_its_parts() -> None:
    """A batch worked alone with the survey of the whole gives what it gives within the whole."""
    table = raw([{"name": "A B", "born": "03/04/1985"}, {"name": "C D", "born": "12/25/1970"}])
    seen = survey(table, source())
    part = standardise(table.slice(0, 1), "shop", source(), seen=seen)["records"]
    assert part.equals(standardise(table, "shop", source())["records"].slice(0, 1))


def test_a_column_of_names_shows_its_habit() -> None:
    """Surnames first in all that the lists know: so they are in the rest, with a doubt."""
    known = ["Παπαδόπουλος Γεώργιος", "Βλάχος Νίκος", "Σαμαράς Κώστας", "Οικονόμου Ελένη", "Λάμπρου Μαρία"]
    tables = one([{"name": n} for n in [*known, "Ζζύγος Μπλάβος"]])
    assert tables["records"][-1]["surname"] == "Ζζύγος"
    assert ("r6", "full_name", "name_order_guessed") in rules_of(tables)
