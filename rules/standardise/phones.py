"""Telephone numbers in any notation -> E.164, several to a cell; gated on the numbering plan of their country.

By libphonenumber's metadata (phonenumberslite). `is_valid_number` is the gate, not `is_possible_number`: the latter
lets through zeros and what Excel made of a number. What is read here often (digits that are plainly a national
number) takes a short way over the same metadata.
"""

import re
from functools import cache
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType

from rules import suspicion
from rules.standardise import data, notation


class Phone(NamedTuple):
    value: str
    """As it stood, without label."""
    canonical: str | None
    """E.164; digits alone where area code or country is not known; None where it is no number."""
    type: str | None
    """mobile, landline, fax or other, where number or label tells."""
    doubt: str | None


_LABELLED = re.compile(r"(?<=\d)\s+(?=[^\W\d_][^\d:]{0,14}:\s*[+(\d][\d\s().\-/]{5})")
"""Before the second label of `Phone:(555) 010-1234 Mobile:(555) 010-7788`; `ext: 12` is no number of its own."""
_PLAIN = re.compile(r"^[\d\s().\-–/+]*$")
_SIMPLE = re.compile(r"^[0-9(+][0-9 ().\-]{5,20}$")
_GAP = re.compile(r"(?<=\d)[\s.\-–]+")
_TWO_NUMBERS: Final = 14
"""Digits of the shortest two whole numbers in a row."""
_NOT_DIGITS: Final = str.maketrans("", "", " ().-")
_HARD_PARTS = re.compile(
    r"\s*(?:[;|\n&]|:::"
    r"|\b(?:or|and|ή|και|или|и|veya|ve|oppure|atau|oder|und|o|ou|y)\b)\s*",
    re.IGNORECASE,
)
_KINDS: Final = {
    PhoneNumberType.MOBILE: "mobile", PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: None, PhoneNumberType.VOIP: "landline",
    PhoneNumberType.PERSONAL_NUMBER: "other", PhoneNumberType.TOLL_FREE: "other",
    PhoneNumberType.SHARED_COST: "other", PhoneNumberType.PREMIUM_RATE: "other", PhoneNumberType.UAN: "other",
}  # fmt: skip


def read(text: str, country: str | None = None, kind: str | None = None) -> list[Phone]:
    """Every number of a cell, in order. `kind` is what the column says (mobile, landline, fax)."""
    if _SIMPLE.match(text):
        digits = text.translate(_NOT_DIGITS)
        if digits.startswith("00") and len(digits) > 9:
            digits = "+" + digits[2:]
        quick = _quick_international(digits) if digits[0] == "+" else _quick(digits, country) if country else None
        if quick:
            e164, found = quick
            return [Phone(text, e164, kind if kind == "fax" else found or kind, _pattern_doubt(e164, country))]
    return [number for part in split(text) for number in _several(part, country, kind)]


def _several(part: str, country: str | None, kind: str | None) -> list[Phone]:
    """The number of a part; or the two that make it up, where it is none itself (`2101112223 6971112233`)."""
    whole = _one(part, country, kind)
    if whole and whole.doubt == "phone_invalid" and sum(c.isdigit() for c in part) >= _TWO_NUMBERS:
        for gap in _GAP.finditer(part):
            first = _one(part[: gap.start()], country, kind)
            if first and (first.canonical or "").startswith("+"):
                others = _several(part[gap.end() :], country, kind)
                if others and all((o.canonical or "").startswith("+") for o in others):
                    return [first, *others]
    return [whole] if whole else []


def split(text: str) -> list[str]:
    """The numbers of a cell, each with its label and extension; `2101234567/8` gives two whole numbers."""
    parts: list[str] = []
    for whole in (piece for hard in _HARD_PARTS.split(text) for piece in _LABELLED.split(hard)):
        for piece in [whole] if notation.plain(whole)[1] or notation.is_date(whole) else _at_commas(whole):
            parts += _slashed(piece) if "/" in piece else [piece]
    return [part for part in parts if part.strip()]


def _at_commas(piece: str) -> list[str]:
    """A comma parts whole numbers; what is shorter (an extension) stays with the number before it."""
    first, *others = piece.split(",")
    parts = [first]
    for other in others:
        whole = len(re.sub(r"\D", "", other)) >= 6 <= len(re.sub(r"\D", "", parts[-1]))
        parts = [*parts, other] if whole else [*parts[:-1], f"{parts[-1]},{other}"]
    return parts


def _slashed(piece: str) -> list[str]:
    """A slash parts numbers only behind a whole one: `310/246-1501` and `0721/123456` are one number each."""
    parts = piece.split("/")
    lengths = [len(re.sub(r"\D", "", p)) for p in parts]
    if lengths[0] < 6:
        return [piece]
    numbers = [parts[0]]
    for part, length in zip(parts[1:], lengths[1:], strict=True):
        if length == 0:
            continue
        first = re.sub(r"\D", "", parts[0])
        numbers.append(part if length >= 6 else first[: len(first) - length] + re.sub(r"\D", "", part))
    return numbers


@cache
def _label() -> re.Pattern[str]:
    words = sorted({w for many in data.words("phones")["types"].values() for w in many}, key=len, reverse=True)
    return re.compile(rf"(?<![^\W\d_])({'|'.join(map(re.escape, words))})\.?(?![^\W\d_])\s*[:.\-]?\s*", re.IGNORECASE)


@cache
def _extension() -> re.Pattern[str]:
    words = "|".join(sorted(data.words("phones")["extension"], key=len, reverse=True))
    return re.compile(rf"[\s,;(]*(?:(?:{words})\.?[\s:]*|#\s*)(\d{{1,6}})\)?\s*$", re.IGNORECASE)


@cache
def _types() -> dict[str, str]:
    return data.inverted(data.words("phones")["types"])


def _one(part: str, country: str | None, kind: str | None) -> Phone | None:
    text = part.strip(" ,.:")
    text, odd = notation.plain(text)
    if odd == "rounded" or notation.is_date(text):
        return Phone(text, None, kind, "phone_rounded" if odd else "phone_as_date")
    doubt = "phone_repaired" if odd else None
    if not _PLAIN.match(text):
        text, kind = _without_words(text, kind)
        part = _without_label(part)
    digits = re.sub(r"\D", "", text)
    if not digits:
        return Phone(part.strip(), None, kind, "phone_invalid") if any(c.isalnum() for c in text) else None
    canonical, number_type, other = _resolve(text, digits, country)
    settled = "fax" if kind == "fax" else number_type or kind
    return Phone(text if doubt else part.strip(" ,:"), canonical, settled, other or doubt)


def _without_label(part: str) -> str:
    found = _label().match(part.strip())
    return part.strip()[found.end() :] if found else part


def _without_words(text: str, kind: str | None) -> tuple[str, str | None]:
    """The number without extension and label, and the type the label tells."""
    text = _extension().sub("", text)
    found = _label().search(text)
    if found:
        told = _types()[found.group(1).lower()]
        kind = told if kind is None or told == "fax" else kind
        text = (text[: found.start()] + " " + text[found.end() :]).strip()
    return text.strip(" ,.:()") if not re.match(r"^\(\+?\d+\)", text) else text, kind


def _resolve(text: str, digits: str, country: str | None) -> tuple[str | None, str | None, str | None]:
    """Canonical form, type, doubt."""
    international = text.lstrip("( ").startswith("+") or (digits.startswith("00") and len(digits) > 9)
    if len(digits) < 4:
        return None, None, "phone_invalid"
    e164, kind, doubt = _with_plan(text, digits, country, international)
    if e164:
        bare_code = e164 == f"+{digits}" and not international
        return e164, kind, _pattern_doubt(e164, country) or doubt or ("phone_repaired" if bare_code else None)
    if suspicion.digits(digits) not in (None, "few") or suspicion.counted(digits):
        return None, None, "phone_pattern"
    if _local(digits, country) and not international:
        return digits, None, "phone_no_area"
    return None, None, "phone_invalid"


def _pattern_doubt(e164: str, country: str | None) -> str | None:
    """Whether the national part of a number looks typed to fill the field."""
    code = _calling_code(country) if country else ""
    national = e164[1:].removeprefix(code)
    return "phone_pattern" if suspicion.invented(national) else None


def _with_plan(
    text: str, digits: str, country: str | None, international: bool
) -> tuple[str | None, str | None, str | None]:
    number = _parsed(text if international or country else "", country)
    if number:
        return *number, None
    for attempt, region in ((f"+{digits}", None), (f"0{digits}", country)):
        if country and not international and (region or digits.startswith(_calling_code(country))):
            number = _parsed(attempt, region)
            if number:
                return *number, "phone_repaired"
    return None, None, None


def _parsed(text: str, country: str | None) -> tuple[str, str | None] | None:
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    number.extension = None
    kind = _KINDS.get(phonenumbers.number_type(number), "other")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), kind


def _local(digits: str, country: str | None) -> bool:
    """Whether digits may be a number whose area code or country is left out."""
    if suspicion.digits(digits) not in (None, "repeats"):
        return False
    if country is None:
        return 6 <= len(digits) <= 15
    plan = _plan(country)
    return plan is not None and len(digits) in plan.local_lengths


class _Plan(NamedTuple):
    code: str
    prefix: str
    local_lengths: frozenset[int]
    mobile: re.Pattern[str] | None
    landline: re.Pattern[str] | None


@cache
def _plan(country: str) -> _Plan | None:
    """What the short way needs of a country's numbering plan."""
    metadata = PhoneMetadata.metadata_for_region(country, None)
    if metadata is None:
        return None
    local = metadata.general_desc.possible_length_local_only if metadata.general_desc else ()
    parsing = metadata.national_prefix_for_parsing or ""
    trunk = metadata.national_prefix or ""
    simple = not metadata.national_prefix_transform_rule and (not parsing or trunk in parsing.split("|"))
    alone = (
        metadata.main_country_for_code or len(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[metadata.country_code or 0]) == 1
    )
    usable = simple and alone
    return _Plan(
        str(metadata.country_code), trunk if parsing else "", frozenset(local) - {2, 3, 4, 5},
        _pattern(metadata.mobile) if usable else None, _pattern(metadata.fixed_line) if usable else None,
    )  # fmt: skip


def _pattern(description: object) -> re.Pattern[str] | None:
    pattern = getattr(description, "national_number_pattern", None)
    return re.compile(f"(?:{pattern})$") if pattern and pattern != "NA" else None


def _calling_code(country: str) -> str:
    plan = _plan(country)
    return plan.code if plan else "no"


def _quick(digits: str, country: str) -> tuple[str, str | None] | None:
    """The short way: digits that are a mobile or landline number of the plan, as they stand or without trunk prefix."""
    plan = _plan(country)
    if plan is None or plan.mobile is None or plan.landline is None:
        return None
    found = _kind(digits, plan)
    if plan.prefix and digits.startswith(plan.prefix):
        without = _kind(digits[len(plan.prefix) :], plan)
        if without and found:
            return None  # both are possible: libphonenumber decides
        if without:
            digits, found = digits[len(plan.prefix) :], without
    return (f"+{plan.code}{digits}", None if found == "either" else found) if found else None


def _quick_international(text: str) -> tuple[str, str | None] | None:
    """The short way for a number with its country code in front."""
    plan = _plan_abroad(text[1:4])
    found = _kind(text[1 + len(plan.code) :], plan) if plan else None
    return (text, None if found == "either" else found) if found else None


@cache
def _plan_abroad(head: str) -> _Plan | None:
    """The plan of the country whose code the first three digits of a number begin with."""
    for size in (1, 2, 3):  # the longest country code has three digits
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(head[:size] or 0), ())
        if regions:
            return _plan(regions[0])
    return None


def _kind(digits: str, plan: _Plan) -> str | None:
    mobile = plan.mobile is not None and plan.mobile.match(digits)
    landline = plan.landline is not None and plan.landline.match(digits)
    if mobile and landline:
        return "either"
    return "mobile" if mobile else "landline" if landline else None
