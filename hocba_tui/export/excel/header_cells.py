"""The head of a table over several rows: which cells it has and how far each reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Head = tuple[str, ...]
"""The parts of one column's head, from top to bottom."""


@dataclass(frozen=True)
class Place:
    """One cell of the head, counted from 0; ``bottom`` and ``right`` belong to it."""

    text: str
    top: int
    left: int
    bottom: int
    right: int


def depth_of(heads: Sequence[Head]) -> int:
    """Return how many rows the head has."""
    return max(len(head) for head in heads)


def places(heads: Sequence[Head]) -> Iterator[Place]:
    """Yield the cells of the head.

    Neighbours that share a part and all above it share one cell; the last part of a column is its own
    and reaches down to the rows.
    """
    depth = depth_of(heads)
    for level in range(depth):
        left = 0
        while left < len(heads):
            right = left
            if len(heads[left]) > level + 1:
                while right + 1 < len(heads) and _shares(heads[left], heads[right + 1], level):
                    right += 1
                yield Place(heads[left][level], level, left, level, right)
            elif len(heads[left]) == level + 1:
                yield Place(heads[left][level], level, left, depth - 1, left)
            left = right + 1


def _shares(head: Head, other: Head, level: int) -> bool:
    return len(other) > level + 1 and other[: level + 1] == head[: level + 1]
