"""Address books: vCard 2.1, 3.0 and 4.0, one card a row under fixed columns; one broken card is one reject.

The columns are always the same, so the preset of this name says what they mean. No library is used: the known one
gives up at the first card that breaks a rule and does not say where.
"""

import hashlib
from pathlib import Path
from typing import Final

import pyarrow as pa

from connectors.sources import places, sniff
from connectors.sources.base import Grid, Landed, Reject, Seen, SourceFailed
from connectors.sources.tables import prefixed, rejected
from connectors.sources.text.encoding import decode
from connectors.sources.vcards.card import COLUMNS, pictures, row
from connectors.sources.vcards.lines import Card, Decode, cards
from rules import keys
from rules.schema import Source

NO_CUSTOMERS: Final = {"group": "a list of contacts (KIND:group)", "location": "a place (KIND:location)"}


def read(name: str, source: Source, root: Path) -> Landed:
    """All cards of all files of a location. The record id is the card's UID; without UIDs, keys are carried.

    Where most cards have one but not all, the others go by their names: keys must not change their kind from run to
    run because of one card.
    """
    found = places.files(source.location, root)
    grids = [grid(place.path, place.name, source) for place in found]
    raw = pa.concat_tables([prefixed(g.table, g) for g in grids])
    rejects = rejected(name, grids)
    if not raw.num_rows:
        reason = "the file holds no card that can be read"
        raise SourceFailed(reason, "Export the address book again as vCard", file=", ".join(g.file for g in grids))
    keyed = _keyed(raw)
    raw = keys.hashed(keys.identified(raw, keyed.ids))
    notes = (*(note for g in grids for note in g.notes), *keyed.notes)
    return Landed(raw.combine_chunks(), rejects=rejects, notes=notes, files=tuple(p.path for p in found))


def grid(path: Path, name: str, source: Source) -> Grid:
    """One file as a table; `lines` are those of BEGIN:VCARD. Raises SourceFailed where it holds no text or no card."""
    sniff.demand(path, name, frozenset({"vcard", "text"}), "an address book (vCard)")
    decoded = decode(path.read_bytes(), name, configured=source.encoding, country=source.country)
    found = list(cards(decoded.utf8.decode("utf-8", "replace").replace("\0", ""), _charset(name, source)))
    whole = [card for card in found if isinstance(card, Card)]
    rejects = [card for card in found if isinstance(card, Reject)]
    if not whole and not any(r.content.lstrip("\ufeff \t").upper().startswith("BEGIN") for r in rejects):
        reason = "the file holds no card (BEGIN:VCARD)"
        raise SourceFailed(reason, "Export the address book as vCard", file=name)
    rows: list[dict[str, str]] = []
    lines: list[int] = []
    for card in whole:
        cells = row(card)
        if why := _no_customer(cells):
            text = "; ".join(f"{p.name}: {p.value}" for p in card.properties)
            rejects.append(Reject(card.line, text, why, "Nothing to do, unless it is a customer", data=False))
        else:
            rows.append(cells)
            lines.append(card.line)
    table = pa.table({column: pa.array([cells.get(column) for cells in rows], pa.string()) for column in COLUMNS})
    seen = Seen("vcard", decoded.encoding, header_cells=(COLUMNS,))
    notes = (*(f"{name}: {note}" for note in decoded.notes), *_said(name, whole, rejects))
    rejects.sort(key=lambda r: r.line)
    return Grid(name, None, table, pa.array(lines, pa.int64()), tuple(rejects), notes, seen)


def _charset(name: str, source: Source) -> Decode:
    """Quoted-printable bytes as text: as the property says, as UTF-8, else as the country writes."""

    def text(data: bytes, charset: str | None) -> str:
        for encoding in (charset or "utf-8", "utf-8"):
            try:
                return data.decode(encoding)
            except (LookupError, UnicodeDecodeError):
                continue
        return decode(data, name, country=source.country).utf8.decode("utf-8", "replace")

    return text


def _no_customer(cells: dict[str, str]) -> str | None:
    if not set(cells) - {"kind", "uid", "revised", "other"}:
        return "an empty card"
    return NO_CUSTOMERS.get(cells.get("kind", "").lower())


def _said(name: str, whole: list[Card], rejects: list[Reject]) -> tuple[str, ...]:
    notes = []
    if count := sum(map(pictures, whole)):
        notes.append(f"{name}: {count} photos, logos, sounds or keys were left out of the rows")
    if loose := [card.line for card in whole if card.joined]:
        lines = ", ".join(map(str, loose[:5])) + (" …" if len(loose) > 5 else "")
        notes.append(f"{name}: lines that were not folded were taken as part of the note or address above ({lines})")
    if rejects:
        lines = ", ".join(str(r.line) for r in rejects[:5]) + (" …" if len(rejects) > 5 else "")
        were = (
            "1 card was left out, with its reason (line"
            if len(rejects) == 1
            else f"{len(rejects)} cards were left out, with their reasons (lines"
        )
        notes.append(f"{name}: {were} {lines})")
    return tuple(notes)


def _keyed(raw: pa.Table) -> keys.Keyed:
    """UIDs as keys; the key of a card without one is null where most have none, and its name where most have one."""
    uids = raw["uid"].to_pylist()
    missing = sum(not uid for uid in uids)
    if not missing:
        return keys.declared(raw, ("uid",))
    if 2 * missing > len(uids):
        return keys.Keyed(pa.nulls(len(uids), pa.string()))
    shown = raw["display_name"].fill_null("").to_pylist()
    instead = [uid or f"card-{_digest(name)}" for uid, name in zip(uids, shown, strict=True)]
    keyed = keys.declared(
        raw.set_column(raw.column_names.index("uid"), "uid", pa.array(instead, pa.string())), ("uid",)
    )
    return keys.Keyed(keyed.ids, (*keyed.notes, f"{missing} cards have no UID and go by their display name"))


def _digest(text: str) -> str:
    """A key out of a name, from which nobody reads the name."""
    return hashlib.md5(text.casefold().encode(), usedforsecurity=False).hexdigest()[:12]
