"""What a matching file (`rules/matching.yml`, `--rules`) may say, and what holds where it says nothing."""

from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Annotated, Final

from pydantic import Field as Limit
from pydantic import field_validator

from rules import schema
from rules.schema import Strict
from rules.vocabulary import PartyType, Role

KINDS: Final = (
    "name",
    "full_name",
    "word",
    "text",
    "exact",
    "date",
    "number",
    "email",
    "organisation",
    "address",
    "postcode",
)


MOST_FIELDS: Final = 24
"""Fields whose agreement fits into one number."""


class Field(Strict):
    """One comparison: a column of the features, the role of its agreement and the way it is compared."""

    name: str
    role: Role
    kind: Annotated[str, Limit(pattern=f"^(?:{'|'.join(KINDS)})$")]
    shared: Annotated[int, Limit(ge=2)] | None = None
    """Records that may share one value before it is asked whether it is evidence; none: any number."""


class Thresholds(Strict):
    """Match probabilities. `merge`: joined unseen from here on; `review`: shown to people from here on."""

    merge: Annotated[float, Limit(gt=0, lt=1)] = 0.995
    review: Annotated[float, Limit(gt=0, lt=1)] = 0.2


class Matching(Strict):
    """`rules/matching.yml`; every key may be left out."""

    roles: dict[str, Role] = Limit(default_factory=dict)
    """Column -> role, for columns whose default role is wrong in this firm."""
    blocking: tuple[tuple[str, ...], ...] | None = None
    """Exactly these rules; none: chosen from the data."""
    comparisons: tuple[Field, ...] | None = None
    """Exactly these comparisons, for persons and organisations alike; none: chosen from the data."""
    thresholds: Thresholds = Thresholds()
    merge_only: bool = False
    """Join only what may be joined unseen; otherwise from the threshold with the greatest expected F1 on."""
    leave_out: dict[str, tuple[str, ...]] = Limit(default_factory=dict)
    """Column -> values that are no evidence (the firm's own number); `@domain` in `emails`: every address there."""
    pairs_per_record: Annotated[float, Limit(gt=0)] = 12.0
    pairs: Annotated[int, Limit(gt=0)] = 4_000_000
    """At most this many pairs are blocked in all, whatever the number of records."""
    second_round: Annotated[float, Limit(ge=0)] = 0.5
    """Pairs a record that may be looked at once more in the neighbourhood of what matched; 0: no second round."""
    memory: Annotated[int, Limit(ge=1)] = 1000
    """Megabytes for compared pairs, however many there are; records and their columns come on top of it."""
    largest_block: Annotated[int, Limit(ge=2)] = 300
    """Records in one block before it is split by a further field."""

    @field_validator("blocking")
    @classmethod
    def _readable(cls, rules: tuple[tuple[str, ...], ...] | None) -> tuple[tuple[str, ...], ...] | None:
        """Every rule has keys, and every key can be read."""
        from rules.matching.keys import is_key

        for rule in rules or ():
            if not rule:
                raise ValueError("a rule without a key would compare every record with every other")
            for key in rule:
                if not is_key(key):
                    raise ValueError(f"{key!r} is no key: write a column, or a column and a form, like surname.sound")
        return rules

    @field_validator("comparisons")
    @classmethod
    def _different(cls, fields: tuple[Field, ...] | None) -> tuple[Field, ...] | None:
        """Every column is compared once, and not more columns than patterns can hold."""
        names = [f.name for f in fields or ()]
        if len(set(names)) < len(names) or len(names) > MOST_FIELDS:
            raise ValueError(f"name each column once, and at most {MOST_FIELDS} of them")
        return fields


class Defaults(Strict):
    """`fields.yml`: the comparisons by type of party."""

    person: tuple[Field, ...]
    organisation: tuple[Field, ...]


def default(name: str, model: type[schema.M]) -> schema.M:
    """A file of `rules/defaults/matching` as its model."""
    text = files("rules").joinpath(f"defaults/matching/{name}").read_text("utf-8")
    return schema.parse(*schema.load(text, name), model, name)


@cache
def default_fields(party: PartyType) -> tuple[Field, ...]:
    defaults = default("fields.yml", Defaults)
    return defaults.person if party == PartyType.PERSON else defaults.organisation


def read(text: str, file: str, columns: Collection[str] | None = None) -> Matching:
    """The settings in the text of a matching file; `columns`: the `text.NAME` columns of the records, where known.

    Raises schema.Mistakes with every mistake in it.
    """
    from rules.matching.columns import problems

    data, lines = schema.load(text, file)
    said = schema.parse(data, lines, Matching, file)
    if found := list(problems(said, lines, file, columns)):
        raise schema.Mistakes(found)
    return said
