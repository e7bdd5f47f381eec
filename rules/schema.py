"""A typed model of every YAML file a person writes; an unknown key is an error that names file, line and key.

`parse` gives the model and every mistake at once: nobody should have to run a program five times to find five
typing errors. YAML is read by the 1.2 core rules: `NO` is a country, `0012` is text and `2020-01-02` is text.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

import yaml
from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from rules import vocabulary as words
from rules import yaml12
from rules.gates import Gates
from rules.nights import Nightly
from rules.payload import Payload
from rules.strict import Strict as Strict
from rules.strict import inner

Path: TypeAlias = tuple[str | int, ...]
M = TypeVar("M", bound="Strict")


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is, what it is and what to do about it. `line` counts from 1; 0 is the whole file."""

    file: str
    line: int
    key: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        at = f" {self.key}:" if self.key else ""
        return f"{place}:{at} {self.message}. {self.remedy}"


class Mistakes(Exception):
    """Configuration that cannot be used; `problems` holds every mistake found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


COUNTRY: Final = "^[A-Z]{2}$"
"""The form of an ISO 3166 code."""


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
    columns: dict[str, str] = {}
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

    @field_validator("columns")
    @classmethod
    def _known_targets(cls, value: dict[str, str]) -> dict[str, str]:
        for column, target in value.items():
            if not is_target(target):
                near = get_close_matches(target, TARGETS, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise ValueError(f"column {column!r} is mapped to {target!r}, which is no standard column{hint}")
        return value

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
        if self.kind == "sql" and not (self.table or self.query):
            raise ValueError("a source of kind sql names a table or a query")
        if self.watermark and (self.kind != "sql" or not self.id or self.fold):
            raise ValueError("`watermark` is for kind sql, with `id` and without `fold`")
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
        raise Mistakes([_no_yaml(error, text, file)]) from error
    return ({} if data is None else data), lines


def _no_yaml(error: yaml.YAMLError, text: str, file: str) -> Problem:
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        what = f"not valid YAML: it holds the control character {error.character:#x}"
        return Problem(file, line, "", what, "Delete it, or save the file again as plain text")
    mark = getattr(error, "problem_mark", None)
    message = getattr(error, "problem", None) or str(error)
    remedy = "Check indentation, colons and quotes on this line and the one above"
    return Problem(file, mark.line + 1 if mark else 0, "", f"not valid YAML: {message}", remedy)


def parse(data: Any, lines: dict[Path, int], model: type[M], file: str) -> M:
    """The model filled with data; raises Mistakes with every mistake in it."""
    if not isinstance(data, dict):
        remedy = "Write one `key: value` a line"
        raise Mistakes([Problem(file, 1, "", "this file holds no settings", remedy)])
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Mistakes([_problem(e, lines, model, file) for e in error.errors()]) from error


def _problem(error: Any, lines: dict[Path, int], model: type[Strict], file: str) -> Problem:
    path: Path = tuple(error["loc"])
    line = next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), 0)
    key = ".".join(map(str, path))
    if error["type"] == "extra_forbidden":
        keys = inner(model, path).model_fields
        near = get_close_matches(str(path[-1]), keys, n=1)
        remedy = f"Did you mean `{near[0]}`?" if near else f"Known keys: {', '.join(sorted(keys))}"
        return Problem(file, line, key, "unknown key", remedy)
    if error["type"] == "missing":
        return Problem(file, line, key, "this key is missing", f"Add `{key}: …`")
    if error.get("ctx", {}).get("pattern") == COUNTRY:
        return Problem(file, line, key, "this is no code of a country", "Write its two capital letters: GR, IT, TR")
    if error["type"] in _EXPECTED:
        return Problem(file, line, key.removesuffix(".[key]"), *_EXPECTED[error["type"]])
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return Problem(file, line, key.removesuffix(".[key]"), message, "Correct the value")


_EXPECTED: Final = {
    **dict.fromkeys(
        ("dict_type", "model_type"),
        ("this should be pairs of `key: value`", "Write `{key: value}`, or one `key: value` a line below it"),
    ),
    "string_type": ("this should be text", "Write one text; put quotes around a number"),
    "tuple_type": ("this should be a list", "Write [one, two]"),
    **dict.fromkeys(("bool_type", "bool_parsing"), ("this should be true or false", "Write true or false")),
    **dict.fromkeys(("float_type", "float_parsing"), ("this should be a number", "Write a number, with a dot: 0.2")),
    **dict.fromkeys(("int_type", "int_parsing"), ("this should be a whole number", "Write a whole number")),
}
"""Type of a pydantic error -> what is wrong and what to write, for people who do not know our models."""
