"""What a layered graph shows: layers, regions, connections, and where the regions stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mri_core.numbers import how_many
from queries.text import number
from ui.drawing.layout import Cell
from ui.wording.labels import WORDS, region_label, words_of

KNOWN_LINKS = 5_000  # the most telling ones: more than are ever drawn, so that those that tie with the last are known
MEASURES = {
    "spread": "difference of shares",
    "documents": "documents",
    "share": "largest share",
}

MARKERS = "osD^vP*X"  # of dots of one colour, in print


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of a legend.

    Attributes:
        name: what it stands for.
        colour: `#RRGGBB`.
        form: `dot`, `ring`, `line` or `dashed`.
        opacity: of a line, from 0 to 1.
        marker: of a dot in print, as matplotlib names it: tells names of one colour apart.
    """

    name: str
    colour: str
    form: str = "dot"
    opacity: float = 1.0
    marker: str = MARKERS[0]


def keys_of(colours: Mapping[str, str]) -> list[Key]:
    """Dots of these colours, by name; names of one colour have markers of their own."""
    seen: Counter[str] = Counter()
    keys = []
    for name, colour in colours.items():
        keys.append(Key(name, colour, marker=MARKERS[seen[colour] % len(MARKERS)]))
        seen[colour] += 1
    return keys


def keys_by_colour(colours: Mapping[str, str]) -> list[Key]:
    """A dot for each of these colours, with all names that have it."""
    names: dict[str, list[str]] = {}
    for name, colour in colours.items():
        names.setdefault(colour, []).append(name)
    return [Key(" or ".join(own), colour) for colour, own in names.items()]


@dataclass(frozen=True, slots=True)
class Column:
    """A layer as it is drawn."""

    index: int
    name: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A region as it is drawn.

    Attributes:
        keywords: its words, most telling first.
        given: the name that a reader gave it; "" for none.
        documents, dominant: None of a component, which holds no documents. Of a study of tokens those are counted.
        dominant: the category with the largest share here.
        dominance: its share over the sum of all categories' shares; None where that is not known.
        alike: what weighs alike in a dominance: a category, or the label whose values `dominant` is of.
        purity: the same from 0, all categories alike, to 1, one alone.
        unit: what is counted, a `document` or a `token`.
        texts: of a study of tokens, those with a token here.
    """

    id: str
    layer: int
    name: str
    documents: int | None
    dominant: str | None
    keywords: tuple[str, ...]
    dominance: float | None = None
    purity: float = 1.0
    given: str = ""
    alike: str = "category"
    unit: str = "document"
    texts: int | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What it is known by: its reader's name for it, in quotation marks, and its words."""
        return words_of(self.given, self.keywords)

    @property
    def title(self) -> str:
        """Number and first words: what a person calls it."""
        return region_label(self.name, self.words, WORDS)

    @property
    def searched(self) -> str:
        """Number and all words: by what a person finds it."""
        return region_label(self.name, self.words, len(self.words))

    @property
    def size(self) -> int:
        """What the area of its dot is: its documents; components are all alike."""
        return 1 if self.documents is None else self.documents

    @property
    def told(self) -> str:
        """Its documents, where it holds any, on one line."""
        if self.documents is None:
            return f"a component, which holds no {self.unit}s"
        part = "" if self.dominance is None else f" ({self.dominance:.0%}, every {self.alike} weighing alike)"
        texts = "" if self.texts is None else f" of {how_many(self.texts, 'text')}"
        return f"{how_many(self.documents, self.unit)}{texts}, largest share: {self.dominant}{part}"


@dataclass(frozen=True, slots=True)
class Link:
    """A connection as it is drawn, all categories together.

    Attributes:
        documents: of all categories.
        spread: largest minus smallest share of a category; where one category is asked for, the distance of its share
            from the mean of the others' shares.
        most: the category with the largest share.
        share: that share.
        tint: the category whose colour it has: the one that is found, asked for, or has most; None where findings are
            drawn and nothing is found.
        less: whether that category takes it less than the others.
        found: categories that are found to take it more or less than the others by more than chance, as words.
        q: its chance, adjusted for how many were tested; None where nothing was.
        stability: share of refits in which its most stable finding is found again; None where there is none.
        nearer: how large its largest finding is at the least; None where there is none.
        unit: what `documents` counts, as of `Spot`.
    """

    source: str
    target: str
    documents: int
    spread: float
    most: str
    share: float
    tint: str | None
    less: bool = False
    found: tuple[str, ...] = ()
    q: float | None = None
    stability: float | None = None
    nearer: float | None = None
    unit: str = "document"

    @property
    def id(self) -> str:
        """Key of the drawn edge."""
        return f"{self.source}>{self.target}"


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line from region to region as it is drawn.

    Attributes:
        weight: what its width is.
        colour: `#RRGGBB`.
        told: what hovering tells, beside its ends.
        opacity: from 0 to 1.
        dashed: a category takes it less than the others, or nothing goes that way that is known.
    """

    id: str
    source: str
    target: str
    weight: float
    colour: str
    told: str
    opacity: float = 0.62
    dashed: bool = False


@dataclass(frozen=True)
class Picture:
    """What is drawn: `places` has a cell for every region of `spots`.

    `ties` counts connections left out that stand as high as the last one drawn; `order` is theirs, one of
    `view.ORDERS`; `known` counts all that might have been drawn; `nothing` says that no finding is drawn. The last
    `added` links were not chosen as telling, but are further ones of regions that were expanded; `rows` is how many
    rows there were before, whose height all have, so that nothing moves; 0 where none was expanded.
    """

    columns: Sequence[Column]
    spots: Sequence[Spot]
    links: Sequence[Link]
    places: Mapping[str, Cell]
    ties: int = 0
    order: str = "shares"
    known: int = 0
    nothing: str = ""
    added: int = 0
    rows: float = 0

    @property
    def unit(self) -> str:
        """What is counted, in the plural."""
        return f"{self.spots[0].unit}s" if self.spots else "documents"

    @property
    def height(self) -> float:
        """Rows from the first to the last region."""
        return 1 + max((cell.row for cell in self.places.values()), default=0)

    @property
    def chosen(self) -> Sequence[Link]:
        """The links without those that were added."""
        return self.links[: len(self.links) - self.added]

    @property
    def is_counted(self) -> bool:
        """Whether `known` is how many there are, not how many are read at most."""
        return self.known < KNOWN_LINKS

    @property
    def left_out(self) -> str:
        """A sentence where not all that might have been drawn is; else ""."""
        if len(self.chosen) >= self.known:
            return ""
        what = "connections that are findings" if self.order == "findings" else "connections"
        least = "" if self.is_counted else "at least "
        return f"{len(self.chosen)} of {least}{self.known} {what} are drawn: a gap may be one that is not."


def told(link: Link) -> str:
    """A connection in numbers: what was counted, and below it what is found."""
    counted = (
        f"{how_many(link.documents, link.unit)}, largest share {link.share:.2f} ({link.most}), "
        f"difference of shares {link.spread:.2f}"
    )
    if not link.found:
        return counted
    sure = [f"found: {', '.join(link.found)}"]
    if link.q is not None:
        sure.append(f"q {number(link.q)}")
    if link.stability is not None:
        sure.append(f"found again in {link.stability:.0%} of refits")
    return f"{counted}\n{'; '.join(sure)}"
