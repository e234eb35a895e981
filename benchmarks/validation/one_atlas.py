"""How often comparisons in one atlas, and confirmations, report what is not there, and how often what is.

    python benchmarks/validation/one_atlas.py STUDY [--splits 100] [--seed 0]

Takes the activations of a ready study (from the cache) and prints a JSON line for each of:

- `halves`: two random halves as two corpora, the second placed in the first one's atlas: share of splits in which any
  connection differs, by family, and in the interaction;
- `thirds`: the same of two thirds that were both placed in an atlas of the other third;
- `confirmation`: findings of one half tested on the other: share that replicates, slope of the effects; and the same
  with the second half's labels shuffled;
- `exchanged`: two readings of the same documents, each document's two exchanged at random, so that nothing changes:
  share of draws in which any region, connection or move changes. The second reading is that of a noisy model;
- `planted`: the same with a share of one category's documents moved to one region in the last layer: share of draws
  in which that region is found to gain.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from ingest.studies.reread import reread
from mri_core.atlas.fitting import fit_atlas, place
from mri_core.evidence.confirming import Claim, confirm
from mri_core.evidence.paired import families, found_items
from mri_core.evidence.unpaired import contrast
from mri_core.records.arrays import Activations, Atlas, AtlasSpec
from mri_core.statistics.blocks import splits
from mri_core.statistics.procedure import Procedure
from mri_core.statistics.tables import connection_tables
from mri_core.store import open_store

NOISE = 0.35  # of each column's spread: moves about a fifth of the documents
PLANTED = (0.05, 0.1, 0.2, 0.4)


def main() -> None:
    """Runs all four on a study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study")
    parser.add_argument("--splits", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with open_store(None, create=False) as store:
        found = reread(store.study(asked.study))
    rows = Activations(tuple(np.asarray(layer) for layer in found.activations.layers), found.activations.tokens)
    spec = AtlasSpec(kind=found.spec.kind, resolution=found.spec.resolution)
    labels, names = found.labels, list(found.names)
    for line in (halves, thirds, confirmations, exchanged):
        print(json.dumps({"study": asked.study, "draws": asked.splits, **line(rows, labels, names, spec, asked)}))


def part(rows: Activations, chosen: np.ndarray) -> Activations:
    """The rows of some documents."""
    return Activations(
        tuple(layer[chosen] for layer in rows.layers), None if rows.tokens is None else rows.tokens[chosen]
    )


def halved(rows: Activations, labels: np.ndarray, spec: AtlasSpec, asked: argparse.Namespace) -> Any:
    """Halves of the documents, with the first half's atlas and the regions of both."""
    for first in splits(labels, asked.splits, asked.seed):
        fit = fit_atlas(part(rows, first), spec)
        yield first, fit.codes, place(fit.atlas, part(rows, ~first))


def halves(
    rows: Activations, labels: np.ndarray, names: list[str], spec: AtlasSpec, asked: argparse.Namespace
) -> dict[str, Any]:
    """Two halves as two corpora."""
    called = []
    for first, own, other in halved(rows, labels, spec, asked):
        called.append(_called(own, other, labels[first], labels[~first], names))
    return {"what": "halves", "any finding": _shares(called, names)}


def thirds(
    rows: Activations, labels: np.ndarray, names: list[str], spec: AtlasSpec, asked: argparse.Namespace
) -> dict[str, Any]:
    """Two thirds as two corpora, neither of which the atlas was fitted to."""
    called = []
    for first in splits(labels, asked.splits, asked.seed, share=1 / 3):
        atlas = fit_atlas(part(rows, first), spec).atlas
        rest = np.flatnonzero(~first)
        (second,) = splits(labels[rest], 1, len(called))
        own, other = (place(atlas, part(rows, chosen)) for chosen in (rest[second], rest[~second]))
        called.append(_called(own, other, labels[rest[second]], labels[rest[~second]], names))
    return {"what": "thirds", "any finding": _shares(called, names)}


def _called(
    own: np.ndarray, other: np.ndarray, own_labels: np.ndarray, other_labels: np.ndarray, names: list[str]
) -> list[bool]:
    """Whether any connection differs, in each family and in the interaction."""
    side = np.repeat([0, 1], [len(own), len(other)])
    both = Procedure(np.concatenate([own_labels, other_labels]), len(names))
    found = contrast(np.concatenate([own, other]), side, both)
    tested = np.isfinite(found.interaction_q)
    return [*(found.passed > 0).tolist(), bool(tested.any() and found.interaction_q[tested].min() <= 0.05)]


def _shares(called: list[list[bool]], names: list[str]) -> dict[str, float]:
    return dict(zip([*names, "all", "interaction"], np.mean(called, axis=0).round(3).tolist(), strict=True))


def confirmations(
    rows: Activations, labels: np.ndarray, names: list[str], spec: AtlasSpec, asked: argparse.Namespace
) -> dict[str, Any]:
    """Findings of a half on the other, with its labels and with shuffled ones."""
    found: dict[str, list[list[float]]] = {"own labels": [], "shuffled labels": []}
    for number, (first, own, other) in enumerate(halved(rows, labels, spec, asked)):
        claims = _claims(own, labels[first], names)
        if not claims:
            continue
        taken = np.array([_takes(other, claim) for claim in claims])
        drawn = {"own labels": labels[~first]}
        drawn["shuffled labels"] = np.random.default_rng(number).permutation(labels[~first])
        for what, given in drawn.items():
            result = confirm(taken, given, claims, names, seed=number)
            found[what].append([result.replicated.mean(), result.replicated.any(), result.slope, len(claims)])
    told = {}
    for what, several in found.items():
        share, any_one, slope, claims_ = np.mean(several, axis=0)
        spread = np.std([one[2] for one in several])
        told[what] = {
            "replicated": round(float(share), 3),
            "any": round(float(any_one), 3),
            "slope": round(float(slope), 3),
            "slope_sd": round(float(spread), 3),
            "claims": round(float(claims_), 1),
        }
    return {"what": "confirmation", **told}


def _claims(codes: np.ndarray, labels: np.ndarray, names: list[str]) -> list[Claim]:
    tables = connection_tables(codes)
    findings = Procedure(labels, len(names)).differences(tables)
    counts, sizes = tables.counts(labels, len(names)), np.bincount(labels, minlength=len(names))
    cell, category = np.nonzero(counts)
    evidence = findings.evidence
    named = np.flatnonzero(evidence.finding).tolist()
    rows = [(cell[i], category[i], evidence.finding[i], evidence.effect[i]) for i in named]
    avoided = findings.avoided
    rows += list(zip(avoided.item, avoided.category, avoided.evidence.finding, avoided.evidence.effect, strict=True))
    layer = tables.table
    return [
        Claim(
            f"{layer[item]}/{tables.first[item]}",
            f"{layer[item] + 1}/{tables.second[item]}",
            names[label],
            "more" if sign > 0 else "less",
            float(effect),
            float(counts[item, label] / sizes[label]),
            float((counts[item].sum() - counts[item, label]) / (len(labels) - sizes[label])),
        )
        for item, label, sign, effect in rows
    ]


def _takes(codes: np.ndarray, claim: Claim) -> np.ndarray:
    layer, source = map(int, claim.source.split("/"))
    return (codes[:, layer] == source) & (codes[:, layer + 1] == int(claim.target.split("/")[1]))


def exchanged(
    rows: Activations, labels: np.ndarray, names: list[str], spec: AtlasSpec, asked: argparse.Namespace
) -> dict[str, Any]:
    """Two readings that differ by noise alone; and with documents of one category moved."""
    fit = fit_atlas(rows, spec)
    procedure = Procedure(labels, len(names))
    called, moved = [], []
    power: dict[float, list[bool]] = {share: [] for share in PLANTED}
    for seed in range(asked.splits):
        random = np.random.default_rng((asked.seed, seed))
        other = place(fit.atlas, _noisy(rows, fit.atlas, random))
        moved.append((other != fit.codes).mean())
        swap = random.random(len(labels)) < 0.5
        first, second = (np.where(swap[:, None], *pair) for pair in ((other, fit.codes), (fit.codes, other)))
        called.append([family.changes.passed > 0 for family in families(first, second, procedure)])
        for share, hits in power.items():
            planted, target = second.copy(), int(np.bincount(second[:, -1]).argmin())
            planted[(labels == 0) & (random.random(len(labels)) < share), -1] = target
            hits.append(_gains(first, planted, procedure, target))
    kinds = ("regions", "connections", "moves")
    return {
        "what": "exchanged",
        "moved by noise": round(float(np.mean(moved)), 3),
        "any change": dict(zip(kinds, np.mean(called, axis=0).round(3).tolist(), strict=True)),
        "planted": {str(share): round(float(np.mean(hits)), 3) for share, hits in power.items()},
    }


def _gains(first: np.ndarray, second: np.ndarray, procedure: Procedure, target: int) -> bool:
    regions = next(family for family in families(first, second, procedure) if family.kind == "regions")
    last = first.shape[1] - 1
    return any(
        (regions.layer[item], regions.first[item]) == (last, target) and regions.changes.effect[item] > 0
        for item in found_items(regions).tolist()
    )


def _noisy(rows: Activations, atlas: Atlas, random: np.random.Generator) -> Activations:
    spread = [NOISE * layer.std(axis=0) for layer in rows.layers]
    noise = (width * random.normal(size=layer.shape) for layer, width in zip(rows.layers, spread, strict=True))
    layers = [(layer + own).astype(np.float32) for layer, own in zip(rows.layers, noise, strict=True)]
    return Activations(tuple(layers), rows.tokens)


if __name__ == "__main__":
    main()
