"""The kinds of pictures of a study, and how each is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mri_core.atlas.kinds import traits_of
from mri_core.errors import UsageError, unknown_name
from mri_core.records.graph import Study
from mri_core.registry import Registry
from queries.runner import EVERY_ROW
from ui.drawing.origin import Origin, origin_of
from ui.drawing.picture import Ask, categories
from ui.reports.answers import Answers
from ui.reports.plot_request import CONNECTIONS, INTERVENTION, MATRIX, Wanted
from ui.wording.units import unit_word

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mri_core.records.interventions import Intervention
    from mri_core.store.reading import Named
    from mri_core.store.store import Store
    from mri_core.studies.comparing import Compared
    from ui.drawing.colouring import Colouring
    from ui.drawing.connectivity import Connectivity
    from ui.drawing.scene import Picture, Spot
    from ui.drawing.view import View

MOST_TRIED = 6  # interventions that a picture draws at most

Compare = Callable[["Store", Study, Sequence[str]], "Compared"]


@dataclass(frozen=True)
class Order:
    """What is drawn of which study.

    Attributes:
        study: that is drawn.
        ask: gives answers about it.
        compare: tests two of its categories against one another.
        named: the categories that were named, each once.
        categories: all of the study's.
        connections: how many are drawn at most.
        least_stability: the least share of refits that find a connection of a graph again.
        tried: gives the interventions on the study.
        region: the one whose interventions are drawn; None for any.
        layer, value: of a matrix, as of `Wanted`.
        colour_by: the label that colours are of; None for the categories.
    """

    study: Study
    ask: Ask
    compare: Callable[[Sequence[str]], Compared]
    named: Sequence[str]
    categories: Sequence[str]
    connections: int
    least_stability: float
    tried: Callable[[], Sequence[Intervention]] = tuple
    region: str | None = None
    layer: str | None = None
    value: str | None = None
    colour_by: str | None = None

    @property
    def origin(self) -> Origin:
        """What the picture says of where it comes from."""
        return origin_of(self.study)


def order_of(store: Store, study: Named, wanted: Wanted, compare: Compare) -> Order:
    """What is drawn of a study.

    Args:
        store: that holds it.
        study: a name or an id.
        wanted: what is to be drawn.
        compare: tests two of a study's categories against one another.

    Raises:
        MriError: there is no such study or category.
    """
    found, ask = store.study(study), Answers(store, max_rows=EVERY_ROW)
    known = categories(found, ask)
    for name in wanted.named:
        if name not in known:
            raise unknown_name("category", name, known)
    return Order(
        found,
        ask,
        lambda pair: compare(store, found, pair),
        list(dict.fromkeys(wanted.named)),
        known,
        wanted.connections or CONNECTIONS.get(wanted.kind, 0),
        wanted.least_stability or 0.0,
        lambda: store.interventions(found),
        wanted.region,
        wanted.layer,
        wanted.value,
        wanted.colour_by,
    )


def _layers(order: Order) -> Figure:
    from ui.drawing.figures.layers import layers_figure
    from ui.drawing.layer_lines import panels

    return layers_figure(panels(order.study, order.ask))


def _heatmap(order: Order) -> Figure:
    from ui.drawing.figures.matrix import shares_figure
    from ui.drawing.heatmap import heatmap

    by = _coloured(order)
    return shares_figure(heatmap(order.study, order.ask, order.named or order.categories, by=by))


def _graph(order: Order) -> tuple[Figure, str]:
    """The graph, and which connections it leaves out."""
    from ui.drawing.figures.graph import graph_figure

    view, shown = _picture(order)
    more = f" There are {shown.known}." if shown.left_out and shown.is_counted else ""
    return graph_figure(shown, _coloured(order).colours, view), f"{shown.left_out}{more}"


def _matrix(order: Order) -> tuple[Figure, str]:
    """The connectivity matrix, and which of its regions are left out."""
    from ui.drawing.connectivity import of_most_documents
    from ui.drawing.figures.connectivity import connectivity_figure

    shown = of_most_documents(_connectivity(order))
    return connectivity_figure(shown), shown.left_out


def numbers(order: Order) -> str:
    """The whole connectivity matrix as CSV."""
    from ui.reports.matrix_tables import matrix_table

    return matrix_table(_connectivity(order)).to_csv(index=False)


def _connectivity(order: Order) -> Connectivity:
    from ui.drawing.connectivity import Matrix, connectivity

    category, versus = (*order.named, "", "")[:2]
    value = order.value or ("spread" if versus else "documents")
    return connectivity(order.study, order.ask, Matrix(order.layer or "", value, category, versus))


def page(order: Order) -> str:
    """The graph as a page of its own."""
    from ui.drawing.export import as_html
    from ui.drawing.network import build_network, legend
    from ui.drawing.picture import told

    view, shown = _picture(order)
    colours = _coloured(order).colours
    network = build_network(shown, colours, view.measure)
    return as_html(network, order.origin, told(order.study, view, shown), legend(shown, colours))


def _picture(order: Order) -> tuple[View, Picture]:
    """The page's view of the study, and what it draws."""
    from ui.drawing.colouring import recoloured
    from ui.drawing.picture import picture
    from ui.drawing.view import View

    if not traits_of(order.study.atlas).holds_documents:
        fact, remedy = f"{order.study.name} has components", "Draw its layers, or ask the question components"
        rule = f"The layered graph counts {unit_word(order.study)}"
        raise UsageError(rule, f"{fact}, which hold none", remedy)
    view = View(
        category=order.named[0] if order.named else "",
        connections=order.connections,
        least_stability=order.least_stability,
        colour=order.colour_by or "",
    )
    shown = picture(order.study, order.ask, view)
    return view, recoloured(order.study, order.ask, shown, _coloured(order), view.category)


def _compare(order: Order) -> Figure:
    from ui.drawing.figures.compare import compare_figure
    from ui.drawing.palette import NEUTRAL
    from ui.drawing.picture import spots
    from ui.drawing.scene import Key
    from ui.reports.comparison import OTHERS, against_others

    regions = spots(order.study, order.ask)
    if len(order.named) == 2:
        return _compare_two(order, regions)
    (category,) = order.named
    found = against_others(order.study, order.ask, regions, category, order.connections)
    return compare_figure(found, [Key(category, _colours(order)[category]), Key(OTHERS, NEUTRAL)])


def _compare_two(order: Order, regions: Sequence[Spot]) -> Figure:
    """What is found of two categories; where nothing is, the largest differences as counted."""
    from ui.drawing.figures.compare import compare_figure
    from ui.drawing.scene import keys_of
    from ui.reports import contrasts
    from ui.reports.comparison import of_findings, side_by_side

    of, ask = order.study, order.ask
    pair = order.named[0], order.named[1]
    known = {spot.id: spot for spot in regions}
    if contrasts.is_stored(of):
        evidence = contrasts.stored(of, ask, known, pair)
    else:
        evidence = contrasts.face_to_face(of, ask, known, pair, order.compare(pair))
    findings = contrasts.ordered(evidence.findings, "interval")[: order.connections]
    if findings:
        shown = of_findings(of, findings, pair, "interval", facing=evidence.facing)
    else:
        shown = side_by_side(of, ask, regions, pair, order.connections)
    colours = contrasts.sides(pair, _colours(order), facing=evidence.facing or not findings)
    return compare_figure(shown, keys_of(colours))


def _interventions(order: Order) -> Figure:
    """The interventions of least q, or those that were asked about one region."""
    from ui.drawing.effects import effect_of
    from ui.drawing.figures.interventions import interventions_figure
    from ui.drawing.picture import spots
    from ui.reports.interventions import by_q, deed

    words = {spot.id: spot.words for spot in spots(order.study, order.ask)}
    if order.region is not None and order.region not in words:
        raise unknown_name(f"region of {order.study.name}", order.region, words, "Look: mri query regions")
    tried = [one for one in by_q(order.tried()) if order.region in (None, one.region)]
    if not tried:
        what = f"in {order.study.name}" if order.region is None else f"on {order.region} of {order.study.name}"
        subject = "--findings 5" if order.region is None else f"--region {order.region}"
        remedy = f"Try it first: mri intervene {order.study.name} {subject}"
        raise UsageError("A picture of interventions shows what was tried", f"Nothing was tried {what}", remedy)
    return interventions_figure([(deed(one, words), effect_of(one)) for one in tried[:MOST_TRIED]])


def _coloured(order: Order) -> Colouring:
    from ui.drawing.colouring import colouring

    return colouring(order.study, order.ask, order.colour_by or "")


def _colours(order: Order) -> dict[str, str]:
    from ui.drawing.palette import category_colours

    return category_colours(order.categories)


def _whole(figure: Callable[[Order], Figure]) -> Callable[[Order], tuple[Figure, str]]:
    """A figure that leaves nothing out."""
    return lambda order: (figure(order), "")


FIGURES: Registry[Callable[[Order], tuple[Figure, str]]] = Registry(
    "kind of picture",
    "figures",
    {
        "heatmap": _whole(_heatmap),
        "graph": _graph,
        "layers": _whole(_layers),
        "compare": _whole(_compare),
        MATRIX: _matrix,
        INTERVENTION: _whole(_interventions),
    },
)
