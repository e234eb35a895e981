"""In which layers parts of speech, entities and topics can be read from tokens (Tenney, Das and Pavlick 2019).

    python benchmarks/tenney.py [--model minilm|smollm2] [--corpus CORPUS] [--folds 5] [--resamples 2000] [--seed 0]

Scans the tokens of a corpus (`benchmarks/data/four_topics.conllup`) three times: by part of speech, by type of entity,
and by the topic of their document. Prints a JSON line for each scan, with a number for each layer: balanced accuracy
of the probe and of the regions, divergence of the categories over chance, findings on regions and on connections, and
how many of them hold within types of tokens. A last line has the order of the three.

Whole documents are held out, each once, the same for all three scans. The *expected layer* is that of the paper's
section 3.2 (equations 3 and 4): the gains in accuracy from layer to layer, each weighted by its layer. The paper's
probe reads a mix of the layers up to l; ours reads the best of these, so that no gain is below 0. Intervals are
percentiles over documents drawn with replacement; the probes are not trained again for them. By the paper, parts of
speech come before entities; that topics come last is our expectation.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, cast

import numpy as np
from sklearn.model_selection import StratifiedKFold

sys.path.insert(0, str(Path(__file__).parents[1]))

import mri
from benchmarks.validation.reporting import line
from ingest.extract.token_corpus import TokenCorpus
from ingest.studies.reread import Reread, reread
from mri_core.probing.classifier import fit_probe
from mri_core.probing.features import Sides, regions, rows
from mri_core.probing.resampling import Split
from mri_core.records.arrays import Activations
from mri_core.records.graph import Study

CORPUS = Path(__file__).with_name("data") / "four_topics.conllup"
SCANS: dict[str, dict[str, Any]] = {
    "parts-of-speech": {"tags": "UPOS"},
    "entities": {"tags": "NER"},
    "topics": {"label": "topic"},
}
FEWEST = 10  # documents with a token of a category: rarer ones are not probed
COUNTED = tuple(f"{of}_found{within}" for of in ("regions", "connections") for within in ("", "_within_types"))
FINDINGS = """
    MATCH (r:Region {llm_mri: true, study: $study})-[f:FLOWS_TO|AVOIDS|ACTIVATED_BY]->()
    WHERE f.finding IS NOT NULL
    RETURN r.layer AS layer, type(f) = 'ACTIVATED_BY' AS regions, count(*) AS all,
           sum(CASE WHEN f.within_q <= 0.05 THEN 1 ELSE 0 END) AS within
"""


class Tokens(NamedTuple):
    """The tokens of a scan that are probed.

    Attributes:
        read: the scan's rows.
        kept: (tokens,) ordinals of the rows.
        labels, documents, types: (tokens,) category, document and type of each, as numbers from 0.
    """

    read: Reread
    kept: np.ndarray
    labels: np.ndarray
    documents: np.ndarray
    types: np.ndarray

    def rows(self) -> Activations:
        """Their activations."""
        found = self.read.activations
        layers = tuple(np.asarray(layer)[self.kept] for layer in found.layers)
        return replace(found, layers=layers, tokens=np.asarray(found.tokens)[self.kept])


def tokens_of(study: Study) -> Tokens:
    """The tokens of the categories that enough documents have."""
    found = reread(study)
    corpus = cast(TokenCorpus, found.documents)
    documents = corpus.groups
    spread = np.array([len(np.unique(documents[found.labels == label])) for label in range(len(found.names))])
    kept = np.flatnonzero(spread[found.labels] >= FEWEST)
    codes = np.unique(found.labels[kept], return_inverse=True)[1]
    return Tokens(found, kept, codes, documents[kept], corpus.plan.kind[kept])


def folds_of(topics: Tokens, count: int, seed: int) -> np.ndarray:
    """(documents,) the fold that holds each one out; folds are alike in topics."""
    documents, first = np.unique(topics.documents, return_index=True)
    folds = np.zeros(documents.max() + 1, dtype=int)
    parts = StratifiedKFold(count, shuffle=True, random_state=seed).split(documents, topics.labels[first])
    for number, (_, held_out) in enumerate(parts):
        folds[documents[held_out]] = number
    return folds


def splits(tokens: Tokens, folds: np.ndarray) -> Iterator[Split]:
    """Of the tokens, each fold held out once."""
    for number in range(folds.max() + 1):
        out = folds[tokens.documents] == number
        yield Split(np.flatnonzero(~out), np.flatnonzero(out))


def predicted(tokens: Tokens, split: Split, sides: Sides, seed: int) -> np.ndarray:
    """(held-out tokens,) category by a probe of the others."""
    probe = fit_probe(sides.train, tokens.labels[split.train], seed, tokens.documents[split.train])
    return np.asarray(probe.known[probe.log_odds(sides.test).argmax(axis=1)])


def by_type(tokens: Tokens, split: Split) -> np.ndarray:
    """(held-out tokens,) the most frequent category of each one's type, of a new type that of all."""
    counts = np.zeros((tokens.types.max() + 1, tokens.labels.max() + 1))
    np.add.at(counts, (tokens.types[split.train], tokens.labels[split.train]), 1)
    counts[counts.sum(axis=1) == 0] = counts.sum(axis=0)
    return counts.argmax(axis=1)[tokens.types[split.test]]


def predictions(tokens: Tokens, folds: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """(layers, tokens) held-out predictions of the probe and of the regions, and (1, tokens) of the types."""
    activations = tokens.rows()
    layers = len(activations.layers)
    found = {"probe": layers, "regions": layers, "types": 1}
    guesses = {what: np.empty((rows, len(tokens.labels)), dtype=int) for what, rows in found.items()}
    for split in splits(tokens, folds):
        for layer, sides in enumerate(regions(activations, tokens.read.spec, split)):
            full = rows(np.asarray(activations.layers[layer]), split)
            guesses["probe"][layer, split.test] = predicted(tokens, split, full, seed)
            guesses["regions"][layer, split.test] = predicted(tokens, split, sides, seed)
        guesses["types"][0, split.test] = by_type(tokens, split)
    return guesses


def accuracies(tokens: Tokens, guesses: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """(draws, layers) balanced accuracy where documents count as often as they are drawn, (draws, documents)."""
    right = np.zeros((drawn.shape[1], tokens.labels.max() + 1, len(guesses)))
    np.add.at(right, (tokens.documents, tokens.labels), (guesses == tokens.labels).T)
    of = np.zeros(right.shape[:2])
    np.add.at(of, (tokens.documents, tokens.labels), 1)
    with np.errstate(invalid="ignore"):  # a draw may lack a category
        shares = np.tensordot(drawn, right, 1) / (drawn @ of)[:, :, None]
    return np.asarray(np.nanmean(shares, axis=1))


def expected_layer(accuracy: np.ndarray) -> np.ndarray:
    """(draws,) mean of the layers 1, 2, …, each weighted by what it adds to the best accuracy of those before it."""
    gains = np.diff(np.maximum.accumulate(accuracy, axis=1), axis=1)
    return np.asarray(gains @ np.arange(1, accuracy.shape[1]) / gains.sum(axis=1))


def told(values: np.ndarray) -> dict[str, float]:
    """Of (draws,) the first, in which each document counts once, and the interval of the others."""
    low, high = np.nanpercentile(values[1:], [2.5, 97.5])
    return {"value": round(float(values[0]), 3), "low": round(float(low), 3), "high": round(float(high), 3)}


def findings(study: mri.StudyView) -> dict[int, dict[str, int]]:
    """By layer the number of findings on its regions and on the connections that leave it."""
    found: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    for layer, of_regions, count, within in study.cypher(FINDINGS).rows:
        of = "regions" if of_regions else "connections"
        found[layer] |= {f"{of}_found": count, f"{of}_found_within_types": within}
    return found


def report(scan: str, study: mri.StudyView, tokens: Tokens, guesses: dict[str, np.ndarray], drawn: np.ndarray) -> Any:
    """Prints the line of a scan; returns the expected layer of each draw."""
    accuracy = {what: accuracies(tokens, each, drawn) for what, each in guesses.items()}
    expected = expected_layer(accuracy["probe"])
    bits = {row[0]: row[2] for row in study.query("layer-differences").rows}
    found = findings(study)
    layers = [
        {
            "layer": layer,
            "probe": told(accuracy["probe"][:, layer]),
            "regions": told(accuracy["regions"][:, layer]),
            "bits_over_chance": round(bits[layer], 4),
            **found[layer],
        }
        for layer in range(study.record.layers)
    ]
    line(
        benchmark="tenney",
        model=study.record.model,
        scan=scan,
        tokens=study.record.tokens,
        texts=study.record.documents,
        categories=study.record.categories,
        probed=len(np.unique(tokens.labels)),
        by_type=told(accuracy["types"][:, 0]),
        best_layer=int(accuracy["probe"][0].argmax()),
        expected_layer=told(expected),
        layers=layers,
    )
    return expected


def report_order(model: str, expected: dict[str, np.ndarray]) -> None:
    """Prints whether each scan's expected layer comes after the one before it."""
    steps = []
    for earlier, later in pairwise(expected):
        difference = told(expected[later] - expected[earlier])
        held = True if difference["low"] > 0 else False if difference["high"] < 0 else None
        steps.append({"earlier": earlier, "later": later, "difference": difference, "held": held})
    line(benchmark="tenney", model=model, expectation=" < ".join(expected), steps=steps)


def main() -> None:
    """Scans, measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="with columns UPOS and NER, document and topic")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--resamples", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    choice = parser.parse_args()
    with TemporaryDirectory() as folder:
        os.environ |= {"MRI_STORE": f"{folder}/store", "MRI_CACHE": f"{folder}/cache"}
        options = {"model": choice.model, "unit": "token", "group": "document", "refits": 0, "progress": False}
        for scan, labels in SCANS.items():
            mri.ingest(choice.corpus, name=scan, **labels, **options)
        studies = {scan: mri.study(scan) for scan in SCANS}
        tokens = {scan: tokens_of(study.record) for scan, study in studies.items()}
        folds = folds_of(tokens["topics"], choice.folds, choice.seed)
        draws = np.random.default_rng(choice.seed).multinomial(
            len(folds), [1 / len(folds)] * len(folds), choice.resamples
        )
        drawn = np.vstack([np.ones(len(folds)), draws])
        expected = {}
        for scan, each in tokens.items():
            expected[scan] = report(scan, studies[scan], each, predictions(each, folds, choice.seed), drawn)
        report_order(choice.model, expected)


if __name__ == "__main__":
    main()
