"""The numbers behind the pictures of interventions, as tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mri_core.records.interventions import Intervention
from queries.text import words_told
from ui.reports.interventions import WORDS, Words, before_of, is_causal, short

COLUMNS = {
    "layer": "layer",
    "region": "region",
    "before": "share before",
    "change": "change",
    "ci_low": "from",
    "ci_high": "to",
    "control_least": "controls, least",
    "control_mean": "controls, mean",
    "control_most": "controls, most",
    "p": "p",
    "counts": "counts",
}


def effects_table(found: Sequence[Intervention], words: Words) -> pd.DataFrame:
    """A row for each intervention."""
    return pd.DataFrame(
        [
            {
                "tried": short(one),
                "words": _words(one, words),
                "beyond controls": "yes" if is_causal(one) else "no" if one.q is not None else None,
                "share before": before_of(one),
                "effect": one.effect,
                "from": one.ci_low,
                "to": one.ci_high,
                "in layer": one.effect_layer,
                "controls": one.control_mean,
                "largest": one.control_max,
                "q": one.q,
                "to layer": one.depth,
                "texts": one.documents,
                "category": one.category,
            }
            for one in found
        ]
    )


def _words(one: Intervention, words: Words) -> str:
    """Of its region, or of both of its connection."""
    ends = [one.region, *([] if one.towards is None else [one.towards])]
    return " → ".join(words_told(words.get(end, ()), WORDS) for end in ends)


def reach_table(one: Intervention) -> pd.DataFrame:
    """A row for each later layer of an intervention."""
    rows = one.details.get("path", [])
    return pd.DataFrame([{title: row[name] for name, title in COLUMNS.items()} for row in rows])
