"""Studies on a Hugging Face hub on this machine: pushed as a dataset with a card, and imported from there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from mri_core.store.checksums import checksum
from mri_core.store.embedded import lifecycle
from mri_core.store.store import Store
from tests.command import Mri
from tests.hub import TOKEN, Hub, local_hub
from tests.planted import HOSTILE, planted_graph

pytestmark = pytest.mark.engine  # each command runs as a child: the hub's address is read when its client is imported
NAME = "on-the-hub"


@pytest.fixture(scope="module")
def planted(store: Store) -> Iterator[str]:
    graph = planted_graph(NAME, seed=83, corpus=f"{HOSTILE[1]} | x.csv")
    store.write(graph)
    yield NAME
    store.delete(graph.study)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    with local_hub() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.endpoint)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        yield running


def test_a_study_is_pushed_with_a_card_and_imported_from_there(
    mri: Mri, planted: str, store: Store, hub: Hub, tmp_path: Path
) -> None:
    result = mri.child("export", planted, "bundle", "-o", "hf://me/study").done()
    assert result.out.startswith(f"Wrote {hub.endpoint}/datasets/me/study/commit/")
    dataset = hub.datasets["me/study"]
    assert dataset.private
    assert set(dataset.commits[-1]) == {"README.md", "study.mri"}
    _, header, body = dataset.commits[-1]["README.md"].decode().split("---\n", 2)
    assert yaml.safe_load(header) == {
        "pretty_name": "LLM-MRI Graph: on-the-hub",
        "tags": ["llm-mri-graph", "interpretability"],
        "viewer": False,
    }
    assert "mri import hf://me/study" in body
    assert "60 documents in 3 categories" in body
    assert checksum(store, store.study(planted)) in body
    assert "<script" not in body.replace("\\<", "")
    other = tmp_path / "other"
    try:
        taken = mri.child("import", "hf://me/study", "--store", other).done()
        assert taken.out.startswith("on-the-hub (on-the-hub-00000053): imported, checksum ")
    finally:
        lifecycle.stop(other)


@pytest.mark.slow
def test_an_earlier_revision_is_imported_when_it_is_named(mri: Mri, planted: str, hub: Hub, tmp_path: Path) -> None:
    mri.child("export", planted, "bundle", "-o", "hf://me/study", "--no-excerpts").done()
    first = hub.datasets["me/study"].sha()
    mri.child("export", planted, "bundle", "-o", "hf://me/study").done()
    assert "| left out |" in hub.datasets["me/study"].commits[1]["README.md"].decode()
    other = tmp_path / "other"
    try:
        mri.child("import", f"hf://datasets/me/study@{first}", "--store", other).done()
        shown = mri("cypher", "MATCH (d:Document) RETURN DISTINCT d.excerpt", "--format", "json", "--store", other)
        assert shown.done().json == [{"d.excerpt": ""}]
    finally:
        lifecycle.stop(other)


@pytest.mark.slow  # two children
def test_a_public_dataset_gets_a_study_only_when_it_is_said(mri: Mri, planted: str, hub: Hub) -> None:
    mri.child("export", planted, "bundle", "-o", "hf://me/open", "--public").done()
    assert not hub.datasets["me/open"].private
    refused = mri.child("export", planted, "bundle", "-o", "hf://me/open").refusal()
    assert "me/open is public already. Add --public" in refused
    assert len(hub.datasets["me/open"].commits) == 2


@pytest.mark.slow
def test_what_the_hub_does_not_have_or_allow_is_one_line(
    mri: Mri, planted: str, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    mri.child("export", planted, "bundle", "-o", "hf://me/study").done()
    del hub.datasets["me/study"].commits[-1]["study.mri"]
    for arguments, words in (
        (("import", "hf://me/none"), "There is no me/none that this account may read"),
        (("import", "hf://me/study"), "me/study has no study.mri"),
        (("import", "hf://me/study@abc"), "me/study has no revision abc"),
        (("import", "hf://me"), "'hf://me' is not"),
        (("export", planted, "bundle", "-o", "hf://me/study@main"), "Leave it out"),
        (("export", planted, "json", "-o", "hf://me/study"), "The hub has studies as bundles"),
        (("export", planted, "bundle", "-o", "x.mri", "--public"), "x.mri is a file"),
    ):
        assert words in mri.child(*arguments).refusal(), arguments
    monkeypatch.setenv("HF_TOKEN", "hf_of_nobody")
    assert "hf auth login" in mri.child("export", planted, "bundle", "-o", "hf://me/other").refusal()
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "cannot be reached" in mri.child("import", "hf://me/elsewhere").refusal()


def test_a_hub_that_cannot_be_reached_is_one_line_at_once(mri: Mri, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    begun = time.monotonic()
    refused = mri.child("import", "hf://me/elsewhere")
    assert "The hub cannot be reached, and the cache has no me/elsewhere" in refused.refusal()
    assert len(refused.err.splitlines()) == 1
    assert time.monotonic() - begun < 15  # its client's own attempts take more than 20 seconds


@pytest.mark.slow
def test_what_was_fetched_before_is_imported_offline(
    mri: Mri, planted: str, hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mri.child("export", planted, "bundle", "-o", "hf://me/study").done()
    assert "is there already" in mri.child("import", "hf://me/study").done().out
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "is there already" in mri.child("import", "hf://me/study").done().out
    assert "the cache has no me/other" in mri.child("import", "hf://me/other").refusal()
