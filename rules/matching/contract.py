"""Greedy additive edge contraction: on batches of small dense components, and on one large sparse one."""

import heapq

import numpy as np

from rules.matching.types import Floats, Ints


def contract(weights: Floats) -> Ints:
    """Groups of each component of a batch; `weights` is (components, s, s), symmetric, -inf on the diagonal.

    Returns a group number a record, (components, s). Ties go to the earliest records, so the order of records decides.
    """
    w = weights.copy()
    m, s, _ = w.shape
    group = np.tile(np.arange(s, dtype=np.int32), (m, 1))
    active = np.arange(m)
    for _ in range(s - 1):
        flat = w[active].reshape(len(active), -1)
        best = flat.argmax(1)
        go = flat[np.arange(len(active)), best] > 0
        active, best = active[go], best[go]
        if not len(active):
            break
        a, b = best // s, best % s
        w[active, a] += w[active, b]
        w[active, :, a] = w[active, a]
        w[active, b] = -np.inf
        w[active, :, b] = -np.inf
        w[active, a, a] = -np.inf
        moved = group[active] == b[:, None]
        group[active] = np.where(moved, a[:, None], group[active])
    return group


def sparse(size: int, left: Ints, right: Ints, weight: Floats, other: float, apart: Ints | None = None) -> Ints:
    """Groups of one component of `size` records, given some of its weights; every other pair weighs `other` (below 0).

    Records of one group of `apart` are never joined.
    """
    between: list[dict[int, tuple[float, int]]] = [{} for _ in range(size)]
    for a, b, w in zip(left.tolist(), right.tolist(), weight.tolist(), strict=True):
        between[a][b] = between[b][a] = (w, 1)
    count, group = [1] * size, list(range(size))
    sources = [{int(g)} for g in apart] if apart is not None else [set() for _ in range(size)]
    members = [[i] for i in range(size)]
    heap = [(-w, a, b) for a, b, w in zip(left.tolist(), right.tolist(), weight.tolist(), strict=True) if w > 0]
    heapq.heapify(heap)

    def total(a: int, b: int) -> float:
        w, known = between[a].get(b, (0.0, 0))
        return -np.inf if sources[a] & sources[b] else w + other * (count[a] * count[b] - known)

    while heap:
        negative, a, b = heapq.heappop(heap)
        if not count[a] or not count[b] or b not in between[a] or total(a, b) != -negative or negative >= 0:
            continue
        for c, (w, known) in between[b].items():
            if c != a:
                before, seen = between[a].get(c, (0.0, 0))
                between[a][c] = between[c][a] = (before + w, seen + known)
            between[c].pop(b, None)
        count[a] += count[b]
        count[b] = 0
        sources[a] |= sources[b]
        members[a] += members[b]
        between[b] = {}
        for c in between[a]:
            if total(a, c) > 0:
                heapq.heappush(heap, (-total(a, c), min(a, c), max(a, c)))
    for number, those in enumerate(members):
        if count[number]:
            for i in those:
                group[i] = number
    return np.array(group, np.int32)
