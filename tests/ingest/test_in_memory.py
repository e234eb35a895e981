"""Scans of what a notebook has in memory: the studies of files, and what reads them again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ingest.confirmation import NewCorpus, confirm
from ingest.corpus.formats import held
from ingest.model import memory
from ingest.notebook import ingest
from ingest.progress import Silent
from ingest.run import Run
from ingest.studies.intervening import Extent, intervene
from ingest.studies.later_texts import open_later
from ingest.studies.multiverse import multiverse_study
from ingest.studies.probing import probe_study
from mri_core.errors import CorpusError, ModelError, UsageError
from mri_core.records.graph import Study
from mri_core.store.store import Store
from mri_core.studies.intervention_request import wanted_of
from tests.engines import Engine
from tests.ingest.refusal import refused
from tests.models import save_tiny

pytestmark = [pytest.mark.engine, pytest.mark.model]

FEW = Extent(documents=8)
WORDS = ("cats", "dogs")
TEXTS = [f"{word} number {i} {'and so on ' * (i % 5)}" for i in range(30) for word in WORDS]


class Told(Silent):
    """Keeps stages and notes."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.lines: list[str] = []

    def stage(self, name: str, total: int, unit: str) -> None:
        self.stages.append(name)

    def note(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("memory")
        patch.setenv("MRI_CACHE", str(folder / "cache"))
        rows = "".join(f"{text},{text[:4]}\n" for text in TEXTS)
        (folder / "texts.csv").write_text(f"text,label\n{rows},cats\n")
        save_tiny("gpt2", folder / "gpt2")
        yield folder


@pytest.fixture(scope="module")
def loaded(folder: Path) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModel, AutoTokenizer

    model = AutoModel.from_pretrained(folder / "gpt2", dtype=torch.float32)
    return model, AutoTokenizer.from_pretrained(folder / "gpt2")


@pytest.fixture(scope="module")
def frame(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "texts.csv")


def scan(engine: Engine, corpus: object, name: str, **choices: Any) -> Study:
    return ingest(corpus, name=name, store=engine.location, refits=0, clusters=3, **choices).study


@pytest.fixture(scope="module")
def of_file(engine: Engine, folder: Path) -> Study:
    return scan(engine, folder / "texts.csv", "of-file", model=str(folder / "gpt2"))


@pytest.fixture(scope="module")
def of_memory(engine: Engine, frame: pd.DataFrame, loaded: tuple[Any, Any], of_file: Study) -> Study:
    model, tokenizer = loaded
    return scan(engine, frame, "of-memory", model=model, tokenizer=tokenizer, replace=True)


def placed(store: Store, study: Study) -> list[Any]:
    """The regions of every document."""
    return sorted(
        store.read(
            "MATCH (d:Document {study: $s})-[p:PASSES]->(r:Region) RETURN d.ordinal, r.layer, r.name",
            {"s": study.id},
        ).rows
    )


def counted(store: Store, study: Study) -> list[Any]:
    """What connects regions, in numbers."""
    asked = "MATCH (a:Region {study: $s})-[f:FLOWS_TO]->(b:Region) RETURN a.layer, a.name, b.name, f.category, f.weight"
    return sorted(store.read(asked, {"s": study.id}).rows, key=str)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in another process, which holds nothing."""
    monkeypatch.setattr(held, "_HELD", OrderedDict())
    monkeypatch.setattr(memory, "_HELD", {})


def test_the_same_content_in_memory_and_in_a_file_is_one_study(
    engine: Engine, of_file: Study, frame: pd.DataFrame, folder: Path
) -> None:
    made = ingest(
        frame, name="of-file", store=engine.location, refits=0, clusters=3, model=str(folder / "gpt2"), progress=Told()
    )
    assert (made.status, made.study.id) == ("unchanged", of_file.id)


def test_a_frame_and_a_loaded_model_give_the_regions_and_counts_of_their_files(
    store: Store, of_file: Study, of_memory: Study
) -> None:
    assert placed(store, of_memory) == placed(store, of_file)
    assert len(placed(store, of_file)) == 60 * of_file.layers
    assert counted(store, of_memory) == counted(store, of_file) != []
    assert of_memory.model_revision != of_file.model_revision
    assert of_memory.corpus_hash == of_file.corpus_hash
    assert of_memory.corpus == f"DataFrame-{of_memory.parameters.partition('DataFrame-')[2][:12]}"


def test_the_same_again_is_there_already_and_a_new_name_reads_the_cache(
    engine: Engine, of_memory: Study, frame: pd.DataFrame, loaded: tuple[Any, Any]
) -> None:
    model, tokenizer = loaded
    given = {"store": engine.location, "refits": 0, "clusters": 3, "model": model, "tokenizer": tokenizer}
    assert ingest(frame.copy(), name="of-memory", **given).status == "unchanged"
    told = Told()
    made = ingest(frame.to_dict("records"), name="of-cache", progress=told, **given)
    assert made.status == "ready"
    assert not any("text" in stage for stage in told.stages)
    assert "Left out: 1 row without text." in told.lines


def test_what_reads_texts_and_models_again_works_in_the_same_process(of_memory: Study, store: Store) -> None:
    assert any(measure.other == "words" for measure in probe_study(of_memory, splits=2))
    (tried,) = intervene(store, of_memory, wanted_of(regions=["L1/R0"]), FEW)
    assert tried.controls == 99
    assert open_later(store, of_memory).read(TEXTS[:2]).cut.tolist() == [0, 0]


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_rows_suffice_for_some_and_the_rest_is_refused(of_memory: Study, store: Store) -> None:
    told = Told()
    probed = probe_study(of_memory, splits=2, run=Run(told))
    assert not any(measure.other == "words" for measure in probed)
    assert any("The bag of words is left out" in line and "from memory" in line for line in told.lines)
    assert multiverse_study(of_memory, seeds=1)
    with refused("from memory", "Call mri.ingest as before with the same data", kind=CorpusError):
        intervene(store, of_memory, wanted_of(regions=["L1/R0"]), FEW)
    with refused("does not have it", "save_pretrained", kind=ModelError):
        open_later(store, of_memory)


def test_findings_are_confirmed_on_texts_in_memory(engine: Engine, of_memory: Study, frame: pd.DataFrame) -> None:
    later = frame.dropna().assign(text=frame["text"] + " at last")
    confirmed = confirm(of_memory.name, NewCorpus(later, name="later"), store=engine.location)
    assert confirmed.by.corpus.startswith("DataFrame-")


def test_held_out_documents_of_a_frame_confirm_what_the_others_show(
    engine: Engine, store: Store, frame: pd.DataFrame, loaded: tuple[Any, Any]
) -> None:
    model, tokenizer = loaded
    study = scan(engine, frame, "half", model=model, tokenizer=tokenizer, holdout=0.5)
    assert study.documents == 30
    assert store.study("half-holdout").documents == 30


def test_options_of_a_file_s_model_are_refused_for_a_loaded_one(
    engine: Engine, frame: pd.DataFrame, loaded: tuple[Any, Any]
) -> None:
    model, tokenizer = loaded
    for options in ({"device": "cpu"}, {"dtype": "float32"}, {"revision": "main"}, {"engine": "ray"}, {"split": True}):
        with refused("read where it lies", f"--{next(iter(options))}", kind=UsageError):
            ingest(frame, name="refused", store=engine.location, model=model, tokenizer=tokenizer, **options)
    with refused("A tokenizer is that of a loaded model", kind=UsageError):
        scan(engine, frame, "refused", tokenizer=tokenizer)
