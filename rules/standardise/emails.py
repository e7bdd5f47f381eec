"""E-mail addresses -> the form that is compared, several to a cell. For sending, the address stays as it came.

The comparison form is in lower case, without +tag; at Gmail without dots. A quick pattern takes nearly all;
email-validator (without DNS) has the last word on the rest.
"""

import re
from functools import cache
from typing import Final, NamedTuple

from rules.standardise import data, latin


class Email(NamedTuple):
    value: str
    canonical: str | None
    type: str | None
    """personal or work, where the address tells."""
    doubt: str | None


_QUICK = re.compile(r"^[a-z0-9](?:[a-z0-9_.+&'\-]*[a-z0-9_+\-])?@(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z]{2,24}$")
_NAMED = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>")
_BETWEEN = re.compile(
    r"[;,|\n]|\s+(?=[^\s@]+@)|(?<=\.[a-z]{2})/|(?<=\.[a-z]{3})/|\s/\s|\s(?:or|and|&|ή|και|или|и|veya|o|oder|ou|atau)\s",
    re.IGNORECASE,
)
_COMMA_FOR_DOT = re.compile(r"(@[\w\-]+)\s*,\s*(com|net|org|gr|ru|it|es|de|fr|co|tr|id|uk)\b(?!.*@)", re.IGNORECASE)
_AT_IN_WORDS = re.compile(r"\s*[\[({]\s*(?:at|@)\s*[\])}]\s*", re.IGNORECASE)
_GMAIL: Final = ("gmail.com", "googlemail.com")


def read(text: str) -> list[Email]:
    """Every address of a cell, in order."""
    return [_one(part) for part in split(text)]


def split(text: str) -> list[str]:
    if _QUICK.match(text.lower()):
        return [text]
    text = _COMMA_FOR_DOT.sub(r"\1.\2", _AT_IN_WORDS.sub("@", text))
    named = _NAMED.findall(text)
    if named:
        return named
    if text.count("@") == 1 and " " in text and "," not in text:
        text = re.sub(r"\s*([@.])\s*", r"\1", text)
    parts = [part.strip(" <>()[]\"'.,:") for part in _BETWEEN.split(text)]
    return [part for part in parts if part]


def _one(part: str) -> Email:
    lower = re.sub(r"^mailto:", "", latin.clean(part) if not part.isascii() else part.lower())
    doubt = None
    if not lower.isascii():
        lower, doubt = _look_alikes(lower)
    lower = re.sub(r"\s|\.(?=\.)", "", lower).rstrip(".")
    if not _QUICK.match(lower) and not _accepted(lower):
        return Email(part, None, None, "email_invalid")
    local, _, domain = lower.rpartition("@")
    meant = _table("typos").get(domain)
    if meant:
        domain, doubt = meant, "email_repaired"
    nobody = _nobody(local, domain, lower)
    if nobody:
        return Email(part, None, None, "email_placeholder")
    if domain in _table("disposable"):
        doubt = "email_disposable"
    return Email(
        part, f"{_plain(local, domain)}@{'gmail.com' if domain in _GMAIL else domain}", _type(local, domain), doubt
    )


def _plain(local: str, domain: str) -> str:
    local = local.partition("+")[0] or local
    return local.replace(".", "") if domain in _GMAIL else local


def _type(local: str, domain: str) -> str | None:
    if is_role(local):
        return "work"
    return "personal" if domain in _table("personal") else None


def is_role(local: str) -> bool:
    """Whether a local part is that of an office (info, sales, accounts), not of a person."""
    return local.partition("+")[0].rstrip("0123456789.-_") in _table("role")


def _nobody(local: str, domain: str, whole: str) -> bool:
    return (
        whole in _table("placeholders")
        or domain in _table("nowhere")
        or local in _table("nobody")
        or len(set(local)) == 1 < len(local)
    )


@cache
def _table(name: str) -> dict[str, str]:
    found = data.words("emails")[name]
    return found if isinstance(found, dict) else dict.fromkeys(found, "")


def _look_alikes(text: str) -> tuple[str, str | None]:
    """The address in Latin letters where every other letter is the look-alike of one."""
    put_right = latin.look_latin(text)
    return (put_right, "email_homograph") if put_right.isascii() else (text, None)


def _accepted(text: str) -> bool:
    import email_validator  # costs 0.1 s, and hardly ever needed

    try:
        email_validator.validate_email(text, check_deliverability=False, allow_smtputf8=True, test_environment=True)
    except email_validator.EmailNotValidError:
        return False
    return "." in text.rpartition("@")[2]
