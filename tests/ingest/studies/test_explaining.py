"""Explaining a text of a study: sums that are its margin, whatever the atlas, the pooling and the prompt."""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import mri
from ingest.extract.token_states import TextTokens
from ingest.notebook import ingest
from ingest.progress import Pace, Silent
from ingest.studies.driving import stored_driving
from ingest.studies.explaining import Told, explain, explained
from ingest.studies.later_texts import open_later
from mri_core.atlas.fitting import scores
from mri_core.errors import CorpusError, ModelError, UsageError
from mri_core.records.explained import LayerParts, Token
from mri_core.records.graph import Study
from mri_core.store.store import Store
from mri_core.studies.token_request import Wanted
from queries.runner import run
from tests.engines import Engine
from tests.models import SENTENCES, save_tiny
from tests.questions import CATALOG

pytestmark = pytest.mark.engine

WORDS = sorted({word for sentence in SENTENCES for word in sentence.split()})
DRAWN = np.random.default_rng(1)
TEXTS = [
    " ".join((*DRAWN.choice(WORDS, DRAWN.integers(3, 9)), "cats" if number % 2 else "dogs")) for number in range(40)
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "texts.csv"
    path.write_text("text,label,id\n" + "".join(f"{text},{text[-4:]},own{i}\n" for i, text in enumerate(TEXTS)))
    return path


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {kind: save_tiny(kind, folder / kind) for kind in ("gpt2", "bert", "t5")}


def scan(engine: Engine, corpus: Path, model: Path, name: str, **choices: Any) -> Study:
    return ingest(corpus, name=name, model=str(model), store=engine.location, refits=0, **choices).study


@pytest.fixture(scope="module")
def study(engine: Engine, store: Store, cache: Path, corpus: Path, models: dict[str, Path]) -> Study:
    return scan(engine, corpus, models["gpt2"], "explained")


@pytest.mark.parametrize(
    ("name", "kind", "choices"),
    [
        ("plain", "gpt2", {}),
        ("unadjusted", "bert", {"length_adjust": False, "pooling": "mean-all"}),
        ("raw", "bert", {"standardize": False}),
        ("prompted", "gpt2", {"template": "Classify: {text}", "site": "mlp", "pooling": "last"}),
        ("truncated", "gpt2", {"max_length": 6}),
        ("cells", "gpt2", {"atlas": "grid", "resolution": 4}),
        ("svd", "bert", {"atlas": "components", "components": 3, "reducer": "svd", "standardize": False}),
        ("decoder", "t5", {"stack": "decoder", "clusters": 3}),
    ],
)
def test_the_parts_sum_to_the_number_that_the_atlas_gives_the_documents_row(
    engine: Engine,
    store: Store,
    cache: Path,
    corpus: Path,
    models: dict[str, Path],
    name: str,
    kind: str,
    choices: dict,
) -> None:
    study = scan(engine, corpus, models[kind], f"sum-{name}", **choices)
    reader = open_later(store, study)
    placed = scores(reader.atlas, reader.read(TEXTS[:3]).activations)
    for document in range(3):
        found = explain(store, study, document=f"D{document}")
        assert found.text == TEXTS[document]
        numbers = 2 if choices.get("atlas") == "grid" else 1
        assert [parts.layer for parts in found.layers] == [n for n in range(study.layers) for _ in range(numbers)]
        for place, parts in enumerate(found.layers):
            z = placed[parts.layer][document].astype(float)
            code = int(parts.region.split("/R")[1]) if numbers == 1 else 0
            if parts.name == "margin":
                centres = reader.atlas.layers[parts.layer].centres.astype(float)
                far, near = (np.sum((z - centres[one]) ** 2) for one in (int(str(parts.versus).split("/R")[1]), code))
                expected = (far - near) / 2
            else:
                expected = z[place % 2] if numbers == 2 else z[code]
            assert parts.value == pytest.approx(expected, rel=1e-3, abs=1e-4)  # read in another batch
            assert parts.total == pytest.approx(
                parts.value, rel=1e-4, abs=1e-6 * np.abs(parts.tokens[~np.isnan(parts.tokens)]).sum()
            )
            assert np.isnan(parts.tokens).tolist() == [
                bool(parts.why(i, token)) for i, token in enumerate(found.tokens)
            ]
        if numbers == 2:
            for option, meant in (("region", "clusters and components"), ("versus", "clusters")):
                with pytest.raises(UsageError, match=f"--{option} is for {meant}. sum-cells has a grid"):
                    explain(store, study, text="x", wanted=Wanted(**{option: "L1/R0-0"}))
        if name == "truncated":
            assert found.cut > 0
            assert "cut off" in found.notes[0]
    store.delete(study)


def test_a_document_is_explained_in_its_own_regions_whichever_way_it_is_named(store: Store, study: Study) -> None:
    rows = run(store, CATALOG.get("route-of-document"), {"study": study.id, "document": "D7"}).records()
    for name in ("D7", f"{study.id}/D7", "own7"):
        found = explain(store, study, document=name)
        assert found.document == "D7"
        assert [f"{study.id}/{parts.region}" for parts in found.layers] == [row["region"] for row in rows]
        assert all(parts.value >= 0 for parts in found.layers)
        assert found.notes == ()


def test_where_a_sum_is_rounded_further_than_it_is_said_to_be_a_note_says_so(study: Study) -> None:
    tokens = TextTokens((Token("a", 0, 1, ""),), 1, 0, unread=False)
    layers = [
        LayerParts(i, "margin", "L0/R0", "L0/R1", 1.0, np.array([1 + off]), 0.0, 0.0) for i, off in enumerate((0, 2e-4))
    ]
    (note,) = explained(study, "a", Told(tokens, layers)).notes
    assert "in layer 1:" in note


def test_a_text_is_explained_like_the_document_that_it_is(store: Store, study: Study) -> None:
    text, document = explain(store, study, text=TEXTS[7]), explain(store, study, document="D7")
    assert text.document is None
    for one, other in zip(text.layers, document.layers, strict=True):
        np.testing.assert_array_equal(one.tokens, other.tokens)


def test_other_regions_and_one_layer_may_be_named(store: Store, study: Study) -> None:
    (own,) = explain(store, study, document="D3", wanted=Wanted(layer=2)).layers
    other = next(f"L2/R{code}" for code in range(6) if f"L2/R{code}" not in (own.region, own.versus))
    (farther,) = explain(store, study, document="D3", wanted=Wanted(versus=other)).layers
    assert (farther.region, farther.versus) == (own.region, other)
    assert farther.value >= own.value
    (turned,) = explain(store, study, document="D3", wanted=Wanted(2, other, own.region)).layers
    assert turned.value == pytest.approx(-farther.value, rel=1e-5)


def test_a_connection_is_compared_with_where_the_other_category_goes(store: Store, study: Study) -> None:
    passed = store.read(
        "MATCH (d:Document {llm_mri: true, study: $study})-[:PASSES]->(r:Region) "
        "RETURN d.ordinal, collect(r.id) AS regions",
        {"study": study.id},
    )
    routes = {number: sorted(region.split("/", 1)[1] for region in regions) for number, regions in passed.rows}
    chosen = None
    for document, route in routes.items():
        others = Counter(
            other[2]
            for number, other in routes.items()
            if TEXTS[number][-4:] != TEXTS[document][-4:] and other[1] == route[1] and other[2] != route[2]
        )
        if others and (len(others) == 1 or others.most_common(2)[0][1] > others.most_common(2)[1][1]):
            chosen = document, f"{route[1]}>{route[2]}", others.most_common(1)[0][0]
            break
    assert chosen is not None
    document, connection, expected = chosen
    (parts,) = explain(store, study, document=f"D{document}", wanted=Wanted(connection=connection)).layers
    assert (parts.region, parts.versus) == (connection.partition(">")[2], expected)
    asked = Wanted(connection=connection)
    assert explain(store, study, document=f"D{document}", wanted=asked).notes == ()
    assert explain(store, study, text=TEXTS[document], wanted=asked).notes == ()
    elsewhere = next(number for number, route in routes.items() if route[2] not in (expected, routes[document][2]))
    note = f"does not take this connection; it lies in {routes[elsewhere][2]}, after {routes[elsewhere][1]}."
    assert explain(store, study, document=f"D{elsewhere}", wanted=asked).notes == (f"D{elsewhere} {note}",)
    assert explain(store, study, text=TEXTS[elsewhere], wanted=asked).notes == (f"The text {note}",)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({}, "Neither is given"),
        ({"document": "D1", "text": "x"}, "Both are given"),
        ({"text": " "}, "A text to explain has something in it. One is blank"),
        ({"text": float("nan")}, "A text to explain is a string. One is of type float"),
        ({"text": ["a"]}, "A text to explain is a string. One is of type list"),
        ({"text": "\ud800"}, "half a surrogate pair"),
        ({"document": 12}, "A document is named by a string"),
        ({"text": "x", "wanted": Wanted(layer="4")}, "A layer is a whole number. It is '4'"),
        ({"text": "x", "wanted": Wanted(layer=True)}, "A layer is a whole number"),
        ({"text": "x", "wanted": Wanted(region=5)}, "named by strings. region is 5"),
        ({"document": "D99"}, "It has D0 to D39"),
        ({"text": "x", "wanted": Wanted(versus="R1")}, "named with its layer"),
        ({"text": "x", "wanted": Wanted(layer=9)}, "has layers 0 to 3"),
        ({"text": "x", "wanted": Wanted(versus="L1/R77")}, "No region of explained is called 'L1/R77'"),
        ({"text": "x", "wanted": Wanted(region="L1/R1", versus="L2/R1")}, "are of one layer"),
        ({"text": "x", "wanted": Wanted(region="L1/R1", versus="L1/R1")}, "Both are the same"),
        ({"text": "x", "wanted": Wanted(connection="L1/R1")}, "A connection is named by its regions"),
        ({"text": "x", "wanted": Wanted(versus="R1", connection="L1/R1>L2/R1")}, "Leave them out"),
    ],
)
def test_what_cannot_be_explained_is_refused_before_the_model_runs(
    store: Store, study: Study, asked: dict, why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        explain(store, study, **asked)


def test_studies_whose_tokens_are_not_at_hand_are_refused_in_one_line(
    store: Store, study: Study, corpus: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="given activations"):
        explain(store, replace(study, model="given"), text="x")
    aligned = json.dumps({**json.loads(study.parameters), "align": True})
    with pytest.raises(UsageError, match="the rotation is not stored"):
        explain(store, replace(study, parameters=aligned, atlas_of="base-0"), text="x")
    gone = json.dumps({**json.loads(study.parameters), "corpus": str(tmp_path / "gone.csv")})
    with pytest.raises(CorpusError, match="cannot be read"):
        explain(store, replace(study, parameters=gone), document="D1")
    with pytest.raises(CorpusError, match="has changed since"):
        explain(store, replace(study, corpus_hash="0" * 64), document="D1")


class Counted(Silent):
    def __init__(self) -> None:
        self.stages: list[tuple[str, int, str]] = []
        self.steps = 0

    def stage(self, name: str, total: int, unit: str) -> None:
        self.stages.append((name, total, unit))

    def advance(self, steps: int = 1, pace: Pace | None = None) -> None:
        self.steps += steps


def test_driving_tokens_are_the_means_of_the_parts_that_each_document_is_explained_by(
    engine: Engine, store: Store, study: Study
) -> None:
    told, reader = Counted(), open_later(store, study)
    made = mri.driving_tokens(study.id, documents=100, store=engine.location, progress=told)
    assert (told.stages, told.steps) == ([("explaining", 40, "texts")], 40)
    documents: defaultdict[str, list[dict[str, float]]] = defaultdict(list)
    for number in range(40):
        found = explain(store, study, document=f"D{number}", reader=reader)
        for layer in found.layers:
            parts: defaultdict[str, float] = defaultdict(float)
            for token, part in zip(found.tokens, layer.tokens.tolist(), strict=True):
                if not math.isnan(part):
                    parts[word_of(found.text, token)] += part
            documents[layer.region].append(parts)
    several = {region for region, own in documents.items() if len(own) > 1}
    assert {str(measure.other).split(" ")[0] for measure in made} == several
    for measure in made:
        region, word = str(measure.other).split(" ", 1)
        own = [parts.get(word, 0.0) for parts in documents[region]]
        low, high = stats.t.interval(0.95, len(own) - 1, np.mean(own), stats.sem(own))
        expected = [pytest.approx(number, rel=1e-3, abs=1e-4) for number in (np.mean(own), low, high)]
        assert [measure.value, measure.ci_low, measure.ci_high] == expected, measure.other
        assert measure.details["sample"] == len(own)


def word_of(text: str, token: Token) -> str:
    """The word, between spaces and punctuation, that a token has a character of; else its own characters."""
    assert token.start is not None
    assert token.end is not None
    first, behind = token.start, token.end
    words = (found for found in re.finditer(r"\w+", text) if found.start() < behind and first < found.end())
    return next((found[0].lower() for found in words), token.text.strip() or token.text)


@pytest.mark.compiles
def test_umap_is_refused_since_a_place_in_it_is_no_sum(
    engine: Engine, store: Store, cache: Path, corpus: Path, models: dict[str, Path]
) -> None:
    pytest.importorskip("umap")
    study = scan(engine, corpus, models["gpt2"], "curved", atlas="grid", reducer="umap")
    with pytest.raises(UsageError, match="--reducer umap has none"):
        explain(store, study, text="x")


@pytest.mark.parametrize("documents", [-1, 0, "x", 2.5, True])
def test_a_sample_that_is_no_number_of_documents_is_refused(store: Store, study: Study, documents: Any) -> None:
    with pytest.raises(UsageError, match="a whole number from 1"):
        stored_driving(store, study, documents=documents)
