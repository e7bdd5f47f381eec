"""Making sure that the truth can be found: whoever reads the records with care could settle them.

Records of one customer must hang together by values that tell a person (or a firm) from others. Where chance
left one alone, the desk that took it down is made to note one more value. Nothing is made easy beyond that.
"""

from random import Random

from pipelines.demo import material, takedown
from pipelines.demo.sighting import PERSONAL, PLACE, Sighting
from pipelines.demo.world import Customer

_FIRM: tuple[str, ...] = ("tax_id", "landline", "email", "address")


def make_recoverable(rows: list[Sighting], rng: Random) -> None:
    """Complete the rows of a whole firm where needed, customer by customer."""
    views: dict[str, list[tuple[Sighting, Customer]]] = {}
    for row in rows:
        for who in filter(None, (row.customer, row.contact)):
            views.setdefault(who.id, []).append((row, who))
    for seen in views.values():
        _birth_dates(seen, rng)
        _join(seen, rng)


def _birth_dates(seen: list[tuple[Sighting, Customer]], rng: Random) -> None:
    """Father and son of one name are told apart by nothing else."""
    for row, who in seen:
        if "namesake" in who.special and row.customer is who:
            row.values.pop("birth_date", None)
            takedown.note(row, "birth_date", rng)
            takedown.note(row, "mobile", rng)


def _join(seen: list[tuple[Sighting, Customer]], rng: Random) -> None:
    for _ in seen:  # each pass joins at least one group, unless none can be joined
        main, *lost = groups(seen)
        for group in lost:
            _bridge(main, group, rng)
    for row, who in seen:
        if not telling(row, who):
            _add(row, who, rng)


def telling(row: Sighting, who: Customer) -> set[tuple[str, str]]:
    """The values by which this row tells who it is about."""
    names = _FIRM if who.organisation else PERSONAL
    if row.contact is who:
        names = ("mobile", "email") if row.get("email") == who.work_email else ("mobile",)
    elif not (who.organisation or row.bare or who.alike):
        names += PLACE
    keys = {(n, row.get(n)) for n in names if row.get(n)}
    if who.organisation and row.contact:  # the mail of a contact tells the contact
        keys.discard(("email", row.contact.work_email))
    return keys


def groups(seen: list[tuple[Sighting, Customer]]) -> list[list[tuple[Sighting, Customer]]]:
    """The rows that hang together by shared values, the largest group first."""
    found: list[tuple[set[tuple[str, str]], list[tuple[Sighting, Customer]]]] = []
    for view in seen:
        keys, members, apart = telling(*view), [view], []
        for other in found:
            if other[0] & keys:
                keys, members = keys | other[0], [*other[1], *members]
            else:
                apart.append(other)
        found = [*apart, (keys, members)]
    return [members for _, members in sorted(found, key=lambda g: -len(g[1]))]


def _bridge(main: list[tuple[Sighting, Customer]], lost: list[tuple[Sighting, Customer]], rng: Random) -> None:
    """Note in one row of either group a value that both desks ask for."""
    for one, who in lost:
        for other, _ in main:
            for what in _possible(one, who):
                if what in _possible(other, who):
                    _set(one, who, what, rng)
                    _set(other, who, what, rng)
                    return


def _possible(row: Sighting, who: Customer) -> list[str]:
    """What the row's desk could note that would tell this customer."""
    if row.contact is who:
        return ["mobile"]
    asks = material.habits(row.source)["asks"]
    names = _FIRM if who.organisation else PERSONAL + (() if row.bare or who.alike else PLACE)
    if who.organisation and row.contact:
        names = tuple(n for n in names if n != "email")
    return [n for n in names if n in asks and _has(who, n)]


def _has(who: Customer, what: str) -> bool:
    return bool(who.address) if what in {"landline", "address"} else bool(getattr(who, what))


def _set(row: Sighting, who: Customer, what: str, rng: Random) -> None:
    if row.contact is who:
        row.values["mobile"] = who.mobile
    elif what in {"landline", "address"} and who.address:
        home, who.moved = who.moved, None  # both rows are to name the same place
        takedown.note(row, what, rng)
        who.moved = home
    else:
        takedown.note(row, what, rng)


def _add(row: Sighting, who: Customer, rng: Random) -> None:
    for what in _possible(row, who)[:1]:
        _set(row, who, what, rng)
