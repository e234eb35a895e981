"""Where the two factors of the demo corpus show: how far topic, and how far register, parts the texts in each layer."""

from __future__ import annotations

from math import log2

import numpy as np

from mri_core.records.graph import Study
from mri_core.statistics import jensen_shannon
from mri_core.store.store import Store
from queries.catalog import own_catalog
from queries.runner import run
from ui.wording.terminal import table

FACTORS = ("topic", "register")  # the parts of a category's name
MOST_LAYERS = 9


def factor_table(store: Store, study: Study) -> str:
    """Divergence between the topics, and between the registers, as parts of the most that each could be: a row each.

    Of more layers than a line holds, evenly spaced ones.

    Args:
        store: that holds the study.
        study: of the demo corpus; its categories are called `<topic>-<register>` and are of one size.
    """
    shares = _shares_by_layer(store, study)
    layers = sorted(shares)
    shown = sorted({layers[round(at)] for at in np.linspace(0, len(layers) - 1, min(len(layers), MOST_LAYERS))})
    rows = [
        (factor, *(f"{_divergence(shares[layer], part):.2f}" for layer in shown)) for part, factor in enumerate(FACTORS)
    ]
    return table(("layer", *map(str, shown)), rows)


def _shares_by_layer(store: Store, study: Study) -> dict[int, dict[str, dict[str, float]]]:
    """For each layer and category the share of its documents in each region."""
    catalog = own_catalog()
    categories = [row["category"] for row in run(store, catalog.get("categories"), {"study": study.id}).records()]
    shares: dict[int, dict[str, dict[str, float]]] = {}
    for category in categories:
        for row in run(store, catalog.get("regions"), {"study": study.id, "category": category}).records():
            shares.setdefault(row["layer"], {}).setdefault(category, {})[row["region"]] = row["share"]
    return shares


def _divergence(by_category: dict[str, dict[str, float]], part: int) -> float:
    """Between the merged categories that share a part of their name, over the log of how many there are."""
    regions = sorted({region for shares in by_category.values() for region in shares})
    merged: dict[str, np.ndarray] = {}
    for category, shares in by_category.items():
        level = category.split("-")[part]
        merged[level] = merged.get(level, 0) + np.array([shares.get(region, 0.0) for region in regions])
    return jensen_shannon(np.stack(list(merged.values()))) / log2(len(merged))
