"""Where in the JSON of a webhook the answers of a form stand: data of a preset or of a declaration, never code.

A path is keys joined by dots (`form_response.answers`). Where several are given, the first that is there counts.
`{type}` in a path stands for the value of the answer's own key `type`; two paths joined by `+` are taken together.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

Paths = tuple[str, ...]


class Payload(BaseModel):
    """The shape of one product's payloads. Paths of an answer start at the answer, the others at the payload."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: Paths = ()
    """Paths that are all there in a payload of this shape."""
    event: Paths = ()
    """The id of the delivery."""
    time: Paths = ()
    """When it was sent: of two payloads of one response, the later one stands."""
    response: Paths = ()
    """The id of the response, which is the record's; none there: the event's."""
    answers: Paths = ()
    """A list (or mapping) of answers, one object each; none: the object at `fields` is flattened."""
    fields: Paths = ()
    """The object whose keys become columns (`address.city`); none: the payload itself."""
    titles: Paths = ()
    """The form's own list of its questions, in its order: columns that are there though nobody answered."""
    key: Paths = ()
    """Of an answer and of a title: the id by which an answer finds its title."""
    question: Paths = ()
    """Of an answer or of its title: the text that becomes the column's name."""
    value: Paths = ()
    """Of an answer: what was answered."""
    options: Paths = ()
    """Of an answer: a list of `{id, text}`; a value that is such an id is written as its text."""
    aside: Paths = ("type", "ref", "id")
    """Of an answer: keys that are no part of what was answered; where no value is found, all others are kept."""
    keep: Paths = ()
    """Further objects that are flattened under their own last name (`hidden.customer`)."""
    strip: str | None = None
    """A regular expression for what is taken off the names of flattened keys (`^q[0-9]+_`)."""

    @field_validator(
        "when", "event", "time", "response", "answers", "fields", "titles", "key", "question", "value", "options",
        "aside", "keep", mode="before",
    )  # fmt: skip
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value


class Shapes(BaseModel):
    """All shapes that are known, in the order in which they are tried."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lists: Paths = ()
    """Where a file of an export keeps a list of payloads."""
    wrapped: Paths = ()
    """Where a relay that passes payloads on keeps the payload itself."""
    shapes: Mapping[str, Payload] = {}


def shapes_of(data: Any) -> Shapes:
    """The shapes of connectors/sources/webhooks/webhooks.yml."""
    return Shapes.model_validate(data)
