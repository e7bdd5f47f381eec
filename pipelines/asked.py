"""Whom `goldseam why` is asked about: a record (SOURCE:ID) or a customer (a golden id), looked up in a run."""

from dataclasses import dataclass
from typing import Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz, process

from pipelines.context import Run
from rules.near import either

Key: TypeAlias = tuple[str, str]
NEAR: Final = 75.0
"""How alike (of 100) a key is that is proposed instead of one that does not exist."""
PROPOSED: Final = 3


class UnknownRecord(Exception):
    """A record or customer that is not there to be explained; the message says where it is."""


@dataclass(frozen=True)
class Asked:
    """A record, or a customer with its records."""

    name: str
    golden_id: str
    records: tuple[Key, ...]
    """The record itself, or all active records of the customer, in the order of their keys."""
    is_customer: bool = False
    was: str = ""
    """The golden id that was asked for, where it has become another."""


def asked(run: Run, name: str) -> Asked:
    """Who is meant. Raises UnknownRecord with the nearest names that there are."""
    crosswalk = run.folder.read("identify", "crosswalk")
    return _record(run, crosswalk, name) if ":" in name else _customer(run, crosswalk, name)


def _record(run: Run, crosswalk: pa.Table, name: str) -> Asked:
    source, _, record = name.partition(":")
    found = crosswalk.filter(pc.and_(pc.equal(crosswalk["source"], source), pc.equal(crosswalk["record_id"], record)))
    if not len(found):
        raise UnknownRecord(f"there is no record {name} in run {run.id}. {_proposed(name, _names(crosswalk))}")
    state, golden_id = found["state"][0].as_py(), found["golden_id"][0].as_py()
    if state == "retired":
        raise UnknownRecord(f"{name} is gone from its source: there is nothing left to compare")
    if state == "quarantined":
        listed = f"goldseam quarantine list -w {run.workspace.root}"
        raise UnknownRecord(f"{name} is in quarantine and was compared with nobody. See {listed}")
    return Asked(name, golden_id, ((source, record),))


def _customer(run: Run, crosswalk: pa.Table, name: str) -> Asked:
    now = run.store.resolve(name) or name
    found = crosswalk.filter(pc.equal(crosswalk["golden_id"], now))
    active = found.filter(pc.equal(found["state"], "active"))
    if not len(found):
        ids = [n for n in _names(crosswalk) if n.partition(":")[2] == name]
        every = pc.unique(crosswalk["golden_id"].drop_null()).to_pylist()
        remedy = f"Did you mean {either(ids[:PROPOSED])}?" if ids else _proposed(name, every)
        raise UnknownRecord(f"{name!r} is no customer of run {run.id}. {remedy}")
    if not len(active):
        raise UnknownRecord(f"{name} has no record any more that could be explained")
    keys = sorted(zip(active["source"].to_pylist(), active["record_id"].to_pylist(), strict=True))
    return Asked(now, now, tuple(keys), is_customer=True, was=name if name != now else "")


def _names(crosswalk: pa.Table) -> list[str]:
    named: list[str] = pc.binary_join_element_wise(crosswalk["source"], crosswalk["record_id"], ":").to_pylist()
    return named


def _proposed(name: str, known: list[str]) -> str:
    """The nearest names, or where to look."""
    near = process.extract(name, known, scorer=fuzz.ratio, limit=PROPOSED, score_cutoff=NEAR)
    if near:
        return f"Did you mean {either([n for n, *_ in near])}?"
    return "Write SOURCE:ID or a golden id, as published/latest/crosswalk.csv has them"
