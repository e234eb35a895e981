"""Which connections of a study are drawn: the first by shares or by evidence, fair to those that tie."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile, zip_longest

from ui.drawing.scene import Link

TIE = 1e-9  # shares are sums of few fractions: what differs less is equal


def by_shares(link: Link) -> tuple[float, ...]:
    """How high a connection stands among differences of shares."""
    return (link.spread,)


def by_evidence(link: Link) -> tuple[float, ...]:
    """How high it stands among findings: how often it is found again, how large it is at the least, its q."""
    again = -1.0 if link.stability is None else link.stability
    return again, -1e6 if link.nearer is None else link.nearer, -2.0 if link.q is None else -link.q


def foremost(
    links: Sequence[Link], layers: Mapping[str, int], count: int, height: Callable[[Link], tuple[float, ...]]
) -> tuple[list[Link], int]:
    """The first links, and how many that tie with the last of them are left out.

    Of those that tie, every layer gets as many as any other while it has them: cut in the order of the layers, a tie
    would look as if the flow ran dry.

    Args:
        links: the highest first.
        layers: layer of each region.
        count: links wanted.
        height: by what they are ordered.
    """
    if len(links) <= count:
        return list(links), 0
    last = height(links[count - 1])

    def ties(link: Link) -> bool:
        return all(abs(mine - other) <= TIE for mine, other in zip(height(link), last, strict=True))

    ahead = list(takewhile(lambda link: not ties(link), links))
    turns: dict[int, list[Link]] = {}
    for link in takewhile(ties, links[len(ahead) :]):
        turns.setdefault(layers[link.source], []).append(link)
    tied = [link for turn in zip_longest(*turns.values()) for link in turn if link is not None]
    return [*ahead, *tied[: count - len(ahead)]], len(ahead) + len(tied) - count
