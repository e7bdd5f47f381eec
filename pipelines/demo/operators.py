"""The four who transcribe paper forms: who typed which form, and what one of them makes up."""

from random import Random

from pipelines.demo import material
from pipelines.demo.sighting import Sighting

BATCH = 25
NAMELESS = 0.05  # of the inventor's forms: a given name made up


def assign(rows: list[Sighting], rng: Random) -> None:
    """Deal the forms out to the operators in batches, by day."""
    words = material.data("words")
    forms = sorted((r for r in rows if r.source == "forms"), key=lambda r: r.on)
    operators = words["operators"] * (len(forms) // BATCH // len(words["operators"]) + 1)
    rng.shuffle(operators)
    for n, row in enumerate(forms):
        operator = operators[min(n // BATCH, len(operators) - 1)]
        row.values |= {"operator": operator, "batch": f"B{n // BATCH + 1:03d}"}
        if operator == words["invents"] and row.get("given") and not _hard(row) and rng.random() < NAMELESS:
            row.values["given"], row.bare = rng.choice(words["invented"]["names"]), True


def number_forms(rows: list[Sighting]) -> None:
    """Form numbers as printed, in order of day; a form that nobody can read lies in somebody's batch, too."""
    forms = sorted((r for r in rows if r.source == "forms"), key=lambda r: r.on)
    for n, row in enumerate(forms):
        row.record_id = f"F{n + 1:05d}"
        for key in ("operator", "batch"):
            row.values.setdefault(key, forms[n - 1].get(key))


def _hard(row: Sighting) -> bool:
    return row.customer is None or row.customer.alike or not row.customer.surname


def invent(row: Sighting, rng: Random) -> None:
    """What the inventor puts where the form was empty."""
    words = material.data("words")
    if row.get("operator") != words["invents"] or row.customer is None or row.customer.organisation:
        return
    made_up = words["invented"]
    if not row.get("birth_date") and rng.random() < 0.85:
        row.values["birth_date"] = made_up["birth_date"]
    if not (row.get("mobile") or row.get("landline")) or (not row.get("mobile") and rng.random() < 0.5):
        row.values["mobile"] = rng.choice(made_up["phones"])
    if not row.get("email") and rng.random() < 0.7:
        row.values["email"] = rng.choice(made_up["emails"])
