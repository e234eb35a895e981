"""Atlas quality: how well regions tell a text's topic, how little they tell its length, how they agree between layers.

    python benchmarks/atlas_quality.py CORPUS [--model minilm|smollm2] [--documents N] [--clusters K ...]
                                       [--beside grid|components ...] [--components N ...]
                                       [--with-title] [--max-length N]

Prints one JSON object, with the figures by which the defaults were chosen beside ours where the corpus is AG News: the
first 1,200 (MiniLM) or 700 (SmolLM2) texts of its test set. `--with-title --max-length 64` comes nearest to them.
`--beside` measures grids and components with each reducer too, and what the full activations tell. Components hold no
documents: what they tell is read from the scores by a logistic regression, as from the full activations.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ingest.cache.row_files import read_extraction, row_folder
from ingest.corpus.corpus import open_corpus
from ingest.extract.extraction import extract_here
from ingest.model.loading import load, resolve
from ingest.pace import ScanMeter
from ingest.progress import Silent
from mri_core.atlas.fitting import AtlasFit, explained, fit_atlas, place, scores
from mri_core.atlas.reducers import REDUCERS
from mri_core.connectome.correlations import build_correlations
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.statistics import explained_by_regions

SPLITS = SEEDS = 5
DOCUMENTS = {"minilm": 1_200, "smollm2": 700}
WHEN_CHOSEN = {  # clusters, chained, adjusted for length
    ("minilm", 12): {"topic": 0.78, "length_first": 0.01, "length_middle": 0.03, "agreement": 0.64},
    ("minilm", 20): {"topic": 0.77, "length_first": 0.02, "length_middle": 0.03, "agreement": 0.62},
    ("smollm2", 12): {"topic": 0.72, "length_first": 0.04, "length_middle": 0.02, "agreement": 0.79},
    ("smollm2", 20): {"topic": 0.71, "length_first": 0.05, "length_middle": 0.04, "agreement": 0.79},
}


class News(NamedTuple):
    """Activations of a corpus, and the integer topic of each document."""

    activations: Activations
    topics: np.ndarray

    def only(self, documents: np.ndarray) -> News:
        """Some of the documents."""
        rows = tuple(np.asarray(layer)[documents] for layer in self.activations.layers)
        return News(Activations(rows, np.asarray(self.activations.tokens)[documents]), self.topics[documents])


def read(choice: argparse.Namespace, folder: Path) -> News:
    """The first documents of a corpus through a model."""
    texts = list(islice(open_corpus(choice.corpus), choice.documents or DOCUMENTS[choice.model]))
    if choice.with_title:
        texts = [replace(text, text=f"{text.title}. {text.text}") for text in texts]
    loaded = load(resolve(choice.model), max_length=choice.max_length)
    conditions = extract_here(
        loaded,
        texts,
        len(texts),
        lambda widths: row_folder(folder, widths, len(texts)),
        pooling="mean",
        meter=ScanMeter(Silent(), np.array([len(text.text) for text in texts])),
    )
    scanned = read_extraction(folder, loaded.layers, conditions)
    return News(scanned.activations, np.unique([text.category for text in texts], return_inverse=True)[1])


def topic_by_region(train: News, test: News, spec: AtlasSpec) -> float:
    """Share of held-out texts whose topic is that of most training texts of their region, mean over the layers."""
    if spec.kind == "components":
        atlas = fit_atlas(train.activations, spec).atlas
        return topic_by_regression(train, test, scores(atlas, train.activations), scores(atlas, test.activations))
    fit = fit_atlas(train.activations, spec)
    placed = place(fit.atlas, test.activations)
    overall = np.bincount(train.topics)
    right = []
    for known, new in zip(fit.codes.T, placed.T, strict=True):
        counts = np.zeros((spec.clusters or spec.resolution**2, len(overall)), dtype=int)
        np.add.at(counts, (known, train.topics), 1)
        counts[counts.sum(axis=1) == 0] = overall
        right.append(np.mean(counts.argmax(axis=1)[new] == test.topics))
    return float(np.mean(right))


def topic_by_regression(train: News, test: News, known: tuple[np.ndarray, ...], new: tuple[np.ndarray, ...]) -> float:
    """The same read from numbers, by a logistic regression of each layer."""
    right = []
    for rows, later in zip(known, new, strict=True):
        reader = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(rows, train.topics)
        right.append(reader.score(later, test.topics))
    return float(np.mean(right))


def splits(news: News) -> list[tuple[News, News]]:
    """Training and held-out texts."""
    parts = StratifiedKFold(SPLITS, shuffle=True, random_state=0).split(news.topics, news.topics)
    return [(news.only(train), news.only(test)) for train, test in parts]


def quality(news: News, spec: AtlasSpec) -> dict[str, list[float]]:
    """Each figure once for every split (topic) or every seed (the others; length and agreement are of regions only)."""
    specs = [replace(spec, seed=seed) for seed in range(SEEDS)]
    topic = [topic_by_region(*parts, one) for parts, one in zip(splits(news), specs, strict=True)]
    seconds, fits = [], []
    for one in specs:
        start = time.perf_counter()
        fits.append(fit_atlas(news.activations, one))
        seconds.append(time.perf_counter() - start)
    if spec.kind == "components":
        return {"topic": topic, "seconds": seconds, **together(news, fits)}
    codes = [fit.codes for fit in fits]
    length = [explained_by_regions(1 / np.asarray(news.activations.tokens), one) for one in codes]
    agreement = [np.mean([adjusted_rand_score(*layers) for layers in pairwise(one.T)]) for one in codes]
    return {
        "topic": topic,
        "length_first": [layers[0] for layers in length],
        "length_middle": [layers[len(layers) // 2] for layers in length],
        "agreement": [float(one) for one in agreement],
        "regions": [float(np.mean([len(np.unique(layer)) for layer in one.T])) for one in codes],
        "seconds": seconds,
    }


def together(news: News, fits: list[AtlasFit]) -> dict[str, list[float]]:
    """Of each fit the share of the variance on its components, and of the pairs of components that are connected."""
    shares, connected = [], []
    for fit in fits:
        layers = range(len(fit.atlas.layers))
        shares.append([share for layer in layers if (share := explained(fit.atlas, layer)) is not None])
        scored = np.asarray(fit.scores)
        found = build_correlations(scored, news.topics, news.topics.max() + 1, fit.atlas.spec.threshold).connectome
        pairs = (scored.shape[1] - 1) * scored.shape[2] ** 2 * len(found.category_documents)
        connected.append(len(found.flows.weight) / pairs)
    return {"connected": connected} | ({"explained": [float(np.mean(one)) for one in shares]} if all(shares) else {})


def beside(news: News, kinds: list[str], components: list[int]) -> dict[str, dict[str, dict[str, float | None]]]:
    """The figures of each kind with each reducer, of as many components, and what the full activations tell."""
    specs = {f"{kind}_{reducer}": AtlasSpec(kind, reducer=reducer) for kind in kinds for reducer in REDUCERS}
    specs |= {f"components_{count}": AtlasSpec("components", components=count) for count in components}
    found = {}
    for key, spec in specs.items():
        found[key] = {name: told(values, None) for name, values in quality(news, spec).items()}
    if kinds:
        full = [
            topic_by_regression(train, test, train.activations.layers, test.activations.layers)
            for train, test in splits(news)
        ]
        found["full"] = {"topic": told(full, None)}
    return found


def told(values: list[float], when_chosen: float | None) -> dict[str, float | None]:
    """Mean and standard deviation, beside the figure to meet."""
    return {
        "mean": round(float(np.mean(values)), 3),
        "sd": round(float(np.std(values, ddof=1)), 3),
        "when_chosen": when_chosen,
    }


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help="a corpus as `mri ingest` takes it; AG News to compare with the known figures")
    parser.add_argument("--model", choices=DOCUMENTS, default="minilm")
    parser.add_argument("--documents", type=int, help="read this many, the first of the corpus")
    parser.add_argument("--clusters", type=int, nargs="+", default=[12, 20])
    parser.add_argument("--beside", choices=("grid", "components"), nargs="+", default=[], help="measure these too")
    parser.add_argument("--components", type=int, nargs="+", default=[], help="measure as many principal components")
    parser.add_argument("--with-title", action="store_true", help="put each text's title before it")
    parser.add_argument("--max-length", type=int, help="tokens a text is cut to")
    choice = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        news = read(choice, Path(folder))
        measured = {clusters: quality(news, AtlasSpec(clusters=clusters)) for clusters in choice.clusters}
        more = beside(news, choice.beside, choice.components)
    result = {"benchmark": "atlas_quality", **vars(choice), "corpus": Path(choice.corpus).name}
    result["documents"] = len(news.topics)
    for clusters, figures in measured.items():
        known = WHEN_CHOSEN.get((choice.model, clusters), {})
        chance = round((clusters - 1) / (len(news.topics) - 1), 3)
        columns = {name: told(values, known.get(name)) for name, values in figures.items()}
        result[f"clusters_{clusters}"] = {**columns, "length_by_chance": chance}
    print(json.dumps(result | more))


if __name__ == "__main__":
    main()
