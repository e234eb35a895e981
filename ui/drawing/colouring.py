"""What colours stand for: the categories, or the values of one of the labels that were crossed to make them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from mri_core.errors import UsageError, unknown_name
from mri_core.records.crossed import crossed_labels, values_of
from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from ui.drawing import picture
from ui.drawing.palette import category_colours
from ui.drawing.picture import Ask
from ui.drawing.scene import Link, Picture, Spot
from ui.wording.units import number_of, unit_word

MOST_FLOWS = 1_000_000

Shares = Mapping[str, float]


@dataclass(frozen=True)
class Colouring:
    """What is coloured how.

    Attributes:
        label: the one whose values have colours; "" for the categories.
        value: of it in each category; the category itself where there is no label.
        colours: of each value.
        unit: what is counted, in the plural.
    """

    label: str
    value: Mapping[str, str]
    colours: Mapping[str, str]
    unit: str = "documents"

    @property
    def told(self) -> str:
        """What colours mean in a graph, in a sentence."""
        if not self.label:
            return "Colours are of categories."
        return (
            f"Colours are the values of {self.label}: a region has that whose {self.unit} it holds the largest share "
            f"of, a connection that of the category found or asked for, else that whose {self.unit} take it most."
        )

    @property
    def of_categories(self) -> dict[str, str]:
        """The colour of each category: that of its value."""
        return {category: self.colours[value] for category, value in self.value.items()}


def colouring(of: Study, ask: Ask, label: str = "") -> Colouring:
    """Colours of a study's categories, or of the values of one of its crossed labels.

    Raises:
        UsageError: it has no such label.
    """
    categories = picture.categories(of, ask)
    if not label:
        return Colouring("", {name: name for name in categories}, category_colours(categories))
    known = crossed_labels(of)
    if not known:
        fact, remedy = f"The labels of {of.name} are not crossed", "Leave the label out"
        raise UsageError("Colours are of one of several crossed labels", fact, remedy)
    if label not in known:
        raise unknown_name("crossed label", label, known)
    value = values_of(of, label, categories)
    return Colouring(label, value, category_colours(value.values()), unit_word(of))


def sizes(of: Study, ask: Ask, by: Colouring) -> Counter[str]:
    """Documents of each value."""
    counted: Counter[str] = Counter()
    for row in ask(of, "categories").records():
        counted[by.value[row["category"]]] += number_of(row) or 0
    return counted


def recoloured(of: Study, ask: Ask, shown: Picture, by: Colouring, category: str = "") -> Picture:
    """A picture by the values of a label: regions and connections are those of the one with the largest share there.

    A connection that is drawn as a finding, or for one category, is that of its category's value.

    Args:
        of, ask: as in `picture.picture`.
        shown: the picture by categories.
        by: the label and its values.
        category: the one that the picture asks for; "" for none.
    """
    if not by.label:
        return shown
    whole = sizes(of, ask, by)
    regions = documents_of_regions(of, ask, by)
    spots = [_spot(spot, _shares(regions.get(spot.id, Counter()), whole), by) for spot in shown.spots]
    if category or shown.order == "findings":
        links = [replace(link, tint=by.value.get(link.tint or "")) for link in shown.links]
    else:
        connections = _documents_of_connections(of, ask, by)
        links = [
            _link(link, _shares(connections.get((link.source, link.target), Counter()), whole)) for link in shown.links
        ]
    return replace(shown, spots=spots, links=links)


def documents_of_regions(of: Study, ask: Ask, by: Colouring) -> dict[str, Counter[str]]:
    """Documents of each value in each region, by the region within the study.

    Args:
        of, ask: as in `picture.picture`.
        by: the label and its values.
    """
    leaving: dict[str, Counter[str]] = {}
    reaching: dict[str, Counter[str]] = {}
    for (source, target), documents in _documents_of_connections(of, ask, by).items():
        leaving.setdefault(source, Counter()).update(documents)
        reaching.setdefault(target, Counter()).update(documents)
    return reaching | leaving  # a document leaves every region but the last


def _documents_of_connections(of: Study, ask: Ask, by: Colouring) -> dict[tuple[str, str], Counter[str]]:
    """Documents of each value on each connection, by its ends."""
    taken: dict[tuple[str, str], Counter[str]] = {}
    for row in ask(of, "connections", limit=MOST_FLOWS).records():
        ends = local_id(of.id, row["source"]), local_id(of.id, row["target"])
        taken.setdefault(ends, Counter())[by.value[row["category"]]] += row["weight"]
    return taken


def _shares(documents: Counter[str], whole: Counter[str]) -> Shares:
    """Of the documents of each value, the share that is here."""
    return {value: documents[value] / whole[value] for value in sorted(whole)}


def _spot(spot: Spot, shares: Shares, by: Colouring) -> Spot:
    total = sum(shares.values())
    if not total:
        return spot
    most = max(shares, key=shares.__getitem__)
    dominance = shares[most] / total
    return replace(
        spot, dominant=most, dominance=dominance, purity=picture.purity(dominance, len(shares)), alike=by.label
    )


def _link(link: Link, shares: Shares) -> Link:
    return replace(link, tint=max(shares, key=shares.__getitem__)) if any(shares.values()) else link
