"""Where the records of each source went: to customers known once, to joined customers, or to quarantine.

Geometry only, in the units of the drawing; `templates/charts.html.j2` draws it. Heights are proportional to
records, and a joined customer takes the height of one: the narrowing on the right is what joining saved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 900
NODE: Final = 10  # width of a node
LEFT, MIDDLE, RIGHT = 170, 500, 740  # left edges of the three columns of nodes
USABLE: Final = 260  # height of all records together, without gaps
SLOT: Final = 20  # the least height a label needs
GAP: Final = 8
TOP: Final = 14
MOST: Final = 10  # sources drawn one by one; the rest are drawn together
KINDS: Final = (
    ("joined", "joined with another record"),
    ("single", "known from one record"),
    ("aside", "set aside in quarantine"),
)


@dataclass(frozen=True)
class Stream:
    """A source's records by where they went."""

    name: str
    joined: int
    single: int
    aside: int

    @property
    def records(self) -> int:
        return self.joined + self.single + self.aside


@dataclass(frozen=True)
class Node:
    """A bar with a label; `count` of records (customers on the right)."""

    label: str
    kind: str
    count: int
    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Ribbon:
    """A band between two nodes as an SVG path, with the sentence that a pointer or screen reader gets."""

    path: str
    kind: str
    title: str


@dataclass(frozen=True)
class Flow:
    """The whole drawing, `width` by `height`."""

    width: int
    height: int
    node: int
    left: tuple[Node, ...]
    middle: tuple[Node, ...]
    right: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]


def flow(streams: Sequence[Stream], joined_customers: int) -> Flow | None:
    """The drawing of some streams; None where there is no record. Sources beyond MOST are pooled as `others`."""
    streams = _pooled([s for s in streams if s.records])
    records = sum(s.records for s in streams)
    if not records:
        return None
    scale = USABLE / records
    left = _stack([(s.name, "source", s.records) for s in streams], LEFT, scale)
    counts = {kind: sum(getattr(s, kind) for s in streams) for kind, _ in KINDS}
    middle = _stack([(label, kind, counts[kind]) for kind, label in KINDS if counts[kind]], MIDDLE, scale)
    customers = joined_customers + counts["single"]
    right = _stack([("golden customers", "golden", customers)] if customers else [], RIGHT, scale)
    ribbons = [*_to_outcomes(streams, left, middle, scale), *_to_customers(middle, right, joined_customers, scale)]
    height = max(node.y + max(node.height, SLOT) for node in (*left, *middle, *right)) + TOP
    return Flow(WIDTH, round(height), NODE, left, middle, right, tuple(ribbons))


def _pooled(streams: Sequence[Stream]) -> list[Stream]:
    ordered = sorted(streams, key=lambda s: (-s.records, s.name))
    if len(ordered) <= MOST:
        return ordered
    rest = ordered[MOST - 1 :]
    sums = [sum(getattr(s, kind) for s in rest) for kind in ("joined", "single", "aside")]
    return [*ordered[: MOST - 1], Stream(f"{len(rest)} other sources", *sums)]


def _stack(parts: Sequence[tuple[str, str, int]], x: float, scale: float) -> tuple[Node, ...]:
    """Nodes below each other, each with room for its label."""
    nodes, y = [], float(TOP)
    for label, kind, count in parts:
        height = count * scale
        nodes.append(Node(label, kind, count, x, round(y, 1), round(max(height, 1.0), 1)))
        y += max(height, SLOT) + GAP
    return tuple(nodes)


def _to_outcomes(streams: Sequence[Stream], left: Sequence[Node], middle: Sequence[Node], scale: float) -> list[Ribbon]:
    ribbons = []
    entry = {node.kind: node.y for node in middle}
    labels = dict(KINDS)
    for stream, node in zip(streams, left, strict=True):
        leave = node.y
        for kind, _ in KINDS:
            count = getattr(stream, kind)
            if count:
                height = count * scale
                title = f"{stream.name}: {count:,} {labels[kind]}"
                ribbons.append(Ribbon(_band(LEFT + NODE, leave, height, MIDDLE, entry[kind], height), kind, title))
                leave += height
                entry[kind] += height
    return ribbons


def _to_customers(middle: Sequence[Node], right: Sequence[Node], joined: int, scale: float) -> list[Ribbon]:
    ribbons = []
    enter = right[0].y if right else 0.0
    for node in middle:
        if node.kind != "aside":
            customers = joined if node.kind == "joined" else node.count
            height = customers * scale
            title = f"{node.count:,} records {node.label} are {customers:,} customers"
            band = _band(MIDDLE + NODE, node.y, node.height, RIGHT, enter, height)
            ribbons.append(Ribbon(band, node.kind, title))
            enter += height
    return ribbons


def _band(x0: float, y0: float, h0: float, x1: float, y1: float, h1: float) -> str:
    """A band that leaves and enters level: two Bezier curves and two edges."""
    mid = (x0 + x1) / 2
    return (
        f"M{x0:.1f} {y0:.1f}C{mid:.1f} {y0:.1f} {mid:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        f"v{h1:.1f}C{mid:.1f} {y1 + h1:.1f} {mid:.1f} {y0 + h0:.1f} {x0:.1f} {y0 + h0:.1f}z"
    )
