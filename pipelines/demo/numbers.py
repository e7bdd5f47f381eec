"""Phones and tax numbers that pass the checks of their country, invented with a seed."""

from datetime import date
from random import Random

import phonenumbers
from stdnum import luhn
from stdnum.es import cif, dni
from stdnum.gb import vat as gb_vat
from stdnum.gr import vat as gr_vat
from stdnum.it import codicefiscale
from stdnum.ru import inn
from stdnum.tr import tckimlik, vkn

LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # those in use in British postcodes
_VOWELS = "AEIOU"


def fill(pattern: str, rng: Random) -> str:
    """A pattern with a digit for each `#` and a letter for each `@`."""
    return "".join(str(rng.randrange(10)) if c == "#" else rng.choice(LETTERS) if c == "@" else c for c in pattern)


def phone(pattern: str, country: str, rng: Random) -> str:
    """A number in E.164 that the numbering plan of its country allows. Raises ValueError if the pattern gives none."""
    for _ in range(200):
        number = phonenumbers.parse(fill(pattern, rng).replace(" ", ""), country)
        if phonenumbers.is_valid_number_for_region(number, country):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise ValueError(f"the pattern {pattern!r} gives no valid number of {country}")


def tax_id_of_firm(country: str, rng: Random) -> str:
    """A number with a right check digit: AFM, INN, VKN, partita IVA, CIF, NPWP or VAT number."""
    if country == "GR":
        return _greek("80", rng)
    if country == "RU":
        head = str(rng.randrange(10, 98)) + fill("#######", rng)
        return head + inn.calc_company_check_digit(head)
    if country == "TR":
        head = str(rng.randrange(1, 9)) + fill("########", rng)
        return head + vkn.calc_check_digit(head)
    if country == "IT":
        head = fill("0######", rng) + rng.choice(["001", "015", "032", "048", "058", "063"])
        return head + luhn.calc_check_digit(head)
    if country == "ES":
        head = "B" + rng.choice(["08", "11", "28", "46", "03"]) + fill("#####", rng)
        return head + cif.calc_check_digits(head)[0]
    if country == "ID":
        head = "0" + fill("#######", rng)
        return head + luhn.calc_check_digit(head) + "0" + fill("##", rng) + "000"
    return _british(rng)


def tax_id_of_person(country: str, rng: Random, given: str, surname: str, born: date, female: bool) -> str | None:
    """AFM, INN, TCKN, codice fiscale, NIF or NPWP; a private Briton has none. Names in Latin letters."""
    if country == "GR":
        return _greek(rng.choice(["04", "10", "12", "15"]), rng)
    if country == "RU":
        head = str(rng.randrange(10, 98)) + fill("########", rng)
        return head + inn.calc_personal_check_digits(head)
    if country == "TR":
        head = str(rng.randrange(1, 9)) + fill("########", rng)
        return head + tckimlik.calc_check_digits(head)
    if country == "IT":
        return _codice_fiscale(given, surname, born, female, rng)
    if country == "ES":
        head = fill("########", rng)
        return head + dni.calc_check_digit(head)
    if country == "ID":
        head = str(rng.randrange(4, 9)) + fill("#######", rng)
        return head + luhn.calc_check_digit(head) + "0" + fill("##", rng) + "000"
    return None


def _greek(start: str, rng: Random) -> str:
    head = start + fill("######", rng)
    return head + gr_vat.calc_check_digit(head)


def _british(rng: Random) -> str:
    head = str(rng.randrange(200, 900)) + fill("####", rng)
    tails = (f"{n:02d}" for n in range(97))
    return head + next(t for t in tails if gb_vat.checksum(head + t) == 0)


def _codice_fiscale(given: str, surname: str, born: date, female: bool, rng: Random) -> str:
    """By the decree of 12 March 1974: consonants of the names, date, municipality, check letter."""
    day = born.day + (40 if female else 0)
    place = rng.choice(["L424", "D969", "F839", "A271", "A662", "B354", "H501"])
    head = f"{_three(surname)}{_three(given, given_name=True)}{born:%y}{'ABCDEHLMPRST'[born.month - 1]}{day:02d}{place}"
    return head + codicefiscale.calc_check_digit(head)


def _three(name: str, given_name: bool = False) -> str:
    letters = [c for c in name.upper() if "A" <= c <= "Z"]
    consonants = [c for c in letters if c not in _VOWELS]
    if given_name and len(consonants) > 3:
        consonants = [consonants[0], consonants[2], consonants[3]]
    return "".join([*consonants, *(c for c in letters if c in _VOWELS), *"XXX"][:3])
