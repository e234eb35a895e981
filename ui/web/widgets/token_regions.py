"""Where a text's tokens lie: the text coloured by their regions layer by layer, and tables of the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from mri_core.errors import MriError
from mri_core.records.graph import Study
from mri_core.records.token_places import TokenPlaces
from ui.drawing import picture
from ui.drawing.palette import NEUTRAL, category_colours, mixed
from ui.drawing.scene import Spot
from ui.jobs import access
from ui.reports.region_pieces import RegionPiece, hues, name_of, region_pieces
from ui.reports.token_places import CONTEXT, headline, shown_of
from ui.web.plain import show_error
from ui.web.state import models, reading
from ui.web.state.models import Asked
from ui.web.widgets.frames import show_frame
from ui.web.widgets.saving import numbers, offer
from ui.web.widgets.token_text import show_region_text

PALE, FAINTEST = "#BBBBBB", 0.25  # what an undecided region's colour fades to, and how much of it stays
HEIGHT = 320  # pixels of a table, which scrolls
SWITCH = "Show where each of its tokens lies"
REGION, CATEGORY = "its region", "the region's largest category"
LABEL = "The text, its tokens coloured by their regions; the table below has the same"
LEGEND = "The categories, each in its colour"
BY_REGION = "A colour is a region, the number after its last token in a row its name; dashed tokens are left out."
BY_CATEGORY = (
    "A colour is the category with the largest share of the token's region, the fainter the less it outweighs the "
    "others; the number is the region's name; dashed tokens are left out."
)


def show_places_of_document(study: Study, document: str, layer: int) -> None:
    """The tokens of a text of the study, once they are asked for: of editors, since they show all of its text.

    Args:
        study: whose unit is the token.
        document: `D12`.
        layer: that is shown.
    """
    if not (access.may("texts") and access.may("live")):
        return
    if not st.toggle(SWITCH, help="One forward pass of the study's model.", key=f"places {study.id} {document}"):
        return
    access.demand("texts")
    with st.container(border=True):
        try:
            _show_in(study, [models.placed(study, Asked(document=document))], f"{study.name}-{document}-tokens", layer)
        except MriError as error:
            show_error(error)


def show_places(study: Study, found: Sequence[TokenPlaces], name: str) -> None:
    """Texts side by side in one layer, which is chosen, and the tables.

    Args:
        study: whose unit is the token.
        found: of one text or two.
        name: of the files, and of Streamlit's keys.
    """
    names = {column.index: column.name for column in picture.columns(study, reading.ask)}
    layer = st.select_slider("Layer", list(names), max(names), names.__getitem__, key=f"{name} layer")
    _show_in(study, found, name, layer)


def _show_in(study: Study, found: Sequence[TokenPlaces], name: str, layer: int) -> None:
    """The same in a layer that was chosen before."""
    spots = {spot.id: spot for spot in picture.spots(study, reading.ask)}
    names = {column.index: column.name for column in picture.columns(study, reading.ask)}
    by = st.radio("A token's colour is", [REGION, CATEGORY], horizontal=True, key=f"{name} colour") or REGION
    ground = _by_category(study, spots) if by == CATEGORY else _by_region(found)
    titles = {region: spot.title for region, spot in spots.items()}
    if by == CATEGORY:
        show_region_text(_legend(study), LEGEND, f"{name} legend")
    for number, (place, one) in enumerate(zip(st.columns(len(found)), found, strict=True)):
        own = f"{name}-{number}" if len(found) > 1 else name
        with place:
            st.text(" ".join([headline(study, one), *one.notes]))
            show_region_text(region_pieces(one, layer, ground, titles), LABEL, f"{own} text")
            _show_tables(one, layer, titles, names, own)
    st.caption(f"{BY_CATEGORY if by == CATEGORY else BY_REGION} Hover over a token for its region. {CONTEXT}")


def _show_tables(
    found: TokenPlaces, layer: int, titles: Mapping[str, str], names: Mapping[int, str], name: str
) -> None:
    frame, whole = in_layer(found, layer, titles), every_layer(found, names)
    show_frame(frame, "%.2f", height=HEIGHT)
    offer([numbers(frame, f"{name}-{layer}"), numbers(whole, f"{name}-layers", "CSV of all layers")])
    with st.expander("Its tokens' regions in every layer"):
        show_frame(whole, height=HEIGHT)


def _legend(study: Study) -> list[RegionPiece]:
    """The categories, each in its colour."""
    colours = category_colours(picture.categories(study, reading.ask))
    named = ([RegionPiece(category, colour), RegionPiece("  ")] for category, colour in colours.items())
    return [piece for pair in named for piece in pair]


def _by_region(found: Sequence[TokenPlaces]) -> Callable[[str], str]:
    """Gives a region's own colour, the same in every layer that it is carried to."""
    own = hues(*found)
    return lambda region: own[name_of(region)]


def _by_category(study: Study, spots: Mapping[str, Spot]) -> Callable[[str], str]:
    """Gives the colour of the category with a region's largest share, the paler the less it outweighs the others."""
    colours = category_colours(picture.categories(study, reading.ask))

    def ground(region: str) -> str:
        spot = spots.get(region)
        if spot is None or spot.dominant is None:
            return NEUTRAL
        return mixed(colours[spot.dominant], PALE, FAINTEST + (1 - FAINTEST) * spot.purity)

    return ground


def in_layer(found: TokenPlaces, layer: int, titles: Mapping[str, str]) -> pd.DataFrame:
    """Every position in the order of the text, with its region and how far it is inside, or why it has none."""
    rows = [
        {
            "position": place,
            "token": shown_of(token),
            "tag": token.tag,
            "region": titles.get(token.regions[layer], token.regions[layer]) if token.regions else None,
            "margin": token.margins[layer] if token.margins else None,
            "left out": token.left_out,
        }
        for place, token in enumerate(found.tokens)
    ]
    return _without_empty(pd.DataFrame(rows).astype({"margin": "float"}))


def every_layer(found: TokenPlaces, names: Mapping[int, str]) -> pd.DataFrame:
    """Every position in the order of the text, with its region in each layer."""
    rows = [
        {"position": place, "token": shown_of(token), "tag": token.tag}
        | {names[layer]: f"R{name_of(region)}" for layer, region in enumerate(token.regions)}
        | {"left out": token.left_out}
        for place, token in enumerate(found.tokens)
    ]
    columns = ["position", "token", "tag", *(names[layer] for layer in range(found.layers)), "left out"]
    return _without_empty(pd.DataFrame(rows, columns=columns))


def _without_empty(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the columns of tags and margins, where there are none."""
    return frame.drop(columns=[name for name in ("tag", "margin") if name in frame and frame[name].isna().all()])
