"""One atlas, many scans: later documents and other models are placed in a study's frozen atlas, and compared there."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.confirmation import NewCorpus, confirm, plan_confirmation
from ingest.frozen import Frozen, open_frozen, request_in
from ingest.notebook import ingest
from ingest.request import Request
from mri_core.atlas.file import atlas_hash, pack_atlas
from mri_core.errors import MriError, StoreError, UsageError
from mri_core.records.arrays import Atlas, AtlasSpec
from mri_core.store.store import Store
from mri_core.studies.other_documents import compare_other_documents
from mri_core.studies.same_documents import compare_same_documents, measures_of
from tests.engines import Engine, writing
from tests.models import save_tiny
from tests.planted import planted_graph

pytestmark = pytest.mark.engine

DOCUMENTS, LAYERS, WIDTH = 240, 4, 24
LABELS = [("storm", "calm", "fog")[i % 3] for i in range(DOCUMENTS)]
MARKED = np.arange(DOCUMENTS) % 3 == 0  # what the second model reads otherwise: the documents of `storm`
EVERYONE = range(DOCUMENTS)
SHIFTED = 2  # the first layer in which it does


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRI_CACHE", str(tmp_path_factory.getbasetemp() / "cache-of-atlases"))


def rows(seed: int = 0, documents: int = DOCUMENTS) -> list[np.ndarray]:
    """Layers of documents in six clouds, which their categories prefer."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(6, WIDTH)) * 4
    chosen = (np.arange(documents) % 3) * 2 + random.integers(0, 2, documents)
    lost = random.random(documents) < 0.3
    chosen[lost] = random.integers(0, 6, int(lost.sum()))
    own = centres[chosen]
    return [(own + random.normal(size=own.shape)).astype(np.float32) for _ in range(LAYERS)]


def shifted(layers: list[np.ndarray]) -> list[np.ndarray]:
    """The rows of a model that puts every second marked document elsewhere from one layer on."""
    moved = MARKED & (np.arange(DOCUMENTS) % 2 == 0)
    target = layers[0][~MARKED][:1]
    return [own if i < SHIFTED else np.where(moved[:, None], target, own) for i, own in enumerate(layers)]


def save(
    folder: Path, layers: list[np.ndarray], labels: list[str] | None = None, ids: str = "a", **columns: list[str]
) -> Path:
    folder.mkdir()
    for index, layer in enumerate(layers):
        np.save(folder / f"L{index}.npy", layer)
    labels = labels or LABELS
    with (folder / "documents.csv").open("w", newline="") as file:
        own = csv.writer(file)
        own.writerow(["label", "id", *columns])
        own.writerows(zip(labels, [f"{ids}{i}" for i in range(len(labels))], *columns.values(), strict=True))
    return folder


@pytest.fixture
def scanned(engine: Engine, store: Store, tmp_path: Path, tidy: None) -> Callable[..., Any]:
    """Scans rows, in the atlas of a study if one is named."""

    def scan(name: str, layers: list[np.ndarray], atlas_of: str | None = None, **options: Any) -> Any:
        columns, labels, ids = options.pop("columns", {}), options.pop("labels", None), options.pop("ids", "a")
        folder = save(tmp_path / name, layers, labels, ids, **columns)
        made = ingest(
            activations=folder, name=name, atlas_of=atlas_of, store=engine.location, **({"refits": 0} | options)
        )
        return made.study

    return scan


@pytest.mark.parametrize("options", [{"clusters": 6}, {"atlas": "grid", "resolution": 4}])
def test_the_same_rows_fall_where_they_fell_whatever_the_atlas(
    scanned: Callable[..., Any], store: Store, options: dict[str, Any]
) -> None:
    base = scanned("base", rows(), **options)
    again = scanned("again", rows(), "base")
    assert (again.atlas_hash, again.atlas_of) == (base.atlas_hash, base.id)
    found = compare_same_documents(store, base, again)
    assert not found.reading.drift.moved.any()
    assert found.families == ()
    fit = store.measures(again, ["atlas_fit"])
    assert [m.value for m in fit] == pytest.approx([1] * LAYERS)
    assert not any(m.details["misfit"] for m in fit)
    assert json.loads(again.report)["atlas_of"]["study"] == "base"


def test_components_are_scored_on_the_axes_of_the_first_study(scanned: Callable[..., Any], store: Store) -> None:
    base = scanned("axes", rows(), atlas="components", components=3)
    again = scanned("axes-again", rows(), "axes")
    assert (again.regions, again.connections) == (base.regions, base.connections)
    with pytest.raises(UsageError, match="hold no documents"):
        compare_same_documents(store, base, again)


def test_a_model_that_differs_from_one_layer_on_moves_nothing_before_it_and_is_found_there(
    scanned: Callable[..., Any], store: Store
) -> None:
    base, tuned = scanned("own", rows(), clusters=6), scanned("tuned", shifted(rows()), "own")
    found = compare_same_documents(store, base, tuned)
    moved = found.reading.drift.moved
    assert moved[:SHIFTED].tolist() == [0] * SHIFTED
    assert (moved[SHIFTED:] > 0.08).all()
    storm = found.categories.index("storm")
    assert found.reading.drift.by_category[SHIFTED:, [i for i in range(3) if i != storm]].max() == 0
    regions = next(family for family in found.families if family.kind == "regions")
    assert regions.layer.min() == SHIFTED
    assert regions.changes.passed > 0
    store.add_measures(tuned, measures_of(found))
    drift = [m for m in store.measures(tuned, ["drift"]) if m.category is None]
    assert [m.value for m in drift] == pytest.approx(moved.tolist())


def test_floors_are_found_in_the_store_and_shams_are_named(scanned: Callable[..., Any], store: Store) -> None:
    base, tuned = scanned("first", rows(), clusters=6), scanned("second", shifted(rows()), "first")
    sham = scanned("sham", [layer + 0.5 for layer in rows()], "first")
    found = compare_same_documents(store, base, tuned, shams=[sham])
    assert [one.study.name for one in found.shams] == ["sham"]
    assert found.floors == ()  # given activations of other rows are another model
    assert found.excess is not None
    assert found.excess.least_p == 0.5
    with pytest.raises(UsageError, match="named twice"):
        compare_same_documents(store, base, tuned, shams=[tuned])


def test_an_atlas_that_does_not_describe_the_new_rows_is_warned_of_by_layer(scanned: Callable[..., Any]) -> None:
    scanned("near", rows(), clusters=6)
    far = [layer if i < 3 else layer * 6 + 20 for i, layer in enumerate(rows())]
    warnings = json.loads(scanned("far", far, "near").report)["warnings"]
    assert any(
        line.startswith("From layer 3 on the atlas of near does not describe these documents") for line in warnings
    )


def test_other_documents_are_compared_category_by_category(scanned: Callable[..., Any], store: Store) -> None:
    base = scanned("year-1", rows(), clusters=6)
    alike = scanned("year-2", rows(seed=5), "year-1", ids="b")
    assert compare_other_documents(store, base, alike).contrast.passed.sum() <= 1
    changed = scanned("year-3", shifted(rows(seed=6)), "year-1", ids="b")
    found = compare_other_documents(store, base, changed)
    passed = dict(zip(found.categories, found.contrast.passed.tolist(), strict=False))
    assert passed["storm"] > 0
    assert passed["calm"] == passed["fog"] == 0
    assert found.contrast.layer[found.contrast.q[:, found.categories.index("storm")] <= 0.05].min() == SHIFTED - 1


def test_texts_that_both_corpora_have_are_left_out(scanned: Callable[..., Any], store: Store) -> None:
    said = [
        f"number {i} of its kind, {i * 7919 % 1009} and {i * 31 % 97} more of {LABELS[i]}" for i in range(DOCUMENTS)
    ]
    other = [
        said[i] if i < 30 else f"another text {i} altogether, {i * 17 % 89} or {i * 13 % 71}" for i in range(DOCUMENTS)
    ]
    base = scanned("texts", rows(), clusters=6, columns={"text": said})
    later = scanned("later-texts", rows(seed=7), "texts", columns={"text": other}, ids="b")
    found = compare_other_documents(store, base, later)
    assert 30 <= found.left_out <= 35
    assert found.sizes.sum() == 2 * DOCUMENTS - found.left_out


def test_what_was_found_replicates_on_new_documents_and_on_shuffled_labels_it_does_not(
    scanned: Callable[..., Any], engine: Engine, store: Store, tmp_path: Path
) -> None:
    study = scanned("found", rows(), clusters=6)
    scanned("new", rows(seed=8), "found", ids="b")
    confirmed = confirm("found", NewCorpus("new"), store=engine.location)
    assert confirmed.result.replicated.mean() > 0.8
    assert confirmed.result.slope == pytest.approx(1, abs=0.2)
    shuffled = np.random.default_rng(0).permutation(LABELS).tolist()
    scanned("sham-labels", rows(seed=9), "found", labels=shuffled, ids="b")
    assert confirm("found", NewCorpus("sham-labels"), store=engine.location).result.replicated.mean() <= 0.05
    plan = tmp_path / "plan.json"
    plan_confirmation("found", plan, store=engine.location)
    assert len(confirm("found", NewCorpus("new"), plan=plan, store=engine.location).result.claims) == len(
        confirmed.result.claims
    )
    told = json.loads(plan.read_text())
    told["claims"] = told["claims"][:1]
    plan.write_text(json.dumps(told))
    with pytest.raises(UsageError, match="was changed after it was written"):
        confirm("found", NewCorpus("new"), plan=plan, store=engine.location)
    with pytest.raises(UsageError, match="A plan is written once"):
        plan_confirmation("found", plan, store=engine.location)
    stored = [m for m in store.measures(store.study("new"), ["replication"]) if m.other is None]
    assert stored[0].value == pytest.approx(confirmed.result.replicated.mean())
    assert study.atlas_hash == store.study("new").atlas_hash


def test_what_cannot_be_placed_or_compared_is_refused_in_one_line(
    scanned: Callable[..., Any], store: Store, engine: Engine, tmp_path: Path
) -> None:
    base = scanned("plain", rows(), clusters=6)
    with pytest.raises(UsageError, match=r"These have 3 layers, the atlas 4"):
        scanned("short", rows()[:3], "plain")
    with pytest.raises(UsageError, match=r"layers 12 wide, the atlas 24"):
        scanned("narrow", [layer[:, :12] for layer in rows()], "plain")
    with pytest.raises(UsageError, match=r"--clusters would do nothing to the atlas of plain"):
        scanned("fitted", rows(), "plain", clusters=4)
    with pytest.raises(UsageError, match="No study is called 'plein'"):
        scanned("gone", rows(), "plein")
    other = scanned("alone", rows(seed=3), clusters=6, ids="b")
    with pytest.raises(UsageError, match="stands on another atlas"):
        compare_same_documents(store, base, other)
    with pytest.raises(UsageError, match="elsewhere read elsewhere and plain plain"):
        compare_same_documents(store, base, scanned("elsewhere", rows()[::1], "plain", labels=LABELS[1:] + LABELS[:1]))
    with pytest.raises(MriError, match="share no category"):
        compare_other_documents(store, base, scanned("strange", rows(seed=4), "plain", labels=["x", "y", "z"] * 80))


def test_an_atlas_that_somebody_changed_in_the_store_is_refused_and_stored_anew_by_the_same_ingest(
    scanned: Callable[..., Any], store: Store, engine: Engine, tmp_path: Path
) -> None:
    from mri_core.store.bolt.driver import Writer

    study = scanned("changed", rows(), clusters=6)
    again = {
        "activations": tmp_path / "changed",
        "name": "changed",
        "clusters": 6,
        "refits": 0,
        "store": engine.location,
    }
    placed = scanned("placed-there", rows(seed=2), "changed")
    writer = Writer(engine.connect())
    try:
        cut = "MATCH (n:AtlasPart {study: $id, number: 0}) SET n.data = substring(n.data, 0, 400)"
        writer.run(cut, id=study.id)
        with pytest.raises(StoreError, match="cannot be read"):
            open_frozen(store, study)
        writer.run("MATCH (n:AtlasPart {study: $id}) DELETE n", id=study.id)
        with pytest.raises(StoreError, match="gone from the store"):
            open_frozen(store, study)
        assert ingest(**again).added == ("atlas",)
        assert open_frozen(store, study).hash == study.atlas_hash
        writer.run("MATCH (n:AtlasPart {study: $id}) DELETE n", id=placed.id)
        from_folder = again | {"activations": tmp_path / "placed-there", "name": "placed-there", "atlas_of": "changed"}
        assert ingest(**{k: v for k, v in from_folder.items() if k != "clusters"}).added == ("atlas",)
        assert open_frozen(store, placed).hash == study.atlas_hash
    finally:
        writer.close()


def test_an_atlas_whose_automatic_number_an_earlier_version_hashed_keeps_its_hash_when_it_is_stored_anew(
    scanned: Callable[..., Any], store: Store, engine: Engine, tmp_path: Path
) -> None:
    study = scanned("earlier", rows(), clusters=8)
    atlas = open_frozen(store, study).atlas
    assert atlas.spec.clusters is None  # 8 is the automatic number
    earlier = replace(atlas, spec=replace(atlas.spec, clusters=8))
    assert atlas_hash(earlier) != atlas_hash(atlas)
    store.add_atlas(study, pack_atlas(earlier), atlas_hash(earlier))
    with writing(engine) as writer:
        writer.run("MATCH (n:AtlasPart {study: $id}) DELETE n", id=study.id)
    again = ingest(activations=tmp_path / "earlier", name="earlier", clusters=8, refits=0, store=engine.location)
    assert again.added == ("atlas",)
    assert open_frozen(store, again.study).hash == atlas_hash(earlier)


@pytest.mark.model
def test_a_model_with_another_block_moves_documents_from_that_block_on(
    engine: Engine, store: Store, tmp_path: Path, tidy: None
) -> None:
    import torch
    from transformers import AutoModel

    texts = [f"{word} number {i} {'and so on ' * (i % 5)}" for i in range(30) for word in ("cats", "dogs")]
    corpus = tmp_path / "texts.csv"
    corpus.write_text("text,label\n" + "".join(f"{text},{text[:4]}\n" for text in texts))
    own = save_tiny("gpt2", tmp_path / "own")
    tuned = save_tiny("gpt2", tmp_path / "tuned")
    model = AutoModel.from_pretrained(tuned)
    with torch.no_grad():  # the second of three blocks writes something else into the stream
        model.h[1].mlp.c_proj.weight.add_(torch.randn_like(model.h[1].mlp.c_proj.weight))
    model.save_pretrained(tuned)
    ingest(corpus, name="gpt", model=str(own), store=engine.location, refits=0)
    ingest(corpus, name="gpt-tuned", model=str(tuned), atlas_of="gpt", store=engine.location)
    found = compare_same_documents(store, store.study("gpt"), store.study("gpt-tuned"))
    assert found.reading.drift.moved[:2].tolist() == [0, 0]
    assert found.reading.drift.moved[2] > 0
    shallow = save_tiny("mixtral", tmp_path / "shallow")
    with pytest.raises(UsageError, match="These have 3 layers, the atlas 4"):
        ingest(corpus, name="wrong", model=str(shallow), atlas_of="gpt", store=engine.location)


def test_documents_that_nothing_tells_apart_are_not_taken_for_the_same(
    engine: Engine, store: Store, tmp_path: Path, tidy: None
) -> None:
    """Labels in the same order are no sign of the same documents: there are neither texts nor ids."""
    for name, layers in (("bare", rows()), ("bare-too", rows(seed=1))):
        folder = save(tmp_path / name, layers)
        (folder / "documents.csv").write_text("\n".join(["label", *LABELS]))
        atlas = {"clusters": 6} if name == "bare" else {"atlas_of": "bare"}
        ingest(activations=folder, name=name, store=engine.location, refits=0, **atlas)
    first, second = store.study("bare"), store.study("bare-too")
    assert first.documents_read != second.documents_read
    assert compare_other_documents(store, first, second).sizes.sum() == 2 * DOCUMENTS


def test_the_origin_is_named_however_many_studies_lie_between(scanned: Callable[..., Any]) -> None:
    scanned("origin", rows(), clusters=6)
    scanned("between", rows(seed=1), "origin")
    far = [layer * 6 + 20 for layer in rows(seed=2)]
    report = json.loads(scanned("last", far, "between").report)
    assert (report["atlas_of"]["study"], report["atlas_of"]["corpus"]) == ("origin", "origin")
    assert any(line.startswith("In every layer the atlas of origin does not describe") for line in report["warnings"])


def test_the_seed_is_part_of_a_placed_studys_identity(scanned: Callable[..., Any]) -> None:
    scanned("seeded", rows(), clusters=6)
    first = scanned("draws", rows(seed=1), "seeded")
    assert scanned("draws-again", rows(seed=1), "seeded", seed=1).id.split("-")[-1] != first.id.split("-")[-1]


def test_what_the_caller_named_or_allowed_is_the_callers_and_the_rest_the_studys() -> None:
    stored = {"model": "smollm2", "pooling": "last", "trust_remote_code": True, "atlas": "clusters", "clusters": 6}
    study = replace(planted_graph("by-another").study, parameters=json.dumps(stored), atlas_hash="a" * 64)
    frozen = Frozen(study, Atlas(AtlasSpec(), ()), "a" * 64)
    left_open = request_in(Request(corpus="x.csv", name="x", atlas_of="by-another"), frozen)
    assert (left_open.model, left_open.pooling, left_open.clusters) == ("smollm2", "last", 6)
    assert not left_open.trust_remote_code
    named = Request(corpus="x.csv", name="x", atlas_of="by-another", given=frozenset({"model"}))
    assert (request_in(named, frozen).model, request_in(named, frozen).pooling) == ("minilm", "last")


def test_a_refused_confirmation_leaves_no_study(
    scanned: Callable[..., Any], engine: Engine, store: Store, tmp_path: Path
) -> None:
    scanned("same", rows(), clusters=6)
    confirming = NewCorpus(save(tmp_path / "the-same-rows", rows()))
    with pytest.raises(UsageError, match="Those of same-confirmation are the documents of same"):
        confirm("same", confirming, store=engine.location)
    assert "same-confirmation" not in {one.name for one in store.studies()}
    scanned("same-confirmation", rows(), "same")  # which was there before is left
    with pytest.raises(UsageError, match="are the documents of same"):
        confirm("same", confirming, store=engine.location)
    assert "same-confirmation" in {one.name for one in store.studies()}


def test_a_claim_sets_its_category_against_those_of_the_study_alone(
    scanned: Callable[..., Any], engine: Engine
) -> None:
    scanned("three-kinds", rows(), clusters=6)
    more = rows(seed=8)
    extra = [np.concatenate([layer, np.repeat(layer[:1], 400, axis=0)]) for layer in more]
    scanned("four-kinds", extra, "three-kinds", labels=LABELS + ["dust"] * 400, ids="b")
    scanned("same-kinds", more, "three-kinds", ids="b")
    alike, apart = (
        confirm("three-kinds", NewCorpus(name), store=engine.location) for name in ("same-kinds", "four-kinds")
    )
    assert apart.documents == alike.documents == DOCUMENTS
    assert apart.result.effect.tolist() == alike.result.effect.tolist()
    scanned(
        "two-kinds",
        [layer[MARKED | (np.arange(DOCUMENTS) % 3 == 1)] for layer in more],
        "three-kinds",
        labels=[label for label in LABELS if label != "fog"],
    )
    with pytest.raises(UsageError, match="two-kinds has none of 'fog'"):
        confirm("three-kinds", NewCorpus("two-kinds"), store=engine.location)
    scanned("same-rows", rows(), "three-kinds")
    with pytest.raises(UsageError, match="Those of same-rows are the documents of three-kinds"):
        confirm("three-kinds", NewCorpus("same-rows"), store=engine.location)


def test_a_comparison_that_finds_nothing_takes_the_place_of_one_that_did(
    scanned: Callable[..., Any], store: Store
) -> None:
    base = scanned("before", rows(), clusters=6)
    tuned, again = scanned("after", shifted(rows()), "before"), scanned("after-again", shifted(rows()), "before")
    for first in (base, again):
        store.add_measures(tuned, measures_of(compare_same_documents(store, first, tuned)))
    left = store.measures(tuned, ["changed"])
    assert {(m.other, m.value, m.details["base"]) for m in left} == {
        (kind, 0, again.id) for kind in ("regions", "connections", "moves")
    }


def test_held_out_documents_take_no_part_and_confirm_what_the_others_show(
    engine: Engine, store: Store, tmp_path: Path, tidy: None
) -> None:
    own = save_tiny("gpt2", tmp_path / "own")
    corpus = tmp_path / "texts.csv"
    words = {"cats": "soft warm fur", "dogs": "LOUD, LONG BARK!", "fish": "0123456789"}
    lines = [f'"{words[label]} {i * 7919 % 997}",{label}' for i in range(60) for label in words]
    corpus.write_text("text,label\n" + "\n".join(lines) + "\n")
    options: dict[str, Any] = {"model": str(own), "store": engine.location, "refits": 0, "holdout": 0.4}
    first = ingest(corpus, name="kept", **options).study
    rest = ingest(corpus, name="kept-holdout", held_out=True, atlas_of="kept", **options).study
    assert (first.documents, rest.documents) == (108, 72)
    texts = [
        {text for (text,) in store.read("MATCH (d:Document {study: $s}) RETURN d.excerpt", {"s": one.id}).rows}
        for one in (first, rest)
    ]
    assert texts[0].isdisjoint(texts[1])
    assert json.loads(first.report)["skipped"]["held_out"] == 72
    confirmed = confirm("kept", NewCorpus("kept-holdout"), store=engine.location)
    assert confirmed.documents + confirmed.left_out == 72
    assert confirmed.result.replicated.mean() > 0.5
