"""Organisations: a site is a customer, so every class of pairs is divided into one place and two."""

from dataclasses import replace

import numpy as np

from rules.matching.em import Fit
from rules.matching.types import Bytes, Floats

ONE_PLACE = 2
"""Level of kind `address` from which on two addresses may be one."""
MISWRITTEN = 0.08
"""One customer's address is so often written as if it were another."""
LEAST = 0.02
"""A class is divided where it holds so much of either side."""


def divided(found: Fit, patterns: Bytes, field: int, start: int, stop: int) -> Fit:
    """The same classes, each as two: with addresses of one place, and of two. The likelihood stays as it is.

    Fields are independent inside a class, so no likelihood asks for this; but what shares a name and a switchboard is
    one customer at one place and a branch at two. As many pairs as an address is usually miswritten in stay with those
    of one place. `field`: that of the address, `start` to `stop` its rows in theta.
    """
    level = found.theta[start:stop]
    near = level[ONE_PLACE:].sum(0) / level.sum(0)
    astray = np.minimum(1 - near, near * MISWRITTEN / (1 - MISWRITTEN))
    apart = 1 - near - astray
    both = np.flatnonzero((apart > LEAST) & (near > LEAST))
    if not len(both):
        return found
    left = astray[both] / (1 - near[both])
    here, there = found.theta.copy(), found.theta[:, both].copy()
    here[start : start + ONE_PLACE, both] *= left
    there[start + ONE_PLACE : stop] = 1e-9
    for theta in (here, there):
        theta[start:stop] /= theta[start:stop].sum(0)
    gone = apart[both] * _known_apart(patterns[:, field], apart[both], 1 - left)
    moved = found.responsibility[:, both] * gone
    stays = found.responsibility.copy()
    stays[:, both] -= moved
    size = found.size.copy()
    size[both] *= 1 - apart[both]
    return replace(
        found,
        theta=np.concatenate([here, there], 1),
        size=np.append(size, found.size[both] * apart[both]),
        responsibility=np.concatenate([stays, moved], 1),
    )


def _known_apart(levels: Bytes, apart: Floats, of_apart: Floats) -> Floats:
    """(patterns, classes): how much likelier than usual a pattern of the class is one of two places."""
    here, there = np.zeros(len(apart)), of_apart / np.maximum(apart, 1e-9)
    missing = np.ones(len(apart))
    column = levels[:, None]
    return np.asarray(np.where(column < 0, missing, np.where(column >= ONE_PLACE, here, there)))
