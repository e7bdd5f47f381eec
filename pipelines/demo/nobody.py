"""Rows of which nobody could tell whom they mean: they belong in quarantine."""

from datetime import timedelta
from random import Random

from pipelines.demo.sighting import Sighting
from pipelines.demo.world import TODAY

ROWS: dict[str, list[dict[str, str]]] = {
    "forms": [{"surname": "xxx", "given": "xxx"}, {"surname": "-"}, {"city": "Πειραιάς", "country": "GR"}],
    "diary": [{"surname": "?"}, {"surname": "κύριος", "phone": "—"}],
    "sales": [{"surname": "#REF!"}, {"company": "???", "city": "Πειραιάς"}],
    "tickets": [{"surname": "unknown", "phone": "private number"}, {"surname": "anonymous"}],
    "web": [{"given": "asdf", "surname": "asdf", "email": "asdf@asdf"}],
}


def rows(rng: Random) -> list[Sighting]:
    """About ten of them."""
    return [
        Sighting(source, None, TODAY - timedelta(days=rng.randrange(1, 900)), values=dict(values))
        for source, known in ROWS.items()
        for values in known
    ]
