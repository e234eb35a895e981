"""The choice of what colours stand for, where a study's labels were crossed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def colour_by(place: DeltaGenerator, labels: Sequence[str], binding: Mapping[str, Any]) -> None:
    """The box in which it is chosen.

    Args:
        place: where it stands.
        labels: of the study.
        binding: as `bound` gives it for the label that is shown, "" for the categories.
    """
    names = {"": "category"} | {label: label for label in labels}
    place.selectbox(
        "Colour by",
        list(names),
        format_func=lambda label: names.get(label, label),
        help="Of the graph and the paths of documents. Heatmaps have a row for each category or value.",
        **binding,
    )
