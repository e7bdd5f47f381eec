"""How a cluster came about, in words: the joins in their order, its weakest link, what speaks against it, the cut."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from reports.format import plural, share, signed
from reports.waterfall import probability

if TYPE_CHECKING:
    from rules.matching.story import Join, Key, Link, Story

NAMED: Final = 4
"""Records of a group that are named; of more, the first three."""


def text(story: "Story") -> str:
    """The story as plain lines for a terminal."""
    if len(story.records) == 1:
        return f"{_name(story.records[0])} is a customer of one record: it was joined with no other."
    joins = [f"{n:>3}. {join(j)}" for n, j in enumerate(story.joins, 1)]
    told = (
        ["How it came about:", *joins]
        if joins
        else [f"It has {plural(len(story.records), 'record')}: too many to tell each join."]
    )
    said = facts(story)
    return "\n".join([*told, "", *said] if said else told).replace("\u00a0", " ")


def facts(story: "Story") -> tuple[str, ...]:
    """Health, weakest link, contrary pairs and the link to cut first, a sentence each.

    A single record has none; two have one link, which says all, unless it speaks against them.
    """
    if story.weakest is None or story.cut is None:
        return ()
    if len(story.records) == 2:
        return (f"Their link speaks against it: {link(story.weakest)}.",) if story.against else ()
    out = [
        f"Health: {story.health:.2f} (1: holds wherever it is cut; 0: should be parted).",
        f"Weakest link: {link(story.weakest)}.",
    ]
    if story.against:
        worst = "; ".join(link(found) for found in story.contrary)
        out.append(
            f"{plural(story.against, 'pair')} inside {'speaks' if story.against == 1 else 'speak'} against it: {worst}."
        )
    else:
        out.append("No pair inside speaks against it.")
    smaller, larger = story.parts
    out.append(f"Cut first: {link(story.cut)}. Then {names(smaller)} would part from {names(larger)}.")
    return tuple(out)


def join(step: "Join") -> str:
    """One join: who with whom, and by which pair."""
    by = "" if len(step.left) == len(step.right) == 1 else f", above all {link(step.link)}"
    weight = f" ({_weight(step.link)})" if not by else ""
    return f"{names(step.left)} with {names(step.right)}{weight}{by}"


def link(found: "Link") -> str:
    """A pair with what its weight says."""
    return f"{_name(found.left)} and {_name(found.right)} ({_weight(found)})"


def _weight(found: "Link") -> str:
    if found.confirmed:
        return "a person joined them"
    return f"{signed(found.weight)} bits, {share(probability(found.weight), 1)}"


def names(keys: Sequence["Key"]) -> str:
    """Some records by their keys; of many, how many more."""
    shown = keys if len(keys) <= NAMED else keys[: NAMED - 1]
    more = f" and {len(keys) - len(shown)} more" if len(shown) < len(keys) else ""
    return ", ".join(map(_name, shown)) + more


def _name(key: "Key") -> str:
    return f"{key[0]}:{key[1]}"
