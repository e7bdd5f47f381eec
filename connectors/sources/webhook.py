"""A folder of webhook payloads (Typeform, JotForm, Tally, Google Forms by script, any other): one record a response.

What was delivered twice is one record, and of a response that was changed the latest stands; both are said. Where the
answers stand in the JSON is data: `payload` of the declaration, else connectors/sources/webhooks/webhooks.yml.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from connectors.sources import places, sniff
from connectors.sources.base import Landed, SourceFailed, wanted_columns
from connectors.sources.webhooks import webhook_answers, webhook_json
from connectors.sources.webhooks.webhook_json import Found
from connectors.sources.webhooks.webhook_table import Row, as_table
from rules.schema import Source
from rules.vocabulary import REJECTS

NAMED: Final = 5
"""Places that are named one by one in a note."""


@dataclass
class _Heap:
    """What was read so far: one row a response, the broken documents, and what is to be said."""

    rows: dict[str, Row] = field(default_factory=dict)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    wrapped: list[str] = field(default_factory=list)


def read(name: str, source: Source, root: Path) -> Landed:
    """All responses of a location, in the order in which they were first met (by file name, then line).

    Columns: `event id`, `event time`, `response id`, then the questions in the order in which they come; mapped columns
    that nobody answered are there and empty (but for a preset's). Raises SourceFailed where no payload can be read.
    """
    found = places.files(source.location, root)
    heap = _Heap()
    for place in found:
        _read_file(place.path, place.name, source, heap)
    if not heap.rows:
        first = heap.rejects[0]
        reason = f"not one payload can be read; the first: {first['reason']}"
        raise SourceFailed(reason, first["remedy"], file=first["file"], line=first["line"])
    wanted = [column for column in wanted_columns(source) if column not in source.optional]
    raw, lacking = as_table(list(heap.rows.values()), wanted)
    rejects = pa.Table.from_pylist([{"source": name, "sheet": None, **reject} for reject in heap.rejects], REJECTS)
    return Landed(raw, rejects=rejects, notes=_notes(heap, lacking), files=tuple(place.path for place in found))


def _read_file(path: Path, name: str, source: Source, heap: _Heap) -> None:
    if path.stat().st_size > webhook_json.MOST_BYTES:
        _reject(heap, name, Found(0, "", broken=f"the file is larger than {webhook_json.MOST_BYTES >> 20} MB"))
        return
    documents = webhook_json.documents(path.read_bytes())
    if not documents:
        _reject(heap, name, Found(0, "", broken="the file is empty"))
    if documents and all(found.broken for found in documents) and (kind := sniff.sniff(path)) not in ("json", "text"):
        broken = f"this is {sniff.WORDS[kind]}, not JSON"
        documents = [Found(0, documents[0].text, broken=broken)]
    for found in documents:
        if found.broken:
            _reject(heap, name, found)
            continue
        heap.repeated += [f"{name}, line {found.line}"] if found.repeated else []
        payloads = webhook_answers.opened(found.value, source.payload)
        if payloads[0] is not found.value and len(found.value) > 1:
            heap.wrapped.append(f"{name}, line {found.line}")
        for payload in payloads:
            _take(payload, found, name, source, heap)


def _reject(heap: _Heap, name: str, found: Found) -> None:
    content = found.text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    remedy = "Send the payload again, or mend the file"
    heap.rejects.append(
        {"file": name, "line": found.line, "content": content, "reason": found.broken, "remedy": remedy}
    )


def _take(payload: Any, found: Found, name: str, source: Source, heap: _Heap) -> None:
    """One payload among the others: new, delivered again, or an answer that was changed."""
    if not isinstance(payload, dict) or not payload:
        _reject(heap, name, Found(found.line, found.text, broken="this is no payload: `{…}` with answers is expected"))
        return
    try:
        read = webhook_answers.answered(payload, source.payload)
    except RecursionError:
        _reject(heap, name, Found(found.line, found.text, broken="the JSON is nested too deeply"))
        return
    key = read.response or read.event or "#" + hashlib.sha256(repr(payload).encode()).hexdigest()[:16]
    row = Row(name, found.line, read.event, read.time, key, read.cells)
    before = heap.rows.get(key)
    place = f"{name}, line {found.line}"
    if before is None:
        heap.rows[key] = row
    elif before.cells == read.cells:
        heap.doubled.append(place)
    else:
        heap.changed.append(place)
        if _moment(read.time) >= _moment(before.time):
            heap.rows[key] = row


def _moment(time: str | None) -> tuple[int, float, str]:
    """A time for comparison: ISO 8601, seconds or milliseconds since 1970, else as text; without one it is earliest."""
    if not time:
        return (0, 0.0, "")
    try:
        if time.isdecimal():
            return (1, float(time) / (1000 if len(time) > 10 else 1), "")
        moment = dt.datetime.fromisoformat(time)
        return (1, (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp(), "")
    except (ValueError, OverflowError):
        return (1, 0.0, time)


def _notes(heap: _Heap, lacking: Sequence[str]) -> tuple[str, ...]:
    said = []
    if heap.doubled:
        said.append(f"{_count(heap.doubled, 'payload')} delivered twice: one record each ({_places(heap.doubled)})")
    if heap.changed:
        said.append(f"{_count(heap.changed, 'answer')} changed later: the latest stands ({_places(heap.changed)})")
    if heap.repeated:
        said.append(f"a key stands twice in one object; both values were kept ({_places(heap.repeated)})")
    if heap.wrapped:
        said.append(f"what stands beside a list of payloads or around one was left out ({_places(heap.wrapped)})")
    reasons = Counter(reject["reason"].partition(" in line ")[0] for reject in heap.rejects)
    for reason, count in reasons.items():
        where = [f"{r['file']}, line {r['line']}" for r in heap.rejects if r["reason"].startswith(reason)]
        said.append(f"{count} left out and kept among the rejects: {reason} ({_places(where)})")
    if lacking:
        said.append(f"no payload holds {', '.join(map(repr, lacking))}: nobody answered it, or it has another name now")
    return tuple(said)


def _count(places: Sequence[str], noun: str) -> str:
    return f"1 {noun} was" if len(places) == 1 else f"{len(places)} {noun}s were"


def _places(places: Sequence[str]) -> str:
    return "; ".join(places[:NAMED]) + (" …" if len(places) > NAMED else "")
