"""What no weight outvotes: pairs that are never joined, or not by themselves, and by which rule."""

import numpy as np

from rules.matching.encode import Encoded
from rules.matching.firm_words import houses, sisters
from rules.matching.model import Model
from rules.matching.types import Bools, Bytes, Pairs
from rules.vocabulary import PartyType

VERY_ALIKE = 3
"""Level of kind `organisation` from which on two names are one name written twice."""
CONTACTS = ("emails", "mobiles", "phones")


def contact_only(patterns: Bytes, model: Model) -> Bools:
    """Patterns that agree in contact points and in nothing else: couples share them, numbers are given out again."""
    contact = np.array([f.name in CONTACTS for f in model.fields], bool)
    weak = np.array([f.name in ("city", "postcode") for f in model.fields], bool)
    agrees = patterns > 0
    return np.asarray(agrees[:, contact].any(1) & ~agrees[:, ~contact & ~weak].any(1))


def elsewhere(patterns: Bytes, model: Model) -> Bools:
    """Patterns of organisations at two addresses that share no telephone, e-mail or id, and only a part of the name.

    Firms are named after places and trades, so names are half alike all over a town.
    """

    def best(*names: str) -> Bytes:
        at = [i for i, f in enumerate(model.fields) if f.name in names]
        top = np.array([model.sizes[i] - 1 for i in at], np.int8)
        return np.asarray((patterns[:, at] == top).any(1) if at else np.zeros(len(patterns), bool))

    where = [i for i, f in enumerate(model.fields) if f.kind == "address"]
    name = [i for i, f in enumerate(model.fields) if f.kind == "organisation"]
    if model.party == PartyType.PERSON or not where or not name:
        return np.zeros(len(patterns), bool)
    shared = best("phones", "mobiles", "emails", "tax_id", "customer_no", "national_id")
    return np.asarray((patterns[:, where[0]] == 0) & ~shared & (patterns[:, name[0]] < VERY_ALIKE))


def sister_firms(pairs: Pairs, encoded: Encoded) -> Bools:
    """Pairs of organisations of which one is a firm beside another, whatever they share: Rossi, Rossi Immobiliare.

    And two houses under one roof: the café of a hotel and its dining room.
    """
    column = encoded.columns.get("organisation")
    if column is None or not len(column.values):
        return np.zeros(len(pairs), bool)
    a, b = column.first[pairs.left], column.first[pairs.right]
    beside = np.append(column.held.once(sisters), False)
    house = np.append(column.held.once(houses), 0)
    two = (house[a] > 0) & (house[b] > 0) & (house[a] & house[b] == 0)
    return np.asarray((a >= 0) & (b >= 0) & ((beside[a] != beside[b]) | two))


def contradicted(patterns: Bytes, model: Model) -> Bools:
    """Patterns of persons whose birth dates, telephones and e-mails are all known and all different, and no id equal.

    Whatever their names and address say: nothing that is one person's own is shared.
    """

    def of(*names: str) -> Bytes:
        at = [i for i, f in enumerate(model.fields) if f.name in names]
        return np.asarray(patterns[:, at].max(1) if at else np.full(len(patterns), -1, np.int8))

    ids = np.array([f.name in ("national_id", "tax_id", "customer_no") for f in model.fields], bool)
    top = np.array(model.sizes, np.int8) - 1
    apart = (of("birth_date") == 0) & (of("mobiles", "phones") == 0) & (of("emails") == 0)
    return np.asarray(apart & ~(patterns == top)[:, ids].any(1) & (model.party == PartyType.PERSON))


def vetoed(pairs: Pairs, encoded: Encoded) -> Bools:
    """Pairs with two different valid tax ids of one scheme. Only ids written `scheme:number` are known to be valid."""
    column = encoded.columns.get("tax_id")
    if column is None or not len(column.values):
        return np.zeros(len(pairs), bool)
    schemes = [str(v).partition(":")[0] if ":" in str(v) else "" for v in column.values.to_pylist()]
    _, scheme = np.unique(np.array(["", *schemes], dtype=object).astype(str), return_inverse=True)
    scheme = np.append(scheme[1:], 0)
    a, b = column.first[pairs.left], column.first[pairs.right]
    return np.asarray((a >= 0) & (b >= 0) & (a != b) & (scheme[a] == scheme[b]) & (scheme[a] > 0))
