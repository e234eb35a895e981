"""A study's counts: worked out apart from what a scan left on the disk, and as the graph has them."""

from __future__ import annotations

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from mri_core.store.store import Store

ALL = 10**7  # rows


class Counts(NamedTuple):
    """Counts by layer, names of regions and category; `flows` and `activity` have (count, share, lift)."""

    flows: dict[tuple[int, str, str, str], tuple[int, float, float]]
    activity: dict[tuple[int, str, str], tuple[int, float, float]]
    regions: dict[tuple[int, str], int]
    passes: set[tuple[int, int, str]]


def saved_rows(cache: Path) -> tuple[list[np.ndarray], np.ndarray]:
    """Layers and token counts of the only scan in a cache."""
    (facts,) = (cache / "activations").rglob("facts.npy")
    return layers_of(facts.parent), np.maximum(np.load(facts)[:, 0], 1)


def layers_of(folder: Path) -> list[np.ndarray]:
    """`L0.npy`, `L1.npy`, … of a folder."""
    return [np.load(folder / f"L{index}.npy") for index in range(len(list(folder.glob("L*.npy"))))]


def atlas_arrays(store: Store, study: str) -> dict[str, np.ndarray]:
    """The arrays of a study's stored atlas, by layer and name: `1.centres`."""
    parts = store.read("MATCH (n:AtlasPart {study: $s}) RETURN n.number, n.data ORDER BY n.number", {"s": study}).rows
    with np.load(BytesIO(b"".join(b64decode(data) for _, data in parts))) as file:
        return dict(file)


def placed(store: Store, study: str, layers: list[np.ndarray], tokens: np.ndarray | None) -> list[list[str]]:
    """The region that each document (outer list) passes in each layer, by the arrays of the study's stored atlas."""
    arrays = atlas_arrays(store, study)
    resolution = json.loads(str(arrays["spec"]))["resolution"]
    names = []
    for index, layer in enumerate(layers):
        own = {key.split(".", 1)[1]: value for key, value in arrays.items() if key.startswith(f"{index}.")}
        scores = _scores(own, layer.astype(float), tokens)
        if "centres" in own:
            distances = np.linalg.norm(scores[:, None, :] - own["centres"][None], axis=2)
            names.append([str(region) for region in distances.argmin(axis=1)])
        else:
            cells = [_cells(own["edges"][axis], scores[:, axis], resolution) for axis in (0, 1)]
            names.append([f"{x}-{y}" for x, y in zip(*cells, strict=True)])
    return [list(row) for row in zip(*names, strict=True)]


def _scores(own: dict[str, np.ndarray], rows: np.ndarray, tokens: np.ndarray | None) -> np.ndarray:
    if "length_coefficients" in own:
        assert tokens is not None
        length = tokens.astype(float)
        rows = rows - np.column_stack([length**0, 1 / length, np.log(length), length]) @ own["length_coefficients"]
    return (rows - own["mean"]) / own["scale"] @ own["components"].T


def _cells(edges: np.ndarray, scores: np.ndarray, resolution: int) -> list[int]:
    """Bins as pandas cuts them: right-closed, the lowest edge included."""
    if edges[0] == edges[-1]:
        return [(resolution - 1) // 2] * len(scores)
    return list(pd.cut(np.clip(scores, edges[0], edges[-1]), edges, labels=False, include_lowest=True))


def counted(regions: Sequence[Sequence[str]], labels: Sequence[str]) -> Counts:
    """The counts of documents that pass these regions, one list a document."""
    sizes = Counter(labels)
    flows: Counter[Any] = Counter()
    activity: Counter[Any] = Counter()
    for names, label in zip(regions, labels, strict=True):
        activity.update((layer, name, label) for layer, name in enumerate(names))
        flows.update((layer, names[layer], names[layer + 1], label) for layer in range(len(names) - 1))
    return Counts(
        flows=_with_shares(flows, sizes),
        activity=_with_shares(activity, sizes),
        regions=dict(Counter((layer, name) for names in regions for layer, name in enumerate(names))),
        passes={(i, layer, name) for i, names in enumerate(regions) for layer, name in enumerate(names)},
    )


def _with_shares(counts: Counter[Any], sizes: Counter[str]) -> dict[Any, tuple[int, float, float]]:
    """(count, share of the category's documents, share over the mean of all categories' shares) by key."""
    return {
        key: (
            count,
            count / sizes[key[-1]],
            (count / sizes[key[-1]])
            / (sum(counts[(*key[:-1], other)] / size for other, size in sizes.items()) / len(sizes)),
        )
        for key, count in list(counts.items())
    }


def stored(store: Store, study: str) -> Counts:
    """What the graph says, read by Cypher."""

    def read(statement: str) -> list[tuple[Any, ...]]:
        return list(store.read(statement, {"study": study}, max_rows=ALL).rows)

    flows = read(
        "MATCH (s:Region {study: $study})-[e:FLOWS_TO {study: $study}]->(t:Region {study: $study}) "
        "WHERE t.layer = s.layer + 1 "
        "RETURN s.layer, s.name, t.name, e.category, e.weight, e.share, e.lift"
    )
    activity = read(
        "MATCH (r:Region {study: $study})-[a:ACTIVATED_BY {study: $study}]->(c:Category {study: $study}) "
        "RETURN r.layer, r.name, c.name, a.documents, a.share, a.lift"
    )
    regions = read("MATCH (r:Region {study: $study}) RETURN r.layer, r.name, r.documents")
    return Counts(
        flows={row[:4]: row[4:] for row in flows},
        activity={row[:3]: row[3:] for row in activity},
        regions={row[:2]: row[2] for row in regions},
        passes=set(
            read(
                "MATCH (d:Document {study: $study})-[p:PASSES]->(r:Region {study: $study}) WHERE p.layer = r.layer "
                "RETURN d.ordinal, p.layer, r.name"
            )
        ),
    )


def assert_equal(found: Counts, expected: Counts) -> None:
    """The same keys, the same whole numbers, and shares and lifts that differ by rounding at most."""
    assert found.passes == expected.passes
    assert found.regions == expected.regions
    for ours, theirs in ((found.flows, expected.flows), (found.activity, expected.activity)):
        assert ours.keys() == theirs.keys()
        assert all(isinstance(value[0], int) for value in ours.values())
        np.testing.assert_allclose([ours[k] for k in theirs], [theirs[k] for k in theirs], rtol=1e-12)
