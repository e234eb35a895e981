"""The tab "Two studies" of the page Compare: two in one atlas, of the same documents, or of the same model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mri_core.atlas.kinds import traits_of
from mri_core.errors import UsageError, unknown_name
from mri_core.records.graph import Study
from mri_core.records.units import refuse_tokens
from queries.text import words_told
from ui.drawing import picture
from ui.drawing.layer_lines import Panel, Point
from ui.reports.contrasts import QUICK
from ui.web.plain import in_method, show_error
from ui.web.state import reading
from ui.web.state.beside import WAYS, Beside
from ui.web.state.reading import StudyGoneError
from ui.web.tabs import other_documents, same_documents
from ui.web.widgets.charts import lines_chart
from ui.web.widgets.frames import show_frame
from ui.web.widgets.saving import numbers, offer
from ui.wording.labels import WORDS

NOTHING = "No other study in this store read the same documents, scanned the same model or stands in the atlas of {}."
COMPONENTS = "Components hold no documents, so that there is nothing to count in {}."
EXPLAINED = (
    "Layers of the second study stand at the layer of the first that is as deep. **Divergence above chance**: how "
    "far apart a study's categories sit, less what shuffled labels give, with its interval; it can be log2 of the "
    "categories at most. **Regions in effect**: exp(entropy of the documents over the regions); more regions spread"
    " more. **Agreement**: adjusted Rand index of the regions, 0 as by chance, 1 where both hold the same documents"
    " together; only of studies of the same documents. No test compares studies: look at whether the intervals keep"
    " apart."
)
SITS = (
    "The region of each layer that holds most of the category's documents, by its words; the share of them that is "
    "there; and over how many regions they spread in effect. Described as counted, not tested."
)
FAMILIES = (
    "What is found at q ≤ 0.05 in each study, and with random blocks. Counts depend on how many regions and "
    "documents there are: they are not sizes."
)
LARGE = "To compare {documents:,} documents takes a while."
Row = Mapping[str, Any]


def show(study: Study, chosen: Beside, go: Callable[..., None], bound: Callable[[str, Any], Any]) -> None:
    """The choice of the other study, and both on one scale: in their atlas, where they stand in one.

    Args:
        study: that is read.
        chosen: what the address says.
        go: called with changed choices.
        bound: arguments of a box that shows a choice.
    """
    try:
        refuse_tokens(study, "Studies are compared by the regions that whole documents pass")
    except UsageError as error:  # a scan of tokens has none: nothing went wrong
        st.text(str(error))
        return
    in_atlas = [one for one in reading.studies() if one.id != study.id and stand_in_one_atlas(study, one)]
    kin = _kin(study, in_atlas)
    if not kin:
        st.text(NOTHING.format(study.name))
        return
    other = _other(chosen.other, kin)
    box, words, way_box = st.columns([3, 6, 3], vertical_alignment="bottom")
    box.selectbox("Beside", list(kin), **bound("other", other))
    words.text(_kinship(study, kin[other]))
    beside = reading.study(kin[other]["other"])
    if stand_in_one_atlas(study, beside):
        way_box.selectbox("Compared", list(WAYS), format_func=WAYS.__getitem__, **bound("way", chosen.way))
        if chosen.way == "atlas" and _show_in_atlas(study, beside, chosen, in_atlas, go, bound):
            return
    _show_layers(study, beside, chosen, bound)


def stand_in_one_atlas(study: Study, other: Study) -> bool:
    """Whether two studies stand in one atlas, in whose regions documents can be compared."""
    same = study.atlas_hash is not None and study.atlas_hash == other.atlas_hash
    return same and study.unit == other.unit and traits_of(study.atlas).holds_documents


def _kin(study: Study, in_atlas: Sequence[Study]) -> dict[str, Row]:
    """The studies to compare with by name: first those in the same atlas, the one that it was fitted to before all."""
    of_tokens = {one.id for one in reading.studies() if one.unit == "token"}
    related = {row["name"]: row for row in reading.related(study) if row["other"] not in of_tokens}
    first = sorted(in_atlas, key=lambda one: (one.id != study.atlas_of, _documents(one) != _documents(study)))
    known = {one.name: related.get(one.name) or _row(study, one) for one in first}
    return {name: {**row, "one_atlas": True} for name, row in known.items()} | {
        name: row for name, row in related.items() if name not in known
    }


def _row(study: Study, other: Study) -> Row:
    """As the question `related-studies` has it, of one that is related by its atlas alone."""
    return {"other": other.id, "same_corpus": False, "same_model": False, "same_atlas": True, "model": other.model}


def _show_in_atlas(
    study: Study,
    beside: Study,
    chosen: Beside,
    in_atlas: Sequence[Study],
    go: Callable[..., None],
    bound: Callable[[str, Any], Any],
) -> bool:
    """Both in their atlas, the one that it was fitted to as the base; returns whether they can be compared in it."""
    base, other = (beside, study) if study.atlas_of == beside.id else (study, beside)
    paired = _documents(base) == _documents(other)
    known = [one for one in in_atlas if one.id != beside.id and _documents(one) == _documents(base)] if paired else []
    if not _is_asked(base, other):
        return True
    try:
        if paired:
            same_documents.show(base, other, chosen, known, go, bound)
        else:
            other_documents.show(base, other, chosen.category, bound)
    except UsageError as error:
        if isinstance(error, StudyGoneError):
            raise
        st.text(str(error))
        return False
    return True


def _documents(study: Study) -> tuple[str, int]:
    return study.documents_read, study.documents


def _is_asked(base: Study, other: Study) -> bool:
    """Whether the comparison is quick, or was asked for in this session."""
    asked = f"compared {base.id} {other.id}"
    documents = max(base.documents, other.documents)
    if documents * base.layers <= QUICK or st.session_state.get(asked):
        return True
    st.text(LARGE.format(documents=documents))
    st.button("Compare them", on_click=lambda: st.session_state.update({asked: True}))
    return False


def _show_layers(study: Study, beside: Study, chosen: Beside, bound: Callable[[str, Any], Any]) -> None:
    """Both layer by layer, whatever atlas each has."""
    holding = [each for each in (study, beside) if not traits_of(each.atlas).holds_documents]
    if holding:
        st.text(COMPONENTS.format(" and ".join(each.name for each in holding)))
        return
    aligned = _aligned(study, beside)
    panels = [panel for panel in (_apart(study, beside, aligned), _spread(study, beside, aligned)) if panel]
    agreement = reading.ask(study, "agreement", other=beside.id).records()
    if agreement:
        points = [Point(row["layer"], row["agreement"]) for row in agreement]
        panels.append(Panel("Agreement of the regions", "adjusted Rand index", {"": points}, {}))
    places = st.columns(2)
    for i, panel in enumerate(panels):
        places[i % 2].altair_chart(lines_chart(panel, 0))
    st.caption(EXPLAINED + in_method("Layer by layer"))
    table = _table(aligned, agreement)
    offer([numbers(table, f"{study.name}-{beside.name}-layers")])
    with st.expander("The numbers behind the pictures"):
        show_frame(table)
    _show_category(study, beside, chosen.category, bound)
    _show_families(study, beside)


def _other(asked: str, kin: Mapping[str, Row]) -> str:
    ids = {row["other"]: name for name, row in kin.items()}
    found = asked if asked in kin else ids.get(asked)
    if asked and found is None:
        show_error(unknown_name("related study", asked, list(kin)))
    return found or next(iter(kin))


def _kinship(study: Study, row: Row) -> str:
    shared = [word for key, word in (("same_corpus", "documents"), ("same_model", "model")) if row[key]]
    if row.get("one_atlas"):
        same = f"The same {' and '.join(shared)}" if shared else "Other documents and another model"
        return f"{same}; in one atlas. {study.model} beside {row['model']}."
    atlas = "regions of the same kind" if row["same_atlas"] else f"regions of {study.atlas} and of {row['atlas']}"
    return f"The same {' and '.join(shared)}; {atlas}. {study.model} beside {row['model']}."


def _aligned(study: Study, beside: Study) -> list[Row]:
    """The pairs of layers that are as deep, with what is counted and tested of both."""
    rows = reading.ask(study, "compare-layers", other=beside.id).records()
    ours, theirs = (
        {row["layer"]: row for row in reading.ask(of, "layer-differences").records()} for of in (study, beside)
    )
    found: list[Row] = []
    for row in rows:
        merged = {"layer": row["layer"], "other_layer": row["other_layer"]}
        for tested, prefix in ((ours.get(row["layer"], {}), ""), (theirs.get(row["other_layer"], {}), "other_")):
            merged |= {f"{prefix}{key}": tested.get(key) for key in ("over_chance", "ci_low", "ci_high", "p")}
            merged |= {f"{prefix}{key}": row[f"{prefix}{key}"] for key in ("regions", "effective_regions")}
        found.append(merged)
    return found


def _apart(study: Study, beside: Study, aligned: Sequence[Row]) -> Panel | None:
    lines = {
        of.name: [
            Point(row["layer"], row[f"{p}over_chance"], row[f"{p}ci_low"], row[f"{p}ci_high"])
            for row in aligned
            if row[f"{p}over_chance"] is not None
        ]
        for of, p in ((study, ""), (beside, "other_"))
    }
    known = {name: line for name, line in lines.items() if line}
    return Panel("Divergence above chance", "bits", known, {}) if known else None


def _spread(study: Study, beside: Study, aligned: Sequence[Row]) -> Panel:
    lines = {
        of.name: [Point(row["layer"], row[f"{p}effective_regions"]) for row in aligned]
        for of, p in ((study, ""), (beside, "other_"))
    }
    return Panel("Regions in effect", "regions", lines, {})


def _table(aligned: Sequence[Row], agreement: Sequence[Row]) -> pd.DataFrame:
    table = pd.DataFrame(aligned)
    if agreement:
        table["agreement"] = table["layer"].map({row["layer"]: row["agreement"] for row in agreement})
    return table


def _show_category(study: Study, beside: Study, asked: str, bound: Callable[[str, Any], Any]) -> None:
    """Where most of a category sits in each, in the words of the regions."""
    shared = [
        name for name in picture.categories(study, reading.ask) if name in picture.categories(beside, reading.ask)
    ]
    if not shared:
        return
    box, _ = st.columns([3, 9])
    category = asked if asked in shared else shared[0]
    box.selectbox("Where most of a category sits", shared, **bound("category", category))
    layers = {column.index: column.name for column in picture.columns(study, reading.ask)}
    rows = reading.ask(study, "category-across", other=beside.id, category=category).records()
    table = pd.DataFrame(
        {"layer": layers[row["layer"]]}
        | {
            f"{of.name}: {title}": words_told(row[f"{p}keywords"], WORDS) if key == "keywords" else row[f"{p}{key}"]
            for of, p in ((study, ""), (beside, "other_"))
            for key, title in (("keywords", "words"), ("share", "share"), ("effective_regions", "regions in effect"))
        }
        for row in rows
    )
    show_frame(table)
    st.caption(SITS + in_method("From regions to connections"))
    offer([numbers(table, f"{study.name}-{beside.name}-category")])


def _show_families(study: Study, beside: Study) -> None:
    found = {of.name: {row["family"]: row for row in reading.ask(of, "controls").records()} for of in (study, beside)}
    families = sorted({family for rows in found.values() for family in rows})
    if not families:
        return
    st.markdown("**What is found in each**")
    table = pd.DataFrame(
        [
            {"family": family}
            | {
                f"{name}: {title}": rows.get(family, {}).get(key)
                for name, rows in found.items()
                for key, title in (("findings", "found"), ("random_blocks", "with random blocks, mean"))
            }
            for family in families
        ]
    )
    show_frame(table)
    st.caption(FAMILIES + in_method("Is a difference real?"))
    offer([numbers(table, f"{study.name}-{beside.name}-findings")])
