"""Two studies of other documents in one atlas, on the page Compare: each category against its namesake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from mri_core.numbers import finite
from mri_core.records.graph import Study
from ui.drawing import picture
from ui.web.plain import in_method
from ui.web.state import reading
from ui.web.widgets.frames import show_frame
from ui.web.widgets.saving import numbers, offer
from ui.wording.evidence import odds_told
from ui.wording.labels import region_label

if TYPE_CHECKING:
    from mri_core.studies.other_documents import OtherDocuments

COUNTS = (
    "Documents of both studies, each category against its namesake: connections that were tested, and those that "
    "differ by more than chance (q ≤ 0.05). The last row holds the categories constant (Mantel and Haenszel)."
)
FOUND = (
    "Share of the documents that take the connection, in each study; odds: odds ratio of {other} against {base}, with "
    "its interval; unlike: q of Woolf's test that the odds ratio is the same in every category."
)
NOTHING = "No connection differs by more than chance (q above 0.05)."


def show(base: Study, other: Study, asked: str, bound: Callable[[str, Any], Any]) -> None:
    """The counts by category, what else differs, and the connections of a category.

    Args:
        base, other: the studies.
        asked: category of the address; the last family for any other.
        bound: arguments of a box that shows a choice.
    """
    from ui.reports import other_documents

    compared = reading.compare_other_documents(base, other)
    st.text(f"{other.name} against {base.name}, other documents in one atlas; q by {compared.fdr}.")
    if compared.left_out:
        st.text(other_documents.left_out(compared))
    for line in compared.warnings:
        st.text(line)
    if told := other_documents.fitted_to_one(compared):
        st.text(told)
    counted = counts_table(compared)
    show_frame(counted)
    st.caption(COUNTS + in_method("Other documents, one model"))
    if told := other_documents.interaction(compared):
        st.text(told)
    offer([numbers(counted, f"{base.name}-{other.name}-counts")])
    _show_found(compared, asked, bound)


def counts_table(compared: OtherDocuments) -> pd.DataFrame:
    """A row for each category, and one for all."""
    from ui.reports.other_documents import ALL

    found, sizes = compared.contrast, [*compared.sizes.tolist(), compared.sizes.sum(axis=0).tolist()]
    return pd.DataFrame(
        [
            {
                "category": name,
                f"documents of {compared.base.name}": own[0],
                f"documents of {compared.other.name}": own[1],
                "tested": int(found.tests[row]),
                "differ": int(found.passed[row]),
            }
            for row, (name, own) in enumerate(zip([*compared.categories, ALL], sizes, strict=True))
        ]
    )


def _show_found(compared: OtherDocuments, asked: str, bound: Callable[[str, Any], Any]) -> None:
    from ui.reports.other_documents import ALL

    base, other = compared.base, compared.other
    names = [ALL, *compared.categories]
    category = asked if asked in names else ALL
    box, _ = st.columns([5, 7])
    box.selectbox("Connections that differ in", names, **bound("category", category))
    layers = {column.index: column.name for column in picture.columns(base, reading.ask)}
    table = found_table(compared, (names.index(category) - 1) % len(names), layers)
    if table.empty:
        st.text(NOTHING)
        return
    show_frame(table)
    st.caption(FOUND.format(base=base.name, other=other.name) + in_method("Other documents, one model"))
    offer([numbers(table, f"{base.name}-{other.name}-differences")])


def found_table(compared: OtherDocuments, family: int, layers: Mapping[int, str]) -> pd.DataFrame:
    """The connections that differ, the nearer end of the interval first.

    Args:
        compared: the comparison.
        family: number of the category; of all of them the number after the last.
        layers: names of the layers.
    """
    from mri_core.evidence.unpaired import found_items
    from ui.reports.other_documents import shares

    found = compared.contrast
    evidence = found.effect, found.ci_low, found.ci_high
    rows = []
    for item in found_items(found, family).tolist():
        ends = (int(end[item]) for end in (found.source, found.target))
        source, target = (region_label(_name(compared.regions[end]), compared.keywords[end], 2) for end in ends)
        share, other_share = shares(compared, item, family)
        rows.append(
            {
                "leaves": layers[int(found.layer[item])],
                "from": source,
                "to": target,
                f"share, {compared.base.name}": share,
                f"share, {compared.other.name}": other_share,
                "odds": odds_told(*(finite(part[item, family]) for part in evidence)),
                "q": float(found.q[item, family]),
                "unlike": finite(found.interaction_q[item]),
            }
        )
    return pd.DataFrame(rows)


def _name(region: str) -> str:
    return region.rpartition("/R")[2]
