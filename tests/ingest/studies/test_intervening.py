"""Interventions on a ready study, from its name to the store."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.notebook import ingest
from ingest.run import Run
from ingest.studies.intervening import Extent, intervene
from mri_core.errors import ModelError, MriError, UsageError
from mri_core.records.graph import Study
from mri_core.records.interventions import Intervention
from mri_core.store.store import Store
from mri_core.studies.intervention_request import wanted_of
from tests.engines import Engine
from tests.models import save_tiny, save_tokenizer

pytestmark = [pytest.mark.engine, pytest.mark.model]

KINDS = ("cats", "dogs")
FEW = Extent(documents=8)
TEXTS = [f"{word} number {i} {'and so on ' * (i % 5)}" for i in range(30) for word in KINDS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("intervening")
        patch.setenv("MRI_CACHE", str(folder / "cache"))
        rows = "".join(f"{text},{text[:4]},{place // 4}\n" for place, text in enumerate(TEXTS))
        (folder / "texts.csv").write_text(f"text,label,author\n{rows}")
        yield folder


@pytest.fixture(scope="module")
def headed(folder: Path) -> Path:
    """A causal model with its language-modelling head."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    sizes = {"vocab_size": 320, "n_embd": 32, "n_layer": 4, "n_head": 4, "n_positions": 64}
    GPT2LMHeadModel(GPT2Config(**sizes)).save_pretrained(folder / "headed")
    save_tokenizer("gpt2", folder / "headed")
    return folder / "headed"


def scan(engine: Engine, folder: Path, model: Path, name: str, **choices: Any) -> Study:
    spec = {} if "atlas" in choices else {"clusters": 2}
    options = {"store": engine.location, "refits": 0, **spec, **choices}
    return ingest(folder / "texts.csv", name=name, model=str(model), **options).study


@pytest.fixture(scope="module")
def study(engine: Engine, folder: Path, headed: Path) -> Study:
    return scan(engine, folder, headed, "tried", replace=True)


def region(study: Study, store: Store, layer: int = 1) -> str:
    found = store.read("MATCH (r:Region {study: $s, layer: $l}) RETURN r.id", {"s": study.id, "l": layer}).rows
    return str(found[0][0]).removeprefix(f"{study.id}/")


class Told:
    """Progress that is noted."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int]] = []
        self.lines: list[str] = []
        self.done = 0

    def stage(self, name: str, total: int, unit: str) -> None:
        self.stages.append((name, total))

    def advance(self, steps: int = 1, pace: object = None) -> None:
        self.done += steps

    def note(self, line: str) -> None:
        self.lines.append(line)

    def close(self) -> None:
        pass


TOLD = Told()


@pytest.fixture(scope="module")
def tried(study: Study, store: Store) -> list[Intervention]:
    asked = wanted_of([region(study, store)], adds=[1.0], swaps=["largest"], erase=True)
    return intervene(store, study, asked, FEW, run=Run(TOLD))


def test_what_was_tried_is_returned_and_stored(tried: list[Intervention], study: Study, store: Store) -> None:
    assert [one.operation for one in tried] == ["add", "erase", "swap"]
    assert all(one.controls == 99 and one.loss is not None and one.category in KINDS for one in tried)
    assert all(0.01 <= one.p <= one.q <= 1 for one in tried if one.p is not None and one.q is not None)
    stored = {one.key: one for one in store.interventions(study)}
    assert stored == {one.key: replace(one, details=json.loads(json.dumps(dict(one.details)))) for one in tried}
    assert store.study(study.id).revision == study.revision + 1
    assert sum(tried[0].details["controls"]["kinds"].values()) == 99
    assert {"accuracy", "p", "change"} <= tried[0].details["probability"].keys()
    assert {one.details["most"] for one in tried} == {FEW.documents}


def test_progress_names_each_intervention_and_its_turn(tried: list[Intervention]) -> None:
    expected = [f"{one.operation} {one.region} ({turn} of 3)" for turn, one in enumerate(tried, start=1)]
    assert [stage for stage, _ in TOLD.stages] == expected
    assert 0 < TOLD.done <= sum(total for _, total in TOLD.stages)
    assert TOLD.lines == []  # nothing was tried before, and nothing is far from what the model knows


@pytest.mark.slow  # two more interventions with a hundred controls each
def test_a_push_beyond_all_texts_and_a_result_that_is_replaced_are_said(
    tried: list[Intervention], study: Study, store: Store
) -> None:
    told = Told()
    intervene(store, study, wanted_of([tried[0].region], adds=[-40.0], erase=True), FEW, run=Run(told))
    assert [line for line in told.lines if "--add -40" in line]
    assert [line for line in told.lines if line.startswith(f"{tried[1].key} was tried before")]


@pytest.mark.slow
def test_the_same_is_found_again_and_another_seed_takes_other_halves(
    tried: list[Intervention], study: Study, store: Store
) -> None:
    asked = wanted_of([tried[1].region])
    (again,) = intervene(store, study, asked, FEW)
    assert replace(again, q=tried[1].q, changes=tried[1].changes, depth=tried[1].depth) == tried[1]
    (other,) = intervene(store, study, asked, replace(FEW, seed=5))
    assert other.seed == 5
    assert other.details["path"] != again.details["path"]


@pytest.mark.slow
def test_a_connection_is_swapped_into_its_first_region(study: Study, store: Store) -> None:
    statement = (
        "MATCH (s:Region {study: $s, layer: 1})-[e:FLOWS_TO]->(t:Region) RETURN s.id, t.id ORDER BY e.weight DESC"
    )
    ends = [end.removeprefix(f"{study.id}/") for end in store.read(statement, {"s": study.id}).rows[0]]
    (one,) = intervene(store, study, wanted_of((), [">".join(ends)], swaps=["largest"]), FEW)
    assert (one.region, one.target, one.towards) == (ends[0], ends[0], ends[1])
    assert one.source not in (None, ends[0])
    edges = store.read(
        "MATCH (:Region {id: $a})-[e:FLOWS_TO]->(:Region {id: $b}) RETURN e.causal_q",
        {"a": f"{study.id}/{ends[0]}", "b": f"{study.id}/{ends[1]}"},
    ).rows
    assert {row[0] for row in edges} == {one.q}


@pytest.mark.slow
@pytest.mark.parametrize(
    "choices", [{"site": "mlp"}, {"pooling": "last", "atlas": "grid", "resolution": 2}, {"group": "author"}]
)
def test_every_site_atlas_and_grouping_can_be_tried(
    choices: dict[str, Any], engine: Engine, folder: Path, headed: Path, store: Store
) -> None:
    study = scan(engine, folder, headed, "other", replace=True, **choices)
    (one,) = intervene(store, study, wanted_of([region(study, store)]), FEW)
    path = one.details["path"]
    assert [layer["counts"] for layer in path] == [study.site != "residual", *[True] * (len(path) - 1)]


@pytest.mark.slow
def test_an_encoder_has_no_loss(engine: Engine, folder: Path, store: Store) -> None:
    study = scan(engine, folder, save_tiny("bert", folder / "bert"), "encoder")
    (one,) = intervene(store, study, wanted_of([region(study, store)]), FEW)
    assert one.loss is None
    assert "loss" not in one.details


@pytest.mark.parametrize(
    ("asked", "fact"),
    [
        ({"regions": ["L1/R99"]}, "No region of tried is called 'L1/R99'"),
        ({"regions": ["L4/R0"]}, "L4/R0 is in layer 4 of 4"),
        ({"regions": ["L3/R0"]}, "layer after the next"),
        ({"connections": ["L1/R0>L3/R0"]}, "two neighbouring layers"),
        ({"connections": ["L1/R0"]}, "two neighbouring layers"),
        ({"regions": ["L1/R0"], "swaps": ["L2/R0"]}, "two regions of a layer"),
        ({}, "None is named"),
        ({"regions": ["L1/R0"], "adds": [0.0]}, "--add is 0"),
        ({"regions": ["L1/R0"], "adds": [float("nan")]}, "--add is nan"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], fact: str, study: Study, store: Store) -> None:
    with pytest.raises(UsageError, match=fact):
        intervene(store, study, wanted_of(**asked))


def test_fewer_controls_than_can_be_ranked_among_are_refused(study: Study, store: Store) -> None:
    with pytest.raises(UsageError, match="ranked among 99 controls or more"):
        intervene(store, study, wanted_of(["L1/R0"]), Extent(controls=98))


def test_studies_that_no_model_can_be_run_for_are_refused(
    engine: Engine, folder: Path, headed: Path, store: Store
) -> None:
    given = folder / "given"
    given.mkdir()
    for layer in range(3):
        np.save(given / f"L{layer}.npy", np.random.default_rng(layer).normal(size=(60, 4)).astype(np.float32))
    (given / "documents.csv").write_text("text,label\n" + "".join(f"{text},{text[:4]}\n" for text in TEXTS))
    study = ingest(activations=given, name="given", store=engine.location, refits=0, clusters=2).study
    with pytest.raises(UsageError, match="given activations"):
        intervene(store, study, wanted_of(["L0/R0"]))
    parts = scan(engine, folder, headed, "parts", atlas="components", components=2)
    with pytest.raises(UsageError, match=r"from region to region.*components"):
        intervene(store, parts, wanted_of(["L0/R0"]))


def test_a_model_or_a_corpus_that_is_gone_is_said(engine: Engine, folder: Path, headed: Path, store: Store) -> None:
    import shutil

    model = shutil.copytree(headed, folder / "leaving")
    study = scan(engine, folder, model, "leaving")
    shutil.rmtree(model)
    with pytest.raises(ModelError, match="model cannot be run"):
        intervene(store, study, wanted_of([region(study, store)]), FEW)
    study = scan(engine, folder, headed, "unread", limit=40)
    (folder / "texts.csv").rename(folder / "away.csv")
    try:
        with pytest.raises(MriError, match=r"texts\.csv"):
            intervene(store, study, wanted_of([region(study, store)]), FEW)
    finally:
        (folder / "away.csv").rename(folder / "texts.csv")
