"""A typed model of every YAML file a person writes; an unknown key is an error that names file, line and key.

`parse` gives the model and every mistake at once: nobody should have to run a program five times to find five
typing errors. YAML is read by the 1.2 core rules: `NO` is a country, `0012` is text and `2020-01-02` is text.
"""

import re
from difflib import get_close_matches
from typing import Annotated, Any, Final, Literal, TypeVar

import yaml
from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator, model_validator

from rules import mistakes, yaml12
from rules import vocabulary as words
from rules.desk import Desk
from rules.gates import Gates
from rules.mistakes import COUNTRY as COUNTRY
from rules.mistakes import Mistakes as Mistakes
from rules.mistakes import Path as Path
from rules.mistakes import Problem as Problem
from rules.nights import Nightly
from rules.payload import Payload
from rules.strict import Strict as Strict

M = TypeVar("M", bound="Strict")


def _known(target: str) -> str:
    if is_target(target):
        return target
    near = get_close_matches(target, TARGETS, n=1)
    raise ValueError(f"{target!r} is no standard column{f'. Did you mean `{near[0]}`?' if near else ''}")


Target = Annotated[str, AfterValidator(_known)]
"""What a column means: a word of TARGETS, or of one's own (`is_target`)."""


class Expect(Strict):
    """What a source must look like, or it stops itself before anything of it is used."""

    rows_at_least: Annotated[int, Field(ge=0)] = 0
    shrink_at_most: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Share of the last published rows that may be missing from a `full` source."""
    never_empty: tuple[str, ...] = ()
    retire_after: Annotated[int, Field(ge=0)] = 0
    """Days for which a record that a `full` source lacks is kept as it was; then it is gone. 0: at once."""
    stale_at_most: Annotated[int, Field(ge=0)] | None = None
    """Days for which the last good snapshot may stand in for a source that fails, before the run is held."""


class Source(Strict):
    """One source of records: `sources/NAME.yml`. Its name is the file's."""

    kind: str
    """A line of KINDS in `connectors/sources`: spreadsheet, csv, form, webhook, vcard, billing, e_invoice, sql, …"""
    location: str
    """A path or glob (from the workspace), an fsspec URL, or env:NAME."""
    preset: str | None = None
    yields: Literal["customer", "fact"] = "customer"
    mode: Literal["full", "append"] = "full"
    id: tuple[str, ...] = ()
    """Columns that make the record key; none: keys are carried from run to run."""
    updated_at: str | dict[str, str] | None = None
    """The column that says when the row was last true, or a column for each target."""
    department: str | None = None
    owner: str | None = None
    operator: str | None = None
    country: Annotated[str, Field(pattern=COUNTRY)] | None = None
    language: str | None = None
    party_type: words.PartyType | None = None
    """Where every row is of one type; otherwise it is read off each row."""
    trust: Annotated[float, Field(ge=0, le=1)] = 0.5
    duplicate_free: bool = False
    essential: bool = False
    columns: dict[str, Target] = {}
    """Column of the source -> column of the standard record (`surname`, `phone.mobile`, `address.street`)."""
    values: dict[str, dict[str, str]] = {}
    """Target -> text of the source -> text to use: `party_type: {Firma: organisation}`."""
    aliases: dict[str, tuple[str, ...]] = {}
    """Column -> other headers that it may come under (languages, generations of an export)."""
    labels: dict[str, str] = {}
    """Column of phones -> column that says in words what each is (`Work Fax`)."""
    optional: tuple[str, ...] = ()
    """Mapped columns that an export may lack, as long as it never had them; a preset's columns are."""
    expect: Expect = Expect()
    # options of single kinds
    table: str | None = None
    query: str | None = None
    sheets: tuple[str, ...] = ()
    """Names or patterns of the sheets to read; none: all that are not hidden."""
    header: Annotated[int, Field(ge=0)] | None = None
    """Line of the header, from 1; 0: the table has none; none: found."""
    header_rows: Annotated[int, Field(ge=1, le=3)] | None = None
    """How many rows the header has; none: found."""
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    quote: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """The quoting character of delimited text; none: found."""
    comment: Annotated[str, Field(min_length=1, max_length=2)] | None = None
    """What a line of delimited text begins with that is a comment; none: lines of # before the header."""
    widths: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """Characters of each column of text of fixed width; none: found."""
    files: Literal["all", "newest", "new"] = "all"
    """Of the files that match: all, the newest alone, or those that no published run has landed (with mode append)."""
    from_name: str | None = None
    """A regular expression for file names, whose named groups (`(?P<batch>...)`) become columns."""
    choices: dict[str, tuple[str, ...]] = {}
    """New column -> columns of one multiple-choice question, one a choice, that are folded into it."""
    payload: Payload | None = None
    """Where the answers stand in the JSON of a webhook; none: one of the known products', else every key."""
    watermark: str | None = None
    """Column of a database source that grows whenever a row changes: only rows at or above the last are asked for."""
    patience: Annotated[float, Field(gt=0)] = 60.0
    """Seconds after which a place on the network that gives no sign of life is given up."""
    apostrophes: bool = False
    """The export writes ' before digits so that a spreadsheet leaves them alone: taken off when landing."""
    date_order: Literal["DMY", "MDY", "YMD"] | None = None
    """Order of day, month and year; none: inferred column by column."""
    customers: str | None = None
    """For a fact source: the source whose record ids its `customer_id` column holds; none: its own."""
    fact: str = "fact"
    """For a fact source: the kind of its facts (invoice, ticket, delivery, answer)."""
    fold: bool = False
    """For a fact source: rows that repeat an id are lines of one fact, kept in its payload."""

    @field_validator("id", "sheets", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("columns", mode="before")
    @classmethod
    def _headers_are_text(cls, value: object) -> object:
        """A column may be called 2024, which YAML reads as a number."""
        return {str(k): v for k, v in value.items()} if isinstance(value, dict) else value

    @field_validator("from_name")
    @classmethod
    def _names_columns(cls, value: str | None) -> str | None:
        try:
            if value is not None and not re.compile(value).groupindex:
                raise ValueError("it names no column: write `(?P<batch>...)` around each part that is one")
        except re.error as error:
            raise ValueError(f"this is no regular expression: {error.msg}") from error
        return value

    @field_validator("location", "files")
    @classmethod
    def _safe(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("kind") != "sql" and re.match(r"[\w+.-]+://[^/\s]*:[^/\s]*@", value):
            raise ValueError("it holds a password: set an environment variable to the address, and write env:NAME")
        if value == "new" and info.data.get("mode") == "full":
            raise ValueError("with `mode: full` the records of files read before would be gone: add `mode: append`")
        return value

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "Source":
        wrong = []
        if self.kind == "sql" and not (self.table or self.query):
            wrong.append("a source of kind sql names a table or a query")
        if self.watermark and (self.kind != "sql" or not self.id or self.fold):
            wrong.append("`watermark` is for kind sql, with `id` and without `fold`")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


class Report(Strict):
    """Targets of the scorecard: share of values that should be good, by dimension."""

    targets: dict[words.Dimension, Annotated[float, Field(ge=0, le=1)]] = {}


class Firm(Strict):
    """The workspace itself: `goldseam.yml`."""

    firm: str = "My firm"
    country: Annotated[str, Field(pattern=COUNTRY)] | None = None
    """Default for sources that name no country."""
    language: str | None = None
    database: str = "sqlite:///var/goldseam.db"
    """SQLAlchemy URL of the state database, or env:NAME; GOLDSEAM_DATABASE_URL wins over it."""
    keep_runs: Annotated[int, Field(ge=2)] = 14
    """How many run folders are kept."""
    own_domains: tuple[str, ...] = ()
    """The firm's own mail domains: addresses there belong to staff, not to customers."""
    own_phones: tuple[str, ...] = ()
    """The firm's own numbers, typed in where a customer's was missing."""
    report: Report = Report()
    nightly: Nightly = Nightly()
    desk: Desk = Desk()
    gates: Gates = Gates()


def _targets() -> tuple[str, ...]:
    address = [f"address.{p}" for p in words.ADDRESS_PARTS]
    typed = [f"address.{t}.{p}" for t in words.ADDRESS_TYPES for p in words.ADDRESS_PARTS]
    phones = ["phone", *(f"phone.{t}" for t in words.PHONE_TYPES)]
    emails = ["email", *(f"email.{t}" for t in words.EMAIL_TYPES)]
    dates = [f"birth_date.{p}" for p in words.BIRTH_DATE_PARTS]
    plain = (*words.FACT_COLUMNS, "note", "note.contact", "ignore")
    return (*words.SCALARS, *dates, *phones, *emails, *address, *typed, *plain)


TARGETS: Final = _targets()
"""Every word that may stand on the right-hand side of a column map, but for `text.NAME` and `consent.PURPOSE`."""


def is_target(word: str) -> bool:
    return word in TARGETS or word.startswith(("text.", "consent."))


def load(text: str, file: str) -> tuple[Any, dict[Path, int]]:
    """The data of a YAML text and the line of each key; a text of comments alone is an empty mapping.

    Raises Mistakes where it is no YAML.
    """
    try:
        data, lines = yaml12.read(text)
    except yaml.YAMLError as error:
        raise Mistakes([mistakes.no_yaml(error, text, file)]) from error
    return ({} if data is None else data), lines


def parse(data: Any, lines: dict[Path, int], model: type[M], file: str) -> M:
    """The model filled with data; raises Mistakes with every mistake in it."""
    if not isinstance(data, dict):
        remedy = "Write one `key: value` a line"
        raise Mistakes([Problem(file, 1, "", "this file holds no settings", remedy)])
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = error.errors()
        rest, hidden = mistakes.beyond(data, found, model)
        raise Mistakes([mistakes.told(e, lines, model, file) for e in (*found, *hidden)], rest) from error
