"""The demo's values: valid where they should be, nobody's real mailbox, and enough of them to settle each record."""

import re
from random import Random

import phonenumbers
import pytest
from stdnum import get_cc_module
from stdnum.it import codicefiscale

from pipelines.demo import material, naming, people, population, recoverable, schedule, scripts, takedown, writing
from pipelines.demo.sighting import Sighting
from pipelines.demo.world import Customer

RESERVED = re.compile(r"@(example\.(com|org|net)|[a-z0-9-]+\.example)$")
FIRMS = {
    "GR": "gr.vat",
    "RU": "ru.inn",
    "TR": "tr.vkn",
    "IT": "it.iva",
    "ES": "es.cif",
    "ID": "id.npwp",
    "GB": "gb.vat",
}
PERSONS = {"GR": "gr.vat", "RU": "ru.inn", "TR": "tr.tckimlik", "ES": "es.dni", "ID": "id.npwp"}


@pytest.fixture(scope="module")
def clientele() -> list[Customer]:
    return population.populate(600, seed=7)


@pytest.fixture(scope="module")
def rows(clientele: list[Customer]) -> list[Sighting]:
    found = schedule.schedule(clientele, seed=7)
    rng = Random(7)
    for row in found:
        takedown.take_down(row, rng)
    recoverable.make_recoverable(found, rng)
    return found


def test_phones_are_valid_for_their_country(clientele: list[Customer]) -> None:
    """Every mobile and landline passes the numbering plan of the customer's country."""
    for one in clientele:
        for number in filter(None, (one.mobile, one.home.landline)):
            parsed = phonenumbers.parse(number)
            assert phonenumbers.is_valid_number(parsed), number
            assert phonenumbers.region_code_for_number(parsed) == one.country


def test_tax_numbers_pass_their_checks(clientele: list[Customer]) -> None:
    """Firms and persons bear tax numbers with the right check digits of their own scheme."""
    for one in clientele:
        if not one.organisation and one.country == "IT":
            assert codicefiscale.validate(one.tax_id)
            assert codicefiscale.get_birth_date(one.tax_id, minyear=1926) == one.birth_date
            assert set(one.tax_id[:6]) <= set(scripts.plain(one.surname + one.given).upper()) | {"X"}
        elif one.tax_id:
            number = get_cc_module(*(FIRMS if one.organisation else PERSONS)[one.country].split("."))
            assert number is not None
            assert number.is_valid(one.tax_id), one
        else:
            assert one.country == "GB"


def test_mailboxes_are_nobodys(clientele: list[Customer]) -> None:
    """Every address is at a domain that is reserved for examples."""
    boxes = [m for c in clientele for m in (c.email, c.work_email) if m]
    assert len(boxes) > 400
    assert all(RESERVED.search(m) for m in boxes)


def test_points_are_shared_only_on_purpose(clientele: list[Customer]) -> None:
    """Nobody's e-mail address is another's, but for couples; landlines are a household's or a building's."""
    owners: dict[str, set[str]] = {}
    for one in clientele:
        if one.email:
            owners.setdefault(one.email, set()).add(one.household or one.id)
    assert all(len(who) == 1 for who in owners.values())


def test_optional_values_are_often_missing(rows: list[Sighting]) -> None:
    """Where a desk asks, between a tenth and half of the answers are missing."""
    asked = {"sales": "email", "forms": "birth_date", "shop": "mobile", "collections": "tax_id"}
    for source, what in asked.items():
        persons = [r for r in rows if r.source == source and not r.whom.organisation]
        missing = sum(not r.get(what) for r in persons) / len(persons)
        assert 0.1 < missing < 0.5, (source, what, missing)


def test_records_of_a_customer_hang_together(rows: list[Sighting]) -> None:
    """From any record of a customer one comes to all the others by values that tell that customer."""
    views: dict[str, list[tuple[Sighting, Customer]]] = {}
    for row in rows:
        for who in filter(None, (row.customer, row.contact)):
            views.setdefault(who.id, []).append((row, who))
    assert all(len(recoverable.groups(seen)) == 1 for seen in views.values())
    assert all(recoverable.telling(*view) for seen in views.values() for view in seen)


def test_twins_and_namesakes_differ_in_a_value_of_their_own(clientele: list[Customer]) -> None:
    """Twins differ in given name, father and son in birth date; both share surname and address."""
    groups: dict[str, list[Customer]] = {}
    for one in clientele:
        if one.special & {"twin", "namesake"}:
            groups.setdefault(one.household, []).append(one)
    assert len(groups) >= 4
    for one, other in groups.values():
        assert one.home == other.home
        assert (one.given == other.given) != (one.birth_date == other.birth_date)


def test_only_namesakes_of_one_household_are_called_alike(clientele: list[Customer]) -> None:
    """Two persons with one address and one name are father and son, who differ in their birth dates."""
    called: dict[tuple[str, str, str], list[Customer]] = {}
    for one in clientele:
        if not one.organisation:
            called.setdefault((one.household or one.id, one.given, one.surname), []).append(one)
    for alike in (group for group in called.values() if len(group) > 1):
        assert all("namesake" in one.special for one in alike)
        assert len({one.birth_date for one in alike}) == len(alike)


@pytest.mark.parametrize(
    ("native", "official", "spoken"),
    [
        ("Παπαδόπουλος", "Papadopoulos", "Papadopulos"),
        ("Μπουρνούς", "Bournous", "Burnus"),
        ("Ευάγγελος", "Evangelos", "Evagelos"),
        ("Χατζής", "Chatzis", "Hatzis"),
        ("Щербаков", "Shcherbakov", "Scherbakov"),
        ("Юлия", "Iuliia", "Yuliya"),
        ("Şimşek", "Şimşek", "Şimşek"),
    ],
)
def test_scripts(native: str, official: str, spoken: str) -> None:
    """Greek follows ELOT 743 and Russian ICAO 9303 in official spelling, sound in the spoken one."""
    assert scripts.latin(native) == official
    assert scripts.latin(native, "spoken") == spoken


def test_a_typo_changes_one_place_of_a_long_word_only() -> None:
    """Short words stay; a long one keeps its first letter and changes by at most one letter in length."""
    rng = Random(1)
    for _ in range(50):
        assert naming.typo("Demir", rng)[0] == "D"
        assert abs(len(naming.typo("Papadopoulos", rng)) - len("Papadopoulos")) <= 1
        assert naming.typo("Koç", rng) == "Koç"


def test_phones_are_written_in_many_ways_but_stay_the_same_number() -> None:
    """Whatever way a number is written, it reads back as itself in its own country."""
    rng = Random(2)
    ways = {writing.phone("+302104104155", True, rng) for _ in range(60)}
    assert len(ways) >= 5
    read = {phonenumbers.format_number(phonenumbers.parse(w, "GR"), phonenumbers.PhoneNumberFormat.E164) for w in ways}
    assert read == {"+302104104155"}


def test_every_country_has_its_material() -> None:
    """A country's file has what the generator takes from it."""
    needed = {"country", "language", "share", "script", "male", "female", "surnames", "cities", "mobiles", "streets"}
    for code in material.COUNTRIES:
        known = material.country(code)
        assert needed <= known.keys(), code
        assert people.single(1, known["country"], Random(3), "")[0].country == known["country"]
