"""How good a golden record is, in one number between 0 and 1 that does not change while its records do not.

    quality = sum(weight x share) / sum(weight)

over five shares, whose weights stand in `survivorship.yml`:

- completeness: key fields of its party type that are filled;
- validity: of the ids, the e-mail, the phone and the birth date that survived, those that pass their checks (1
  where there are none);
- agreement: mean over the surviving values of the share of votes that hold them; `alone` where one source knows it;
- trust: surviving values that nobody suspects;
- freshness: mean over the dated surviving values of 0.5^(years older than the latest date of the customer / 3);
  `undated` where nothing is dated. It looks at no clock, or every customer would change every night.
"""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules import vocabulary as words
from rules.survivorship.config import Quality
from rules.survivorship.ledger import Ledger
from rules.survivorship.runs import Bools, Floats
from rules.survivorship.vote import YEAR

CHECKED: Final = {"tax_id": "tax_id_norm", "national_id": "national_id_norm", "iban": "iban_norm"}
HALF_LIFE: Final = 3 * YEAR
_DATE: Final = r"^\d{4}-\d{2}-\d{2}$"


def quality(ledger: Ledger, settings: Quality, invalid_points: Bools) -> Floats:
    """One number a golden record. `invalid_points`: whether its primary e-mail or phone failed its check."""
    agreement, trust, freshness = _of_values(ledger, settings)
    shares = {
        "completeness": _completeness(ledger, settings),
        "validity": _validity(ledger, invalid_points),
        "agreement": agreement,
        "trust": trust,
        "freshness": freshness,
    }
    weights = {name: float(getattr(settings, name)) for name in shares}
    total = sum(weights.values()) or 1.0
    summed = np.zeros(ledger.size)
    for name, share in shares.items():
        summed += weights[name] * share
    return np.round(summed / total, 3)


def _filled(ledger: Ledger, name: str) -> Bools:
    return np.asarray(ledger.place(name) >= 0)


def _completeness(ledger: Ledger, settings: Quality) -> Floats:
    organisation = pc.fill_null(pc.equal(ledger.column("party_type"), "organisation"), False)
    firm = organisation.to_numpy(zero_copy_only=False)
    result = np.ones(ledger.size)
    for party, rows in ((words.PartyType.PERSON, ~firm), (words.PartyType.ORGANISATION, firm)):
        keys = settings.key_fields.get(party, ())
        if keys:
            filled = [np.logical_or.reduce([_filled(ledger, name) for name in names]) for names in keys]
            result[rows] = np.mean(filled, axis=0)[rows]
    return result


def _validity(ledger: Ledger, invalid_points: Bools) -> Floats:
    good, all_ = np.zeros(ledger.size), np.zeros(ledger.size)
    for name, norm in CHECKED.items():
        if name in ledger.fields and norm in ledger.members.records.column_names:
            kept = ledger.fields[name]
            held = kept.member >= 0
            valid = pc.is_valid(pc.take(ledger.members.column(norm), pa.array(np.maximum(kept.member, 0))))
            good[kept.golden] += valid.to_numpy(zero_copy_only=False) | ~held
            all_[kept.golden] += 1
    if "birth_date" in ledger.fields:
        kept = ledger.fields["birth_date"]
        good[kept.golden] += pc.match_substring_regex(kept.value, _DATE).to_numpy(zero_copy_only=False)
        all_[kept.golden] += 1
    has_point = _filled(ledger, "email") | _filled(ledger, "phone")
    good += has_point & ~invalid_points
    all_ += has_point
    return np.divide(good, all_, out=np.ones(ledger.size), where=all_ > 0)


def _of_values(ledger: Ledger, settings: Quality) -> tuple[Floats, Floats, Floats]:
    """Agreement, trust and freshness."""
    number, agreed, trusted, fresh, dated = (np.zeros(ledger.size) for _ in range(5))
    latest = np.full(ledger.size, -1.0)
    np.maximum.at(latest, ledger.members.golden, ledger.members.date)
    for kept in ledger.fields.values():
        number[kept.golden] += 1
        agreed[kept.golden] += np.where(kept.sources > 1, kept.share, np.minimum(kept.share, settings.alone))
        trusted[kept.golden] += ~kept.suspect
        age = np.maximum(latest[kept.golden] - kept.date, 0)
        known = kept.date >= 0
        fresh[kept.golden] += np.where(known, 0.5 ** (age / HALF_LIFE), 0)
        dated[kept.golden] += known
    some = np.maximum(number, 1)
    freshness = np.divide(fresh, dated, out=np.full(ledger.size, settings.undated), where=dated > 0)
    return agreed / some, trusted / some, freshness
