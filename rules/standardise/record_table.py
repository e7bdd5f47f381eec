"""The table `records`: one row a customer, and one for the contact where a row holds a firm and its contact."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules import vocabulary as words
from rules.standardise import dates, ibans, identifiers, latin, people, vocab
from rules.standardise.batch import Batch, flat
from rules.standardise.cells import TEXT, Cells, beside, parted, together
from rules.standardise.parties import read as read_parties

CONTACT: Final = "/contact"
_SCHEME: Final = "_scheme_of_national_id"
"""A column on the way only: the scheme of a personal number that is a tax number as well."""
PERSONAL: Final = (
    "full_name", "given_name", "middle_name", "surname", "birth_name", "birth_date", "gender", "national_id",
    "name_latin", "given_latin", "middle_latin", "surname_latin", "birth_name_latin", "name_key", "national_id_norm",
    _SCHEME,
)  # fmt: skip
"""Columns that go with the contact where a row is two records."""
_SHARED: Final = ("language", "department", "operator", "form_no", "batch", "entered_at", "scan", "updated_at")
_CHOICES: Final = ("status", "gender", "language")
_PLAIN: Final = ("customer_no", "segment", "account_owner", "terms", "form_no", "batch", "scan")


def read(batch: Batch, country: Cells, *, split_contacts: bool) -> tuple[dict[str, pa.Array], pa.Array]:
    """Every column of `records` but source and record_id, for each row; and the rows that are two records."""
    found, doubts = people.read(batch)
    parties = read_parties(batch, found, split_contacts=split_contacts)
    for name, rule, value in doubts:
        batch.doubts.note("records", name, rule.only(pc.invert(parties.moved)), value.column())
    cells = {
        **parties.columns, **_choices(batch), **_numbers(batch, country), **_dates(batch), **_about(batch),
        **{target: batch.scalar(target) for target in _PLAIN}, **_texts(batch),
    }  # fmt: skip
    columns = {name: c.column() for name, c in cells.items()}
    columns["hash"] = flat(batch.raw["_hash"])
    return columns, parties.split


def _choices(batch: Batch) -> dict[str, Cells]:
    """Known words by their one meaning; unknown ones as they stood."""
    return {t: batch.scalar(t, kind=t).read_one(lambda text, t=t: vocab.meaning(t, text) or text) for t in _CHOICES}  # type: ignore[misc]  # bound per turn


def _numbers(batch: Batch, country: Cells) -> dict[str, Cells]:
    tax, personal, iban = (batch.scalar(t) for t in ("tax_id", "national_id", "iban"))
    tax_norm, scheme, tax_doubt = beside(tax, country).read(parted(_tax), 3)
    own_norm, own_scheme, own_doubt = beside(personal, country).read(parted(_personal), 3)
    iban_norm, iban_doubt = iban.read(ibans.read, 2)
    for name, doubt, cells in (
        ("tax_id", tax_doubt, tax),
        ("national_id", own_doubt, personal),
        ("iban", iban_doubt, iban),
    ):
        batch.doubts.note("records", name, doubt, cells.column())
    return {
        "tax_id": _mended(tax, tax_norm, tax_doubt), "tax_id_norm": tax_norm,
        "tax_id_scheme": batch.scalar("tax_id_scheme").otherwise(scheme),
        "national_id": _mended(personal, own_norm, own_doubt), "national_id_norm": own_norm, _SCHEME: own_scheme,
        "iban": iban, "iban_norm": iban_norm,
    }  # fmt: skip


def _mended(number: Cells, norm: Cells, doubt: Cells) -> Cells:
    """Numbers as they stood, with the leading zero that a spreadsheet had dropped."""
    repaired = doubt.read_one(lambda rule: rule if rule == "tax_id_repaired" else None)
    return number if repaired.is_empty() else norm.only(pc.is_valid(repaired.column())).otherwise(number)


def _tax(text: str, country: str | None = None) -> identifiers.Number:
    return identifiers.tax_id(text, country)


def _personal(text: str, country: str | None = None) -> identifiers.Number:
    norm, scheme, doubt = identifiers.national_id(text, country)
    return norm, scheme if identifiers.is_tax_id(scheme) else None, doubt


def _dates(batch: Batch) -> dict[str, Cells]:
    found = {"birth_date": _birth_date(batch)}
    for target in ("entered_at", "updated_at"):
        headers = batch.plan.scalars.get(target, ())
        if target == "updated_at" and batch.plan.updated_at:
            headers = (batch.plan.updated_at,)
        found[target] = _moment(batch, headers[0], target) if headers else Cells.empty(batch.rows)
    return found


def _moment(batch: Batch, header: str, target: str) -> Cells:
    cells = batch.one_line(header, target)
    order = batch.survey.date_orders.get(header)
    iso, doubt = cells.read(lambda t: dates.moment(t, order, batch.source.country), 2)
    batch.doubts.note("records", target, doubt, cells.column())
    return iso


def _birth_date(batch: Batch) -> Cells:
    whole = Cells.empty(batch.rows)
    for header in batch.plan.scalars.get("birth_date", ()):
        whole = whole.otherwise(_whole_date(batch, header))
    if not batch.plan.birth_parts:
        return whole
    parts = batch.plan.birth_parts
    cells = [
        batch.one_line(parts[p], "birth_date") if p in parts else Cells.empty(batch.rows)
        for p in words.BIRTH_DATE_PARTS
    ]
    keyed = together(cells)
    iso, doubt = keyed.read(parted(dates.from_parts), 2)
    shown = keyed.read_one(lambda text: text.replace("\x1f", "/").strip("/"))
    batch.doubts.note("records", "birth_date", doubt, shown.column())
    return whole.otherwise(iso)


def _whole_date(batch: Batch, header: str) -> Cells:
    cells = batch.one_line(header, "birth_date")
    order, heaped = batch.survey.date_orders.get(header), header in batch.survey.heaped

    def reader(text: str) -> dates.Read:
        iso, doubt = dates.read(text, order, batch.source.country)
        return iso, "date_heaped" if heaped and not doubt and iso and iso.endswith("-01-01") else doubt

    iso, doubt = cells.read(reader, 2)
    batch.doubts.note("records", "birth_date", doubt, cells.column())
    return iso


def _about(batch: Batch) -> dict[str, Cells]:
    """Who is asked for it: department and operator, of the row or of the whole source; the firm it belongs to."""
    source = batch.source
    contact_of, merged_into = (
        batch.scalar(name).read_one(lambda t: t if ":" in t else f"{batch.name}:{t}")
        for name in ("contact_of", "merged_into")
    )
    department = batch.scalar("department").otherwise(Cells.constant(source.department, batch.rows))
    operator = batch.scalar("operator")
    if source.operator in batch.raw.column_names and "operator" not in batch.plan.scalars:
        operator = batch.one_line(source.operator or "", "operator")
    elif source.operator:
        operator = operator.otherwise(Cells.constant(source.operator, batch.rows))
    return {"contact_of": contact_of, "merged_into": merged_into, "department": department, "operator": operator}


def _texts(batch: Batch) -> dict[str, Cells]:
    """`text.NAME` columns in the form that is compared: Latin letters, lower case."""
    found = {t: batch.lines(h, t, " ") for t, h in batch.plan.texts.items()}
    return {t: c.read_one(lambda text: latin.latin(text) or None) for t, c in found.items()}


def table(columns: dict[str, pa.Array], split: pa.Array, name: str, ids: pa.Array) -> pa.Table:
    """Rows of `vocabulary.RECORDS`: each record, followed by its contact."""
    rows = len(ids)
    texts = [pa.field(n, TEXT) for n in columns if n.startswith("text.")]
    schema = pa.schema([*words.RECORDS, *texts])
    if not pc.any(split).as_py():
        return _assembled(_as_tax_id(columns), schema, name, ids)
    firm = {k: pc.if_else(split, pa.scalar(None, v.type), v) if k in PERSONAL else v for k, v in columns.items()}
    at = pa.array(np.flatnonzero(split.to_numpy(zero_copy_only=False)))
    kept = {*PERSONAL, *_SHARED, "hash"}
    contact = {k: v.take(at) if k in kept else pa.nulls(len(at), v.type) for k, v in columns.items()}
    contact["party_type"] = pa.array([words.PartyType.PERSON.value] * len(at), TEXT)
    own = ids.take(at)
    contact["contact_of"] = pc.binary_join_element_wise(pa.scalar(f"{name}:"), own, "")
    contact_ids = pc.binary_join_element_wise(own, pa.scalar(CONTACT), "")
    both = pa.concat_tables([
        _assembled(_as_tax_id(firm), schema, name, ids), _assembled(_as_tax_id(contact), schema, name, contact_ids),
    ])  # fmt: skip
    order = np.argsort(np.concatenate([np.arange(rows) * 2, at.to_numpy() * 2 + 1]), kind="stable")
    return both.take(pa.array(order))


def _as_tax_id(columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """A person's number that is the tax number too is kept as that, where no other is: so it meets itself."""
    moved = pc.and_(pc.is_valid(columns[_SCHEME]), pc.is_null(columns["tax_id"]))
    if not pc.any(moved).as_py():
        return columns
    put = {"tax_id": "national_id", "tax_id_norm": "national_id_norm", "tax_id_scheme": _SCHEME}
    into = {to: pc.if_else(moved, columns[of], columns[to]) for to, of in put.items()}
    none = pa.scalar(None, TEXT)
    return {**columns, **into, **{n: pc.if_else(moved, none, columns[n]) for n in ("national_id", "national_id_norm")}}


def _assembled(columns: dict[str, pa.Array], schema: pa.Schema, name: str, ids: pa.Array) -> pa.Table:
    rows = len(ids)
    given = {**columns, "source": pa.array([name] * rows, TEXT), "record_id": ids}
    return pa.table(
        [given[f.name].cast(f.type) if f.name in given else pa.nulls(rows, f.type) for f in schema], schema=schema
    )
