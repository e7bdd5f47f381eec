"""The typed model of `survivorship.yml`: which value survives, field by field or group by group."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final, Literal

from pydantic import Field as Setting
from pydantic import model_validator

from rules import schema
from rules import vocabulary as words

Strategy = Literal["consensus", "most_frequent", "most_trusted", "most_recent", "most_complete", "longest", "severity"]
GroupName = Literal["name", "organisation", "tax", "address"]
Share = Annotated[float, Setting(ge=0, le=1)]
Weight = Annotated[float, Setting(ge=0)]


class Field(schema.Strict):
    """How one field survives."""

    rules: Annotated[tuple[Strategy, ...], Setting(min_length=1)]
    compare: str | None = None
    """The column whose equality makes two values one."""
    half_life_years: Annotated[float, Setting(gt=0)] | None = None
    """Years in which a vote loses half its weight beside the latest one; none: it does not age."""
    spelling: bool = False
    """Whether values and letters that other customers have too are likelier right: for words, not for numbers."""
    order: tuple[str, ...] = ()
    """For `severity`: the values, first wins."""
    always: tuple[str, ...] = ()
    """Values that win wherever they stand, first wins."""


class Group(schema.Strict):
    """How fields that belong together survive together."""

    fields: dict[str, Weight]
    rules: Annotated[tuple[Strategy, ...], Setting(min_length=1)]
    compare: dict[str, str] = Setting(default_factory=dict)
    exact: tuple[str, ...] = ()
    """Parts that agree fully or not at all."""
    together: Literal["record", "writing"] = "record"
    same_from: Annotated[float, Setting(gt=0, le=1)] = 0.5
    """Share of agreement, weighed by part, from which two entries mean the same thing."""
    exchanged: tuple[str, ...] = ()
    half_life_years: Annotated[float, Setting(gt=0)] | None = None
    spelling: bool = False
    types: dict[str, Weight] = Setting(default_factory=dict)

    @model_validator(mode="after")
    def _parts_are_known(self) -> "Group":
        unknown = [p for p in (*self.compare, *self.exact, *self.exchanged) if p not in self.fields]
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is no field of this group")
        if len(self.exchanged) not in (0, 2):
            raise ValueError("exchanged names two fields")
        return self


class Votes(schema.Strict):
    copies: Share
    undated: Share
    doubt: dict[words.Flag, Share]


class Slips(schema.Strict):
    """Prices of `consensus`, in nats."""

    typo: Weight
    further: Weight
    left_out: Weight
    other: Weight
    frequency: Weight
    letters: Weight
    frequency_cap: Annotated[int, Setting(ge=1)]


class Types(schema.Strict):
    """Weight of each type of contact point."""

    email: dict[Literal[words.EMAIL_TYPES], Weight]  # type: ignore[valid-type] # the tuple is a constant
    phone: dict[Literal[words.PHONE_TYPES], Weight]  # type: ignore[valid-type] # the tuple is a constant


class Points(schema.Strict):
    half_life_years: Annotated[float, Setting(gt=0)]
    person: Types
    organisation: Types


class Quality(schema.Strict):
    """Weights of the five shares that make a golden record's quality."""

    completeness: Weight
    validity: Weight
    agreement: Weight
    trust: Weight
    freshness: Weight
    alone: Share
    undated: Share
    key_fields: dict[words.PartyType, tuple[tuple[str, ...], ...]]


class Survivorship(schema.Strict):
    """The whole of `survivorship.yml`."""

    votes: Votes
    slips: Slips
    groups: dict[GroupName, Group]
    fields: dict[str, Field]
    other_fields: Field
    points: Points
    number_first: tuple[Annotated[str, Setting(pattern="^[A-Z]{2}$")], ...]
    quality: Quality
    losers: Annotated[int, Setting(ge=0)]

    def field(self, name: str) -> Field:
        return self.fields.get(name, self.other_fields)


DEFAULTS: Final = "defaults/survivorship.yml"


@cache
def _defaults() -> dict[str, Any]:
    data, _ = schema.load(files("rules").joinpath(DEFAULTS).read_text("utf-8"), DEFAULTS)
    return dict(data)


def load(text: str | None = None, file: str = "rules/survivorship.yml") -> Survivorship:
    """The default rules, with a workspace's own laid over them key by key. Raises schema.Mistakes."""
    if text is None or not text.strip():
        return schema.parse(_defaults(), {}, Survivorship, DEFAULTS)
    data, lines = schema.load(text, file)
    merged = laid_over(_defaults(), data) if isinstance(data, dict) else data
    return schema.parse(merged, lines, Survivorship, file)


def laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """`above` over `below`: mappings are merged, anything else is replaced."""
    both = {
        key: laid_over(below[key], value) if isinstance(value, dict) and isinstance(below.get(key), dict) else value
        for key, value in above.items()
    }
    return {**below, **both}
