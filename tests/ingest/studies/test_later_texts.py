"""Later texts: run as the study's documents were, so that a document of the study falls where it fell."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.notebook import ingest
from ingest.studies.later_texts import open_later
from mri_core.atlas.fitting import place, scores
from mri_core.errors import ModelError, StoreError, UsageError
from mri_core.records.graph import Study
from mri_core.store.store import Store
from queries.runner import run
from tests.engines import Engine
from tests.models import save_tiny
from tests.questions import CATALOG

pytestmark = pytest.mark.engine

TEXTS = [f"{word} number {i} {'and so on ' * (i % 5)}" for i in range(15) for word in ("cats", "dogs")]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "texts.csv"
    path.write_text("text,label\n" + "".join(f"{text},{text[:4]}\n" for text in TEXTS))
    return path


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {kind: save_tiny(kind, folder / kind) for kind in ("gpt2", "t5")}


def scan(engine: Engine, corpus: Path, model: Path, name: str, **choices: Any) -> Study:
    return ingest(corpus, name=name, model=str(model), store=engine.location, refits=0, **choices).study


@pytest.mark.parametrize(
    ("name", "kind", "choices"),
    [
        ("plain", "gpt2", {}),
        ("prompted", "gpt2", {"template": "Classify: {text}", "site": "mlp", "pooling": "last", "max_length": 12}),
        ("bfloat16", "gpt2", {"dtype": "bfloat16", "atlas": "grid", "resolution": 4}),
        ("decoder", "t5", {"stack": "decoder", "pooling": "mean-all"}),
    ],
)
def test_a_studys_own_documents_fall_where_they_fell(
    engine: Engine,
    store: Store,
    cache: Path,
    corpus: Path,
    models: dict[str, Path],
    name: str,
    kind: str,
    choices: dict,
) -> None:
    study = scan(engine, corpus, models[kind], name, **choices)
    reader = open_later(store, study)
    codes = place(reader.atlas, reader.read(TEXTS).activations)
    for ordinal in (0, 7, 29):
        rows = run(store, CATALOG.get("route-of-document"), {"study": study.id, "document": f"D{ordinal}"}).records()
        if choices.get("atlas") == "grid":
            expected = [divmod(code, 4) for code in codes[ordinal].tolist()]
            assert [row["region"].split("/R")[1] for row in rows] == [f"{a}-{b}" for a, b in expected]
        else:
            assert [int(row["region"].split("/R")[1]) for row in rows] == codes[ordinal].tolist()


def test_components_have_scores(
    engine: Engine, store: Store, cache: Path, corpus: Path, models: dict[str, Path]
) -> None:
    study = scan(engine, corpus, models["gpt2"], "moving", atlas="components", components=3)
    reader = open_later(store, study)
    found = scores(reader.atlas, reader.read(TEXTS[:2]).activations)
    assert [layer.shape for layer in found] == [(2, 3)] * study.layers
    assert np.isfinite(np.stack(found)).all()


def test_what_a_text_lost_is_told(
    engine: Engine, store: Store, cache: Path, corpus: Path, models: dict[str, Path]
) -> None:
    reader = open_later(store, scan(engine, corpus, models["gpt2"], "short", max_length=4))
    found = reader.read(["a", "many words that are cut off"])
    assert found.cut[0] == 0
    assert found.cut[1] > 0
    assert found.activations.tokens.tolist()[0] == 1


def test_without_the_model_the_atlas_or_a_text_it_is_refused(
    engine: Engine, store: Store, cache: Path, corpus: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    study = scan(engine, corpus, models["gpt2"], "refused")
    for blank in ([], ["", "x"], [" \n"]):
        with pytest.raises(UsageError, match="has something in it"):
            open_later(store, study).read(blank)
    with pytest.raises(ModelError, match=r"very model of a study\. .* has other weights, tokenizer or templates now"):
        open_later(store, replace(study, model_revision="0" * 16))
    gone = json.dumps({**json.loads(study.parameters), "model": str(tmp_path / "gone")})
    with pytest.raises(ModelError, match=r"There is no such folder or file: .*Put it back where it was"):
        open_later(store, replace(study, parameters=gone))
    with pytest.raises(ModelError, match="given activations"):
        open_later(store, replace(study, model="given"))
    with pytest.raises(StoreError, match=r"needs the study's atlas\. refused was stored by .* without it"):
        open_later(store, replace(study, atlas_hash=None))
    with pytest.raises(StoreError, match="another hash than it was stored with"):
        open_later(store, replace(study, atlas_hash="0" * 64))
