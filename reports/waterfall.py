"""Why two records were joined or kept apart: each field's evidence in bits, one step after the other.

A match weight is the base-2 logarithm of a Bayes factor: +1 bit doubles the odds that two records are one
customer, -1 bit halves them (Fellegi and Sunter, A Theory for Record Linkage, JASA 64, 1969). The steps add up, so
a waterfall shows at which field the judgement turned.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reports.format import share, signed, words
from reports.page import fragment

if TYPE_CHECKING:
    from rules.matching.explain import Explanation

BITS: Final = (
    "Evidence is counted in bits: each +1 doubles the odds that two records are one customer, each −1 halves them."
)
"""Said once wherever people read bits."""
BAR: Final = 12  # characters either side of nothing, in the terminal
LEAST: Final = 0.05  # bits: less than this rounds to nothing
MOST: Final = 30.0  # bits: longer bars are cut
NEVER: Final = -500.0  # bits: what a rule takes away that forbids a pair
NOT_FIELDS: Final = ("starting point", "learned", "rule")
BLOCKS: Final = " ▏▎▍▌▋▊▉█"
WIDTH, ROW, LABEL, VALUE = 820, 38, 230, 46  # of the drawing, in its own units


@dataclass(frozen=True)
class Evidence:
    """What one field says: the two values, how alike they are in words, and the weight in bits."""

    field: str
    left: str
    right: str
    level: str
    bits: float


def steps(told: "Explanation") -> tuple[Evidence, ...]:
    """The evidence of a pair as matching explains it: the start, field by field, and what people and rules add.

    They add up to the weight of the pair exactly.
    """
    start = Evidence("starting point", "", "", "before any field is looked at", told.prior)
    fields = [Evidence(e.field, e.left, e.right, e.level, e.weight) for e in told.fields]
    last = [Evidence("learned", "", "", "what people judged of such pairs", told.learned)] if told.learned else []
    if told.ruled:
        last.append(Evidence("rule", "", "", told.rule, told.ruled))
    return (start, *fields, *last)


def fields(rows: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The rows that compare two values."""
    return tuple(row for row in rows if row.field not in NOT_FIELDS)


def _drawn(bits: float) -> float:
    """Bits as long as they are drawn: what a rule forbids is not a thousand times as long as what fields say."""
    return max(-MOST, min(MOST, bits))


def _weight(bits: float) -> str:
    return "never" if bits <= NEVER else signed(bits)


def probability(bits: float) -> float:
    """The probability that a sum of evidence stands for: odds of 2 to the power of bits."""
    return 1 / (1 + math.exp2(-max(-1000.0, min(1000.0, bits))))


def complete(rows: Sequence[Evidence], chance: float) -> tuple[Evidence, ...]:
    """The rows that say anything, behind the starting point that makes them add up to a probability of `chance`.

    The starting point is how likely any two compared records are one customer, and what fields say only together.
    """
    telling = [row for row in rows if abs(row.bits) >= LEAST]
    if not 0 < chance < 1:
        return tuple(telling)
    rest = math.log2(chance / (1 - chance)) - sum(row.bits for row in telling)
    start = Evidence("starting point", "", "", "before any field is looked at", rest)
    return (start, *telling) if abs(rest) >= LEAST else tuple(telling)


def text(rows: Sequence[Evidence], width: int = 100) -> str:
    """The waterfall as plain lines for a terminal of so many columns, without colour.

    Two lines a field: its weight, and the two values; only the first where neither side has one (a starting point).
    """
    if not rows:
        return "No field of the two records could be compared."
    whole = sum(row.bits for row in rows)
    most = max(abs(_drawn(row.bits)) for row in rows) or 1.0
    field = min(18, max(_width(words(row.field)) for row in rows))
    margin = " " * (field + 2)
    lines = []
    for row in rows:
        bar = f"{_fit(words(row.field), field)}  {_weight(row.bits):>6} {_bar(_drawn(row.bits), most)}"
        lines.append(f"{bar}  {_fit(row.level, _width(row.level))}".rstrip())
        if not row.left and not row.right:
            continue
        half = max(8, (width - field - 5) // 2)
        lines.append(
            f"{margin}{_fit(row.left or '(empty)', half).rstrip()} | {_fit(row.right or '(empty)', half)}".rstrip()
        )
    verdict = f"{_fit('together', field)}  {_weight(whole):>6} bits, probability {share(probability(whole), 1)}"
    return "\n".join([*lines, verdict]).replace("\u00a0", " ")


def _bar(bits: float, most: float) -> str:
    """A bar left of the middle for evidence against, right of it for evidence in favour."""
    eighths = round(abs(bits) / most * BAR * 8)
    if bits < 0:
        return f"{'░' * max(1, eighths // 8):>{BAR}}│{'':{BAR}}"
    full, rest = divmod(eighths, 8)
    return f"{'':{BAR}}│{'█' * full + BLOCKS[rest].strip():{BAR}}"


def _fit(value: str, room: int) -> str:
    """The value in exactly so many columns of a terminal, in which some characters take two and some none."""
    out, used = "", 0
    for char in " ".join(value.split()):
        size = _columns(char)
        if not unicodedata.category(char).startswith("C"):
            out, used = out + char, used + size
    if used > room:
        while used > room - 1:
            used -= _columns(out[-1])
            out = out[:-1]
        out, used = out + "…", used + 1
    return out + " " * (room - used)


def _width(value: str) -> int:
    return sum(map(_columns, value))


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


@dataclass(frozen=True)
class Step:
    """One bar of the drawing: from the sum before to the sum after, in the drawing's units."""

    label: str
    level: str
    bits: float
    shown: str
    """The bits in words."""
    kind: str
    x: float
    width: float
    y: float
    end: float


@dataclass(frozen=True)
class Waterfall:
    """The whole drawing."""

    width: int
    height: int
    row: int
    zero: float
    steps: tuple[Step, ...]
    caption: str


def waterfall(rows: Sequence[Evidence]) -> Waterfall:
    """The geometry of the drawing; sums run from left (apart) to right (one customer)."""
    sums = [0.0]
    for row in rows:
        sums.append(sums[-1] + _drawn(row.bits))
    low, high = min(sums), max(sums)
    scale = (WIDTH - LABEL - 2 * VALUE) / max(high - low, 1e-6)

    def x(bits: float) -> float:
        return round(LABEL + VALUE + (bits - low) * scale, 1)

    steps = [
        _step(words(row.field), row.level, row.bits, x(start), x(end), "for" if row.bits >= 0 else "against", number)
        for number, (row, start, end) in enumerate(zip(rows, sums, sums[1:], strict=False))
    ]
    whole = sum(row.bits for row in rows)
    verdict = share(probability(whole), 1)
    steps.append(_step("together", verdict, whole, x(0), x(sums[-1]), "sum", len(rows)))
    caption = f"Evidence in bits, field by field; together {_weight(whole)} bits, probability {verdict}"
    return Waterfall(WIDTH, ROW * len(steps) + 6, ROW, x(0), tuple(steps), caption)


def _step(label: str, level: str, bits: float, start: float, end: float, kind: str, number: int) -> Step:
    width = round(max(abs(end - start), 1.5), 1)
    return Step(label, level, bits, _weight(bits), kind, min(start, end), width, number * ROW, end)


def svg(rows: Sequence[Evidence]) -> str:
    """The waterfall as inline SVG; its colours come from the page's style sheet."""
    return fragment("charts.html.j2", "waterfall", waterfall(rows))
