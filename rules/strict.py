"""The base of every model that a person's YAML fills."""

from typing import get_args

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Unknown keys are mistakes, and what was read stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def inner(model: type[BaseModel], path: tuple[str | int, ...]) -> type[BaseModel]:
    """The model that holds a key: `path` leads to it from the whole file's model."""
    for step in path[:-1]:
        field = model.model_fields.get(str(step))
        said = (field.annotation, *get_args(field.annotation)) if field else ()  # a model, or a model or nothing
        below = next((kind for kind in said if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        if below is None:
            break
        model = below
    return model
