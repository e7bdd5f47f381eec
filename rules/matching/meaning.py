"""What a class of pairs means: which of its fields agree beyond chance, and whether that can be one customer."""

import numpy as np

from rules.matching.model import Model
from rules.matching.types import Bools, Floats
from rules.matching.vetoes import CONTACTS
from rules.vocabulary import PartyType, Role

OWN_ROLES = {PartyType.PERSON: (Role.PERSON,), PartyType.ORGANISATION: (Role.ORGANISATION, Role.PERSON)}
WHO = (Role.PERSON, Role.FAMILY)
SAME_ADDRESS = 3
"""Level of kind `address` from which on two addresses are one."""
IDENTIFYING = ("birth_date", "national_id", "tax_id", "customer_no", "emails", "mobiles", "phones")
NOT_OWN = ("birth_date", "phones")
"""What twins share."""
NEAR = ("date",)
"""Kinds whose second highest level identifies as well: a slip of the pen."""
KNOWN = 0.3
"""A class is judged by its identifying fields where one of them is known in so many of its pairs."""
OTHER_NAME = 0.8
"""Classes in which given names differ in so many of the pairs are not one person under another name."""
SOME_AGREE = 0.2
"""Of the pairs in which an identifying field is known, in so many one agrees if they are the same customer."""


def may_be_same(model: Model, party: PartyType, known: Floats) -> Bools:
    """Classes that may be one customer. `known`: (fields, classes) part of the pairs in which a field is known."""
    own = (own_evidence(model, party) > 0) & _one_name(model, known)
    return np.asarray(own & _supported(model, party, known) & _identified(model, party, known))


def _one_name(model: Model, known: Floats) -> Bools:
    """False for classes in which given names are known and are other names: twins share all but what is one's own."""
    other, own = np.zeros(len(model.share), bool), np.zeros(len(model.share), bool)
    for i, f in enumerate(model.fields):
        often = known[i] >= KNOWN
        if f.name == "given_name":
            other |= (model.theta[model.starts[i]] >= OTHER_NAME) & often
        elif f.name in IDENTIFYING and f.name not in NOT_OWN:
            own |= (model.theta[model.starts[i] + model.sizes[i] - 1] >= 0.5) & often
    return np.asarray(~other | own)


def _identified(model: Model, party: PartyType, known: Floats) -> Bools:
    """False for classes of persons whose identifying fields are known and agree no more than those of strangers."""
    none_known, none_agrees = np.ones(len(model.share)), np.ones(len(model.share))
    for i, f in enumerate(model.fields):
        if f.name in IDENTIFYING or f.role == Role.TEXT:
            stop = model.starts[i] + model.sizes[i]
            top = 2 if f.kind in NEAR else 1
            by_chance = float(model.random[i][-top:].sum())
            beyond = np.maximum(model.theta[stop - top : stop].sum(0) - by_chance, 0) / (1 - by_chance)
            none_known *= 1 - known[i]
            none_agrees *= 1 - known[i] * beyond
    judged = 1 - none_known >= KNOWN
    enough = 1 - none_agrees >= SOME_AGREE * (1 - none_known)
    return np.asarray(~judged | enough | (party != PartyType.PERSON))


def field_evidence(model: Model) -> Floats:
    """(fields, classes): expected weight of each field's agreement in each class against chance, in nats."""
    u = np.concatenate(model.random)[:, None]
    each = model.theta * np.log(np.maximum(model.theta, 1e-9) / u)
    return np.asarray(np.add.reduceat(each, model.starts, axis=0))


def own_evidence(model: Model, party: PartyType) -> Floats:
    """What the fields that tell this one from its neighbours say for each class, as the clearest class weighs them."""
    total = field_evidence(model).sum(0)
    clearest = int(np.argmax(np.where(model.share > 0.02, total, -1)))
    u = np.concatenate(model.random)[:, None]
    weights = np.log(np.maximum(model.theta[:, [clearest]], 1e-3) / u)
    each = np.add.reduceat(model.theta * weights, model.starts, axis=0)
    own = [i for i, f in enumerate(model.fields) if f.role in OWN_ROLES[party]]
    says = np.asarray(each[own].sum(0) if own else each.sum(0))
    who = [i for i, f in enumerate(model.fields) if f.role in WHO and f.name not in CONTACTS]
    # Contact points are shared and given out again: they do not outvote a name and a birth date.
    return np.minimum(says, each[who].sum(0)) if who and party == PartyType.PERSON else says


def _supported(model: Model, party: PartyType, known: Floats) -> Bools:
    """Classes that may be the same customer: the sites of a firm share its name, tax id and switchboard, no address."""
    everything = np.ones(len(model.share), bool)
    where = model.field("address")
    if party == PartyType.PERSON or where is None:
        return everything
    ids = [i for i, f in enumerate(model.fields) if f.name in ("tax_id", "emails")]
    equal = [model.theta[model.starts[i] + model.sizes[i] - 1] >= 0.5 for i in ids]
    # Of a field that is hardly ever known in a class its levels say nothing.
    told = [e & (known[i] >= KNOWN) for i, e in zip(ids, equal, strict=True)]
    identified = np.any(told, axis=0) if ids else ~everything
    near = model.theta[model.starts[where] + SAME_ADDRESS : model.starts[where] + model.sizes[where]].sum(0)
    return np.asarray((near >= 0.5) | (identified & (known[where] < KNOWN)))


def agreement(model: Model, k: int, role: Role) -> float | None:
    """Mean probability of agreement beyond chance over the fields of a role, weighed by how telling the field is."""
    at = [i for i, f in enumerate(model.fields) if f.role == role]
    if not at:
        return None
    telling = np.array([-np.log(model.random[i][-1]) for i in at])
    agree = np.array([1 - model.theta[model.starts[i], k] / model.random[i][0] for i in at])
    return float((telling * np.maximum(agree, 0)).sum() / telling.sum())
