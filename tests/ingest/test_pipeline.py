"""The main road: what `mri ingest` leaves in the graph is what was counted apart from the activations it saved."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mri_core.records.corpus import excerpt
from mri_core.store.store import Store
from tests.command import Mri
from tests.counts import Counts, assert_equal, counted, placed, saved_rows, stored
from tests.shared import shared

pytestmark = pytest.mark.engine

DEMO = Path(str(files("ingest") / "demo.csv"))
REAL = {  # corpus, options
    "minilm on animals, grid": ("animals.csv", ("--atlas", "grid")),
    "minilm on papers": ("papers.csv", ("--max-length", 128)),
    "smollm2 on 60 animals": ("animals.csv", ("--model", "smollm2", "--limit", 60, "--max-length", 64)),
}
TINY = {
    "gpt2": (),
    "llama": ("--atlas", "grid", "--resolution", 4),
    "t5": ("--clusters", 9, "--no-length-adjust"),
    "mixtral": ("--no-standardize",),
}


@dataclass(frozen=True)
class Scan:
    """A finished `mri ingest`, with the rows and regions that it saved and the labels of its corpus."""

    study: str
    told: dict[str, Any]
    corpus: list[dict[str, str]]
    documents: list[tuple[int, str, str]]
    layers: list[np.ndarray]
    expected: Counts


def marks(name: str) -> list[pytest.MarkDecorator]:
    """Of the real models one is scanned by `make test`."""
    return [pytest.mark.model, *([pytest.mark.slow] if name != next(iter(REAL)) else [])]


@pytest.fixture(scope="module", params=[pytest.param(n, marks=marks(n)) for n in REAL] + list(TINY))
def scan(
    request: pytest.FixtureRequest,
    mri: Mri,
    store: Store,
    tiny: Callable[[str], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Scan]:
    name = request.param
    if name in REAL:
        corpus, options = shared("corpora", REAL[name][0]), REAL[name][1]
        if "smollm2" in options:
            request.getfixturevalue("smollm2_installed")
    else:
        corpus, options = DEMO, (*TINY[name], "--model", tiny(name))
    alone = replace(mri, cache=tmp_path_factory.mktemp("scan"))
    told = alone("ingest", corpus, "--name", "main-road", "--json", *options).done().json
    yield _look_at(store, alone.cache, corpus, told)
    alone("delete", told["study"], "--yes").done()


def _look_at(store: Store, cache: Path, corpus: Path, told: dict[str, Any]) -> Scan:
    with corpus.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = store.read(
        "MATCH (d:Document {study: $study})-[:IN_CATEGORY]->(c:Category) RETURN d.ordinal, c.name, d.excerpt "
        "ORDER BY d.ordinal",
        {"study": told["study"]},
    )
    layers, tokens = saved_rows(cache)
    regions = placed(store, told["study"], layers, tokens)
    documents = list(found.rows)
    expected = counted(regions, [category for _, category, _ in documents])
    return Scan(told["study"], told, rows, documents, layers, expected)


def test_the_counts_in_the_graph_are_those_counted_apart(scan: Scan, store: Store) -> None:
    assert_equal(stored(store, scan.study), scan.expected)


def test_the_documents_are_those_of_the_corpus_in_its_order(scan: Scan) -> None:
    assert [ordinal for ordinal, _, _ in scan.documents] == list(range(len(scan.documents)))
    in_corpus = iter((row["label"], excerpt(row["text"])) for row in scan.corpus)
    assert all((category, text) in in_corpus for _, category, text in scan.documents)
    assert len(scan.documents) in (len(scan.corpus), 60)


def test_every_category_s_weights_between_two_layers_add_up_to_its_documents(scan: Scan, store: Store) -> None:
    sums = store.read(
        "MATCH (s:Region {study: $study})-[e:FLOWS_TO]->(:Region) RETURN e.category, s.layer, sum(e.weight)",
        {"study": scan.study},
    ).rows
    sizes = Counter(category for _, category, _ in scan.documents)
    steps = range(len(scan.layers) - 1)
    assert sorted(sums) == sorted((name, layer, size) for name, size in sizes.items() for layer in steps)


def test_the_counts_told_are_those_in_the_graph(scan: Scan) -> None:
    assert scan.told["status"] == "ready"
    assert scan.told["documents"] == len(scan.documents)
    assert scan.told["categories"] == len({category for _, category, _ in scan.documents})
    assert scan.told["layers"] == len(scan.layers)
    assert scan.told["regions"] == len(scan.expected.regions)
    assert scan.told["connections"] == len(scan.expected.flows)


def test_layers_and_categories_are_described_as_they_are(scan: Scan, store: Store) -> None:
    layers = store.read(
        "MATCH (l:Layer {study: $study})-[:PART_OF]->(:Study {id: $study}) "
        "RETURN l.index, l.width, l.regions, l.documents ORDER BY l.index",
        {"study": scan.study},
    ).rows
    occupied = Counter(layer for layer, _ in scan.expected.regions)
    documents = len(scan.documents)
    assert list(layers) == [(i, rows.shape[1], occupied[i], documents) for i, rows in enumerate(scan.layers)]
    categories = store.read(
        "MATCH (c:Category {study: $study})-[:PART_OF]->(:Study {id: $study}) RETURN c.name, c.documents",
        {"study": scan.study},
    ).rows
    assert dict(categories) == Counter(category for _, category, _ in scan.documents)


def test_regions_are_described_by_their_own_documents(scan: Scan, store: Store) -> None:
    names = sorted({category for _, category, _ in scan.documents})
    regions = store.read(
        "MATCH (r:Region {study: $study})-[:IN_LAYER]->(l:Layer {study: $study}) WHERE l.index = r.layer "
        "RETURN r.layer, r.name, r.entropy, r.dominant_category, r.exemplars",
        {"study": scan.study},
    ).rows
    assert len(regions) == len(scan.expected.regions)
    for layer, name, entropy, dominant, exemplars in regions:
        shares = [scan.expected.activity.get((layer, name, category), (0, 0.0, 0.0))[1] for category in names]
        assert dominant == names[int(np.argmax(shares))]
        part = np.array([share for share in shares if share]) / sum(shares)
        assert entropy == pytest.approx(-(part * np.log2(part)).sum(), abs=1e-9)
        assert exemplars
        assert {(ordinal, layer, name) for ordinal in exemplars} <= scan.expected.passes


def test_rows_are_the_means_over_the_texts_own_tokens_of_the_model_s_states(
    mri: Mri, tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    """Worked out with transformers alone, text by text."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    alone = replace(mri, cache=tmp_path)
    alone("ingest", DEMO, "--name", "rows", "--model", tiny("bert"), "--max-length", 48).done()
    alone("delete", "rows", "--yes").done()
    layers, tokens = saved_rows(tmp_path)
    tokenizer, model = AutoTokenizer.from_pretrained(tiny("bert")), AutoModel.from_pretrained(tiny("bert"))
    with DEMO.open(encoding="utf-8", newline="") as lines:
        texts = [row["text"] for row in csv.DictReader(lines)]
    for ordinal in range(0, 300, 30):
        given = tokenizer(texts[ordinal], return_tensors="pt", truncation=True, max_length=48)
        with torch.no_grad():
            states = model(**given, output_hidden_states=True).hidden_states
        assert tokens[ordinal] == given["input_ids"].shape[1] - 2  # [CLS] and [SEP] are not the text's own
        for layer, rows in enumerate(layers):
            np.testing.assert_allclose(rows[ordinal], states[layer][0, 1:-1].mean(dim=0), atol=1e-5)
