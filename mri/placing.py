"""Later texts placed in a study's atlas, as a data frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mri.documents import column_of
from mri.frames import frame

if TYPE_CHECKING:
    import pandas as pd

    from ui.reports.placed_texts import Placed

TEXT = {"text": "string", "tokens": "int", "cut": "int"}


def placed_frame(placed: Placed) -> pd.DataFrame:
    """A row for each text: what was read of it, and its region in each layer or, of components, its scores on them."""
    found = placed.found
    lengths = [None] * len(placed.texts) if found.activations.tokens is None else found.activations.tokens.tolist()
    known = zip(placed.texts, lengths, found.cut.tolist(), strict=True)
    where, kind = (_regions(placed), "region") if placed.paths else (_scores(placed), "float")
    rows = [
        {**dict(zip(TEXT, row, strict=True)), **({} if unread else own)}
        for row, own, unread in zip(known, where, found.unread.tolist(), strict=True)
    ]
    return frame(rows, {**TEXT, **dict.fromkeys(where[0], kind)})


def _regions(placed: Placed) -> Sequence[dict[str, Any]]:
    return [{column_of(layer): region for layer, region in enumerate(path)} for path in placed.paths]


def _scores(placed: Placed) -> Sequence[dict[str, Any]]:
    return [
        {
            f"L{layer}/R{component}": float(score)
            for layer, of_layer in enumerate(placed.scores)
            for component, score in enumerate(of_layer[text])
        }
        for text in range(len(placed.texts))
    ]
