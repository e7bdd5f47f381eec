"""The evidence between a customer's records as a drawing: records on a circle, the tree of best links in gold.

The tree is the maximum spanning tree (Kruskal 1956): what holds the records together, if nothing else did. The two
parts into which they would come apart first stand beside each other on the circle.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal
from unicodedata import east_asian_width

from reports.desk.services import Cluster, Key
from reports.format import signed
from reports.waterfall import NEVER

if TYPE_CHECKING:
    from rules.matching.story import Link

WIDTH, HEIGHT, RADIUS = 680, 360, 130
LABELS: Final = 160
"""From the middle to where the names begin."""
LINE: Final = 34
"""What a name takes with its key below it."""
NAMES, KEYS, MARKS = 7.6, 6.6, 6.8
"""How wide a small letter is in names, in keys and in the words at an edge."""
ROUND: Final = 20
"""From the middle of a record to where words may begin."""
PLACES: Final = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78)
"""Where along an edge its mark may stand, the best place first."""
NAMED: Final = 16
"""Of more records only the numbers are drawn, and of the other links none."""
Kind = Literal["tree", "against", "other"]


@dataclass(frozen=True)
class Node:
    """A record: its number on the page, its place, and where its name stands."""

    key: Key
    number: int
    full: str
    """What it is called, whole."""
    name: str
    below: str
    """Its key, as far as there is room."""
    x: float
    y: float
    label_x: float
    label_y: float
    """Of its middle."""
    anchor: str
    part: int
    """0: it would go first, if they came apart."""


@dataclass(frozen=True)
class Edge:
    """A pair of records. `says` in words."""

    left: Node
    right: Node
    kind: Kind
    bits: float
    says: str
    weakest: bool
    cut: bool
    mark: tuple[float, float] = (0.0, 0.0)
    """Where it is marked."""
    anchor: str = "start"
    """Whether the words begin or end there."""

    @property
    def width(self) -> float:
        """Of the line, by the weight."""
        return round(1.2 + min(max(self.bits, 0.0), 24.0) / 8, 1)

    @property
    def word(self) -> str:
        """What is written at it, where it is marked."""
        return " ".join(said for said, so in (("weakest,", self.weakest), ("cut first", self.cut)) if so).rstrip(",")

    @property
    def marked(self) -> bool:
        return self.weakest or self.cut


@dataclass(frozen=True)
class Graph:
    """`edges`: those behind first. The sizes are of the drawing, in its own units."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    names: bool
    width: int = WIDTH
    height: int = HEIGHT


def graph(cluster: Cluster) -> Graph | None:
    """None where there is nothing to draw: a single record, or nothing that was compared."""
    if not cluster.links:
        return None
    tree = spanning(cluster.links)
    keys = [key for key in order(cluster, tree) if any(key in link[:2] for link in cluster.links)]
    first = {":".join(key) for key in cluster.story.parts[0]} if cluster.story else set()
    nodes = _nodes(cluster, keys, first)
    few = len(keys) <= NAMED
    edges = [_edge(cluster, nodes, link, tree) for link in cluster.links]
    edges = [e for e in edges if few or e.kind != "other"]
    rank = {"other": 0, "against": 1, "tree": 2}
    drawn = _placed(sorted(edges, key=lambda e: (rank[e.kind], e.bits)), list(nodes.values()))
    return Graph(tuple(nodes.values()), drawn, few)


def _placed(edges: Sequence[Edge], nodes: Sequence[Node]) -> tuple[Edge, ...]:
    """Edges, the words of those that are marked where they cover no record and each other as little as can be."""
    taken = [(node.x - ROUND, node.y - ROUND, node.x + ROUND, node.y + ROUND) for node in nodes]
    found = []
    for edge in edges:
        if edge.marked:
            free = (one for one in _spots(edge) if not any(_overlap(_box(*one, edge.word), box) for box in taken))
            x, y, anchor = next(free, next(_spots(edge)))
            taken.append(_box(x, y, anchor, edge.word))
            found.append(replace(edge, mark=(x, y), anchor=anchor))
        else:
            found.append(edge)
    return tuple(found)


def _spots(edge: Edge) -> Iterator[tuple[float, float, str]]:
    for share in PLACES:
        x = edge.left.x + (edge.right.x - edge.left.x) * share
        y = edge.left.y + (edge.right.y - edge.left.y) * share
        for anchor in ("start", "end"):
            yield round(x, 1), round(y, 1), anchor


Box = tuple[float, float, float, float]


def _box(x: float, y: float, anchor: str, word: str) -> Box:
    """What a mark and its words cover: left, above, right, below."""
    wide = 12 + MARKS * len(word)
    return (x - 6, y - 9, x + wide, y + 9) if anchor == "start" else (x - wide, y - 9, x + 6, y + 9)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def spanning(links: Sequence[tuple[Key, Key, float]]) -> set[frozenset[Key]]:
    """The pairs of the tree of best links."""
    over: dict[Key, Key] = {}

    def top(key: Key) -> Key:
        while over.setdefault(key, key) != key:
            key = over[key]
        return key

    found = set()
    for left, right, _ in sorted(links, key=lambda link: -link[2]):
        if top(left) != top(right):
            over[top(left)] = top(right)
            found.add(frozenset((left, right)))
    return found


def order(cluster: Cluster, tree: set[frozenset[Key]]) -> list[Key]:
    """The records along the tree, so that what is linked stands near; the smaller part of the first cut begins."""
    first = {":".join(key) for key in cluster.story.parts[0]} if cluster.story else set()
    near: dict[Key, list[Key]] = {}
    for left, right in map(sorted, tree):
        near.setdefault(left, []).append(right)
        near.setdefault(right, []).append(left)
    found: list[Key] = []
    for start in sorted((record.key for record in cluster.records), key=lambda key: (key not in first, key)):
        waiting = [start]
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.append(key)
                waiting += sorted((other for other in near.get(key, ()) if other not in found), reverse=True)
    return sorted(found, key=lambda key: key not in first) if first else found


def _nodes(cluster: Cluster, keys: Sequence[Key], first: set[Key]) -> dict[Key, Node]:
    """The records on the circle; their names in two columns beside it, none over another."""
    number = {record.key: n for n, record in enumerate(cluster.records, 1)}
    names = {record.key: record.name for record in cluster.records}
    begin = math.pi if len(keys) == 2 else -math.pi / 2  # two stand side by side
    places = {}
    for place, key in enumerate(keys):
        angle = 2 * math.pi * place / len(keys) + begin
        places[key] = WIDTH / 2 + RADIUS * math.cos(angle), HEIGHT / 2 + RADIUS * math.sin(angle)
    labels = {key: y for side in (True, False) for key, y in _spread(places, right=side)}
    return {
        key: Node(
            key, number[key], names[key], _short(names[key]), _short(key, KEYS), round(x, 1), round(y, 1),
            WIDTH / 2 + (LABELS if x >= WIDTH / 2 - 1 else -LABELS), labels[key],
            "start" if x >= WIDTH / 2 - 1 else "end", int(key not in first),
        )
        for key, (x, y) in places.items()
    }  # fmt: skip


def _spread(places: dict[Key, tuple[float, float]], *, right: bool) -> list[tuple[Key, float]]:
    """The names of one side from above to below, as near to their records as they may without touching."""
    mine = sorted((y, key) for key, (x, y) in places.items() if (x >= WIDTH / 2 - 1) == right)
    found: list[tuple[Key, float]] = []
    for n, (y, key) in enumerate(mine):
        least = found[-1][1] + LINE if found else LINE / 2
        most = HEIGHT - LINE / 2 - LINE * (len(mine) - 1 - n)
        found.append((key, round(min(max(y, least), most), 1)))
    return found


def _short(text: str, unit: float = NAMES) -> str:
    """As much of the beginning as there is room for. `unit`: how wide a small letter is."""
    room, kept = (WIDTH / 2 - LABELS) / unit, ""
    for letter in text:
        room -= 2.0 if east_asian_width(letter) in "WF" else 1.35 if letter.isupper() else 1.0
        if room < 0:
            return f"{kept[:-1]}…"
        kept += letter
    return text


def _edge(cluster: Cluster, nodes: dict[Key, Node], link: tuple[Key, Key, float], tree: set[frozenset[Key]]) -> Edge:
    left, right, bits = link
    pair = frozenset((left, right))
    kind: Kind = "against" if bits < 0 else "tree" if pair in tree else "other"
    story = cluster.story
    told = (story.weakest, story.cut) if story and len(cluster.records) > 2 else (None, None)
    weakest, cut = (_is(pair, found) for found in told)
    says = "never: a rule keeps them apart" if bits <= NEVER else f"{signed(bits)} bits"
    return Edge(nodes[left], nodes[right], kind, bits, says, weakest, cut)


def _is(pair: frozenset[Key], link: "Link | None") -> bool:
    return link is not None and pair == {":".join(link.left), ":".join(link.right)}
