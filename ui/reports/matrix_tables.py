"""The connectivity matrix as tables: regions by regions, and in long form."""

from __future__ import annotations

from typing import Any

import pandas as pd

from queries.text import words_told
from ui.drawing.connectivity import Connectivity


def matrix_table(shown: Connectivity) -> pd.DataFrame:
    """A row for each region that connections leave, a column for each that they reach; headed by what the numbers are.

    Regions are named as in questions: `L3/R5`.
    """
    kind: Any = "Int64" if shown.value == "documents" else "float64"
    numbers = {
        column.id: pd.array([shown.number(row.id, column.id) for row in shown.rows], dtype=kind)
        for column in shown.columns
    }
    return pd.DataFrame({shown.title: [row.id for row in shown.rows], **numbers})


def pairs_table(shown: Connectivity) -> pd.DataFrame:
    """A row for each connection that documents take, in the order of the matrix, with all that is known of it."""
    rows = []
    for source in shown.rows:
        for target in shown.columns:
            cell = shown.cells.get((source.id, target.id))
            if cell is None:
                continue
            known = {
                "from": source.id,
                "from layer": shown.layers[source.layer],
                "from words": words_told(source.words),
                "to": target.id,
                "to layer": shown.layers[target.layer],
                "to words": words_told(target.words),
                f"{shown.unit}{shown.of}": cell.documents,
                shown.part_title: cell.part,
                shown.share_title: cell.share,
                "largest share of": cell.most,
                "largest − smallest share of a category": cell.spread,
            }
            rows.append(known | ({shown.difference_title: cell.difference} if shown.category else {}))
    return pd.DataFrame(rows)
