"""The persons of the set with households: one row a person, with what was true of them earlier or elsewhere.

A member of a household shares surname and address with its head: spouse, child or parent, twin, or a junior of the
same name; some households have one landline or one e-mail address for all. Members are not the same person: that is
what makes the set hard.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tests.bench.sets.drawing import words
from tests.bench.sets.errors import Mask, chance
from tests.bench.sets.names import Floats, Ints, Rng, draw, given_names, surnames, zipf
from tests.bench.sets.places import Places, area_codes, places

MEMBERS = {1: 0.12, 2: 0.06, 3: 0.02}  # so many live with a head of household; shares of all persons
RELATIONS = {"spouse": 0.60, "child": 0.322, "twin": 0.048, "junior": 0.03}  # to the head; only one spouse each
OWN_SURNAME = 0.08  # of the members
COMMON_SURNAMES, RARE = 5_000, 0.08  # names, and the share of persons with another one
SHARED = {"phone": 0.077, "email": 0.034}  # of the households: one for all
MOVED_TOGETHER = 0.5  # of the members went where their head went
MOVED_AWAY = 0.3  # of those who moved went to another town
EMAIL_WAYS, NUMBERED = (0.65, 0.1, 0.1, 0.15), 0.6  # ann.lee, annlee, lee_ann, alee; with a number behind
REISSUED = 0.005  # of the persons have a number that others know as someone else's
BORN = (-15_700, 14_600)  # days since 1970: 1927 to 2009


@dataclass(frozen=True)
class People:
    """Arrays of one length; the columns with `other_` hold the earlier surname, address, phone and e-mail address."""

    given: pa.Array
    surname: pa.Array
    other_surname: pa.Array
    female: Mask
    born: Ints
    home: dict[str, pa.Array]
    other_home: dict[str, pa.Array]
    phone: pa.Array
    other_phone: pa.Array
    email: pa.Array
    other_email: pa.Array


def people(count: int, rng: Rng) -> People:
    """So many persons, 30 in 100 of them members of the household of another."""
    head, relation = _households(count, rng)
    member = head != np.arange(count)
    female = rng.random(count) < 0.5
    female = np.where(relation == "spouse", ~female[head], np.where(relation == "junior", female[head], female))
    names, given = _given(female, rng)
    given = np.where(relation == "junior", given[head], given)
    family_names = pa.array(surnames())
    family, earlier = (draw(_family_shares(len(family_names)), count, rng) for _ in range(2))
    family = np.where(member & (rng.random(count) >= OWN_SURNAME), family[head], family)
    first, last = names.take(pa.array(given)), family_names.take(pa.array(family))
    country = places()
    at, later = _homes(country, head, member, rng)
    phone, other_phone = _phones(at["town"], head, rng)
    email, other_email = (_emails(first, last, rng) for _ in range(2))
    email = email.take(pa.array(_of_household(head, SHARED["email"], rng)))
    return People(
        first, last, family_names.take(pa.array(earlier)), female, _births(head, relation, rng),
        _address(country, at), _address(country, later), phone, other_phone, email, other_email,
    )  # fmt: skip


def _households(count: int, rng: Rng) -> tuple[Ints, np.ndarray]:
    """By person: the number of the head of the household (their own, if they are it) and the relation to the head."""
    members = np.repeat(list(MEMBERS), [round(count * share) for share in MEMBERS.values()])
    heads = count - int(members.sum())
    head = np.concatenate([np.arange(heads), np.repeat(np.arange(len(members)), members)])
    relation = np.full(count, "head", dtype="<U6")
    relation[heads:] = rng.choice(list(RELATIONS), count - heads, p=list(RELATIONS.values()))
    second = np.r_[False, head[1:] == head[:-1]]
    relation[second & (relation == "spouse")] = "child"
    return head, relation


def _given(female: Mask, rng: Rng) -> tuple[pa.Array, Ints]:
    """All given names, and which of them each person has."""
    hers, his = given_names("female"), given_names("male")
    of_her, of_him = (draw(zipf(len(names), shift=15, slope=1.25), len(female), rng) for names in (hers, his))
    return pa.array([*hers, *his]), np.where(female, of_her, len(hers) + of_him)


def _family_shares(count: int) -> Floats:
    """COMMON_SURNAMES names after Zipf and Mandelbrot; the rare rest are all alike."""
    common = zipf(COMMON_SURNAMES, shift=1.4, slope=0.73) * (1 - RARE)
    return np.r_[common, np.full(count - len(common), RARE / (count - len(common)))]


def _births(head: Ints, relation: np.ndarray, rng: Rng) -> Ints:
    """Days since 1970: a spouse is about as old as the head, children and juniors a generation apart."""
    born = rng.integers(*BORN, len(head))
    near = born[head] + np.rint(rng.normal(0, 1_300, len(head))).astype(np.int64)
    apart = rng.integers(7_300, 13_500, len(head))
    younger = born[head] + np.where(born[head] + apart > BORN[1], -apart, apart)
    born = np.where(relation == "spouse", near, born)
    born = np.where((relation == "child") | (relation == "junior"), younger, born)
    return np.where(relation == "twin", born[head], np.where(born < BORN[0], 2 * BORN[0] - born, born))


def _of_household(head: Ints, share: float, rng: Rng) -> Ints:
    """Whose e-mail address or number each person has: the head's in a share of the households, else their own."""
    common = (rng.random(len(head)) < share)[head]
    return np.where(common, head, np.arange(len(head)))


def _homes(country: Places, head: Ints, member: Mask, rng: Rng) -> tuple[dict[str, Ints], dict[str, Ints]]:
    """Where each person lives, and where they lived before: in the same town mostly."""
    postcode, house = country.homes(len(head), rng)
    before, number = country.homes(len(head), rng)
    town = country.town[postcode]
    first, size = np.searchsorted(country.town, town), np.bincount(country.town)[town]  # a town's postcodes are a run
    near = first + (rng.random(len(head)) * size).astype(np.int64)
    before = np.where(rng.random(len(head)) < MOVED_AWAY, before, near[head])
    with_head = np.where(member & chance(len(head), MOVED_TOGETHER, rng), head, np.arange(len(head)))
    now = {"postcode": postcode[head], "house": house[head], "town": country.town[postcode[head]]}
    then = {"postcode": before[with_head], "house": number[with_head], "town": country.town[before[with_head]]}
    return now, then


def _address(country: Places, at: dict[str, Ints]) -> dict[str, pa.Array]:
    street = country.streets.take(pa.array(country.street[at["postcode"]]))
    number = pa.array(at["house"]).cast(pa.string())
    return {
        "street": pc.binary_join_element_wise(number, street, " "),
        "city": country.towns.take(pa.array(at["town"])),
        "postcode": country.postcodes.take(pa.array(at["postcode"])),
    }


def _phones(town: Ints, head: Ints, rng: Rng) -> tuple[pa.Array, pa.Array]:
    """Mobiles; the landline for all in some households. A few numbers were another person's before."""
    mobile, earlier = (_mobiles(rng.integers(0, 5 * 10**8, len(head))) for _ in range(2))
    areas = area_codes()
    area = pa.array(areas).take(pa.array(town % len(areas)))
    landline = pc.binary_join_element_wise(area, _digits(rng.integers(0, 10**6, len(head)), 6), "")
    whose = _of_household(head, SHARED["phone"], rng)
    shared = np.bincount(whose, minlength=len(head))[whose] > 1
    phone = pc.if_else(pa.array(shared), landline.take(pa.array(head)), mobile)
    again = chance(len(head), REISSUED, rng) & ~shared
    return pc.if_else(pa.array(again), phone.take(pa.array(rng.permutation(len(head)))), phone), earlier


def _mobiles(number: Ints) -> pa.Array:
    """074, 075, 077, 078 or 079 and eight digits."""
    begin = pa.array(["074", "075", "077", "078", "079"]).take(pa.array(number // 10**8))
    return pc.binary_join_element_wise(begin, _digits(number % 10**8, 8), "")


def _digits(number: Ints, width: int) -> pa.Array:
    return pc.utf8_lpad(pa.array(number).cast(pa.string()), width, "0")


def _emails(first: pa.Array, last: pa.Array, rng: Rng) -> pa.Array:
    """Names in one of four ways, often with a number, at a host that is nobody's: namesakes may have the same one."""
    first, last = pc.utf8_lower(first), pc.utf8_lower(last)
    initial = pc.utf8_slice_codeunits(first, 0, 1)
    made = [pc.binary_join_element_wise(*way) for way in ((first, last, "."), (first, last, ""), (last, first, "_"))]
    way = rng.choice(4, len(first), p=EMAIL_WAYS)
    local = pc.choose(pa.array(way), *made, pc.binary_join_element_wise(initial, last, ""))
    number = pa.array(rng.integers(1, 2_000, len(first))).cast(pa.string())
    number = pc.if_else(pa.array(chance(len(first), NUMBERED, rng) | (way == 3)), number, "")
    hosts = words("british")["mail_hosts"]
    host = pa.array(hosts).take(pa.array(draw(zipf(len(hosts), shift=1, slope=1), len(first), rng)))
    return pc.binary_join_element_wise(pc.binary_join_element_wise(local, number, ""), host, "@")
