"""The panels beside the graph: what is behind a region, and behind a connection."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mri_core.numbers import how_many
from mri_core.records.corpus import excerpt
from mri_core.records.graph import GIVEN, Study
from mri_core.records.ids import local_id
from queries.text import NO_WORDS, number, words_told
from ui.drawing.scene import Spot
from ui.jobs import access
from ui.reports.token_regions import within_told
from ui.web.plain import unmarked
from ui.web.state import reading
from ui.web.state.offers import is_beginning
from ui.web.widgets.frames import show_frame
from ui.web.widgets.region_names import show_names
from ui.wording.evidence import chance, shares
from ui.wording.labels import words_of
from ui.wording.units import in_unit, unit_word

STRONGEST = 5  # connections in each direction
TYPICAL = 5  # documents of a region
TEXTS = 10  # documents of a connection
CONTEXTS, MOST_TOKENS = 8, 200  # typical tokens of a region that are shown, and rows that hold them all
LISTED = 1_000_000  # texts of a region, of which those with most tokens are shown
MOST_FINDINGS = 100_000
OVER_REPRESENTED = (
    "Words that its documents have more often than the layer's others, beyond chance; most specific first."
)
SURE = (
    "Odds of the category's documents over those of the others, with their interval; q is the connection's p, "
    "adjusted for how many were tested."
)
LATER = (
    " Of several categories, the surest is compared with all others, each further one without those named before it."
)


def show_region(
    study: Study, spot: Spot, spots: Mapping[str, Spot], layers: Mapping[int, str], colours: Mapping[str, str]
) -> None:
    """A region's words, categories, strongest connections in and out, and most typical documents."""
    st.subheader("Region")
    st.text(f"{layers[spot.layer]}, region {spot.name}: {_held(spot)}")
    show_names(study, spot.id)
    st.text(", ".join(spot.keywords) or json.loads(study.report).get("no_words", NO_WORDS))
    st.caption(_over_represented(study))
    deed = "pass the region" if study.unit == "document" else "are in the region"
    _show_categories(study, reading.ask(study, "region-profile", region=spot.id).records(), colours, deed)
    ends = reading.ask(study, "connections-of-region", region=spot.id, limit=STRONGEST).records()
    for direction, title in (("in", "Strongest connections in"), ("out", "Strongest connections out")):
        rows = [row for row in ends if row["direction"] == direction]
        if rows:
            st.markdown(f"**{title}**")
            show_frame(_ends(study, rows, spots))
    if study.unit == "token":
        _show_contexts(study, spot)
        return
    st.markdown("**Most typical documents**")
    _show_documents(study, reading.ask(study, "documents-of-region", region=spot.id, limit=TYPICAL).records())


def _held(spot: Spot) -> str:
    """How many documents it holds, or tokens and the texts that these are of."""
    texts = "" if spot.texts is None else f" of {how_many(spot.texts, 'text')}"
    return f"{how_many(spot.documents or 0, spot.unit)}{texts}"


def _over_represented(study: Study) -> str:
    if study.unit == "token":
        return "Tokens over-represented in it beyond chance, against the layer's others: most specific first."
    return "Words over-represented in its documents beyond chance, against the layer's others: most specific first."


def _show_contexts(study: Study, spot: Spot) -> None:
    """The most typical tokens in their texts, and the texts with the most tokens there."""
    rows = reading.ask(study, "tokens-of-region", region=spot.id, limit=MOST_TOKENS).records()
    typical = [row for row in rows if row["what"] == "exemplar"][:CONTEXTS]
    if typical:
        st.markdown("**Most typical tokens**, each between « and » in its text")
    for row in typical:
        with st.container(border=True):
            st.text(row["text"])
            _link(study, row["document"], row["category"])
    texts = reading.ask(study, "documents-of-region", region=spot.id, limit=LISTED).records()
    most = sorted(texts, key=lambda row: -row["tokens"])[:TYPICAL]
    st.markdown("**Texts with the most tokens in it**")
    for row in most:
        with st.container(border=True):
            st.text(f"{how_many(row['tokens'], 'token')}: {excerpt(row['excerpt'])}")
            _link(study, row["document"], row["category"])


def _show_texts(study: Study, rows: Sequence[Mapping[str, Any]]) -> None:
    """Texts with tokens in both regions of a connection."""
    for row in rows:
        with st.container(border=True):
            where = f"{row['source_tokens']} tokens in the first region, {row['target_tokens']} in the second"
            st.text(f"{where}: {excerpt(row['excerpt'])}")
            _link(study, row["document"], row["category"])


def _link(study: Study, document: str, category: str | None) -> None:
    """To a text's regions."""
    name = local_id(study.id, document)
    label = f"{name} and its tokens" if category is None else f"{name}, {category}, and its tokens"
    st.page_link("documents.py", label=unmarked(label), query_params={"study": study.name, "document": name})


def show_connection(
    study: Study, source: Spot, target: Spot, layers: Mapping[int, str], colours: Mapping[str, str]
) -> None:
    """A connection's shares by category, and its documents."""
    ends = {"source": source.id, "target": target.id}
    profile = reading.ask(study, "connection-profile", **ends).records()
    st.subheader("Connection")
    st.text(f"From {layers[source.layer]}, {source.title}\nto {layers[target.layer]}, {target.title}")
    st.text(how_many(sum(row[f"{study.unit}s"] for row in profile), study.unit))
    _show_categories(study, profile, colours, "take the connection")
    _show_findings(study, source, target)
    what = "**Documents**, the most typical of both regions first"
    st.markdown(what if study.unit == "document" else "**Texts** with tokens in both, the most typical first")
    _show_documents(study, reading.ask(study, "documents-of-connection", limit=TEXTS, **ends).records())


def _show_findings(study: Study, source: Spot, target: Spot) -> None:
    """Which categories take the connection more or less than the others, and how sure that is."""
    if study.fdr is None:  # nothing was tested
        return
    ends = source.id, target.id
    asked = reading.ask(study, "findings", layer=source.layer, order="interval", limit=MOST_FINDINGS).records()
    rows = [row for row in asked if (local_id(study.id, row["source"]), local_id(study.id, row["target"])) == ends]
    st.markdown("**More than chance**")
    for row in rows:
        st.text(f"{row['category']}: {row['finding']}, {_sure(study, row)}")
    if not rows:
        st.text("No category is found to take it more or less than the others.")
    st.caption(in_unit(study, SURE) + (LATER if len(rows) > 1 else ""))


def _sure(study: Study, row: Mapping[str, Any]) -> str:
    odds, interval = chance(row["effect"], row["ci_low"], row["ci_high"])
    told = [
        shares(row["share"], row["others_share"], unit_word(study), row["named_before"]),
        *([f"odds {odds} times ({interval})"] if odds else []),
    ]
    told += [f"q {number(row['q'])}", *([within] if (within := within_told(row)) else [])]
    if row["stability"] is not None:
        told.append(f"found again in {row['stability']:.0%} of refits")
    return ", ".join(told)


def _show_categories(study: Study, profile: Sequence[Mapping[str, Any]], colours: Mapping[str, str], deed: str) -> None:
    from ui.web.widgets.category_bars import (
        category_bars,  # the graph is drawn before there is a panel, and needs no charts
    )

    st.altair_chart(category_bars(profile, colours))
    told = f"Documents of each category that {deed}; in brackets their share of all the category's documents."
    st.caption(in_unit(study, told))


def _ends(study: Study, rows: Sequence[Mapping[str, Any]], spots: Mapping[str, Spot]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "region": spots[local_id(study.id, row["neighbour"])].name,
                unit_word(study): row["weight"],
                "of this region": f"{row['part']:.0%}",
                "words": words_told(words_of(spots[local_id(study.id, row["neighbour"])].given, row["keywords"]), 3),
            }
            for row in rows
        ]
    )


def _show_documents(study: Study, rows: Sequence[Mapping[str, Any]]) -> None:
    if study.stored:
        st.caption(f"{study.stored}, and these are among them.")
    if study.unit == "token":
        _show_texts(study, rows)
        return
    label = "Its path and its tokens" if study.model != GIVEN and access.may("texts") else "Its path"
    for row in rows:
        with st.container(border=True):
            st.text(row["category"] if is_beginning(row) else f"{row['category']}: {excerpt(row['title'])}")
            if row["excerpt"]:
                st.text(row["excerpt"])
            address = {"study": study.name, "document": local_id(study.id, row["document"])}
            st.page_link("documents.py", label=label, query_params=address)
