"""What a user may choose of a scan: the sample, the pooling, the atlas; and what tells one study from another."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mri_core.store.bolt.driver import Writer
from mri_core.store.store import Store
from tests.command import Mri
from tests.counts import assert_equal, atlas_arrays, counted, layers_of, placed, saved_rows, stored
from tests.engines import Engine
from tests.shared import shared

DEMO = Path(str(files("ingest") / "demo.csv"))
POOLINGS = ("mean", "last", "mean-all", "first")
Ingest = Callable[..., dict[str, Any]]
pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("tidy")]


@pytest.fixture
def ingest(mri: Mri, tiny: Callable[[str], Path]) -> Ingest:
    """Runs `mri ingest`, unless told otherwise on 60 texts of the demo corpus with a tiny GPT-2."""

    def run(*options: object, name: str = "choices", corpus: object = DEMO, model: str = "gpt2") -> dict[str, Any]:
        arguments = ("--name", name, "--model", tiny(model), "--limit", 60, *options, "--json")
        told: dict[str, Any] = mri("ingest", corpus, *arguments).done().json
        return told

    return run


@pytest.fixture
def alone(mri: Mri, tmp_path: Path) -> Mri:
    """The command line with a cache of its own."""
    return replace(mri, cache=tmp_path / "cache")


def hash_of(told: dict[str, Any]) -> str:
    return str(told["study"]).rpartition("-")[2]


def report_of(store: Store, study: str) -> dict[str, Any]:
    return json.loads(store.study(study).report)


def documents_of(store: Store, study: str) -> list[tuple[str, str]]:
    statement = "MATCH (d:Document {study: $study}) RETURN d.category, d.title ORDER BY d.ordinal"
    return list(store.read(statement, {"study": study}).rows)


def demo_rows() -> list[dict[str, str]]:
    with DEMO.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


# --- the sample


def test_a_limit_takes_a_seeded_sample_with_every_category_s_part(ingest: Ingest, store: Store) -> None:
    first, again, other = (
        ingest("--limit", 31, "--seed", seed, name=name) for seed, name in ((1, "one"), (1, "same"), (2, "two"))
    )
    assert first["documents"] == 31
    sizes = Counter(category for category, _ in documents_of(store, first["study"]))
    assert sorted(sizes.values()) == [5, 5, 5, 5, 5, 6]
    assert documents_of(store, first["study"]) == documents_of(store, again["study"])
    assert documents_of(store, first["study"]) != documents_of(store, other["study"])
    assert report_of(store, first["study"])["skipped"]["over_limit"] == 269


def test_only_the_categories_asked_for_are_scanned(ingest: Ingest, store: Store) -> None:
    told = ingest("--limit", 1000, "--categories", "law-plain, cooking-plain")
    expected = [(row["label"], row["title"]) for row in demo_rows() if row["label"] in ("law-plain", "cooking-plain")]
    assert documents_of(store, told["study"]) == expected
    assert report_of(store, told["study"])["skipped"]["other_categories"] == 200


def test_texts_that_were_cut_are_counted_by_category(
    ingest: Ingest, store: Store, tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    from transformers import AutoTokenizer

    rows = [(("a", "b", "c")[i % 3], row["title"] * (1 + i % 4)) for i, row in enumerate(demo_rows()[:40])]
    corpus = tmp_path / "titles.jsonl"
    corpus.write_text("".join(json.dumps({"label": label, "text": text}) + "\n" for label, text in rows))
    told = ingest("--max-length", 30, corpus=corpus, model="llama")
    tokenizer = AutoTokenizer.from_pretrained(tiny("llama"))
    long = Counter(label for label, text in rows if len(tokenizer(text)["input_ids"]) > 30)
    assert 0 < long.total() < len(rows)
    assert report_of(store, told["study"])["cut"] == long


# --- pooling and atlas


@pytest.fixture(scope="module")
def pooled(
    mri: Mri, tiny: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[Path, dict[str, Any]]]:
    """Scans with a pooling; the model runs once for each, which has a cache of its own."""
    folder = tmp_path_factory.mktemp("pooled")

    def scan(pooling: str) -> tuple[Path, dict[str, Any]]:
        own = replace(mri, cache=folder / pooling)
        arguments = ("--name", "pooled", "--model", tiny("bert"), "--limit", 60, "--pooling", pooling)
        return own.cache, own("ingest", DEMO, *arguments, "--replace", "--json").done().json

    return scan


@pytest.mark.parametrize("pooling", POOLINGS)
def test_every_pooling_is_counted_as_it_was_saved(
    pooling: str, pooled: Callable[[str], tuple[Path, dict[str, Any]]], store: Store
) -> None:
    cache, told = pooled(pooling)
    layers, tokens = saved_rows(cache)
    labels = [category for category, _ in documents_of(store, told["study"])]
    assert_equal(stored(store, told["study"]), counted(placed(store, told["study"], layers, tokens), labels))
    assert store.study("pooled").pooling == pooling


def test_poolings_read_different_rows(pooled: Callable[[str], tuple[Path, dict[str, Any]]]) -> None:
    lasts = [saved_rows(pooled(pooling)[0])[0][-1] for pooling in POOLINGS]
    assert all(not np.allclose(a, b, atol=1e-3) for i, a in enumerate(lasts) for b in lasts[:i])


def test_the_first_token_of_a_causal_decoder_is_read_only_where_one_insists(
    alone: Mri, tiny: Callable[[str], Path]
) -> None:
    arguments = ("ingest", DEMO, "--name", "first", "--model", tiny("gpt2"), "--limit", 60, "--pooling", "first")
    refused = alone(*arguments)
    assert refused.status == 2
    assert "--force" in refused.refusal()
    assert alone("show", "first").status == 2
    alone(*arguments, "--force").done()


@pytest.mark.parametrize("options", [("--atlas", "grid"), ("--atlas", "grid", "--resolution", 3), ("--clusters", 4)])
@pytest.mark.parametrize("plain", [(), ("--no-standardize",), ("--no-length-adjust",)])
def test_atlases_are_fitted_as_asked(
    options: tuple[object, ...], plain: tuple[str, ...], ingest: Ingest, store: Store
) -> None:
    told = ingest(*options, *plain)
    arrays = atlas_arrays(store, told["study"])
    assert ("1.length_coefficients" in arrays) == ("--no-length-adjust" not in plain)
    assert set(arrays["1.scale"][np.isfinite(arrays["1.scale"])]) == {1.0} or "--no-standardize" not in plain
    names = {name for _, name in stored(store, told["study"]).regions}
    if "--clusters" in options:
        assert names == {"0", "1", "2", "3"}
    else:
        resolution = 3 if 3 in options else 10
        cells = [tuple(map(int, name.split("-"))) for name in names]
        assert max(max(cell) for cell in cells) == resolution - 1
        assert min(min(cell) for cell in cells) == 0


def test_another_atlas_over_the_same_texts_needs_no_model(
    ingest: Ingest, mri: Mri, tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    ingest("--max-length", 40)
    told = ingest("--max-length", 40, "--clusters", 7, name="other")
    assert told["seconds"]["load_model"] == told["seconds"]["activations"] == 0
    options = ("--model", tiny("gpt2"), "--limit", 60, "--max-length", 40, "--atlas", "grid")
    imported = mri.imports(tmp_path, "ingest", DEMO, "--name", "grid", *options)
    assert not {"torch", "transformers"} & imported


# --- identity

VARIATIONS = {
    "sample": ("--limit", 50),
    "categories": ("--categories", "law-plain,law-technical"),
    "match": ("--match", "length"),
    "pooling": ("--pooling", "last"),
    "template": ("--template", "Of {text}"),
    "another template": ("--template", "On {text}"),
    "standardize": ("--no-standardize",),
    "length": ("--no-length-adjust",),
    "max-length": ("--max-length", 30),
    "seed": ("--seed", 1),
    "clusters": ("--clusters", 5),
    "grid": ("--atlas", "grid"),
    "resolution": ("--atlas", "grid", "--resolution", 3),
    "reducer": ("--atlas", "grid", "--reducer", "svd"),
    "components": ("--atlas", "components"),
    "fewer components": ("--atlas", "components", "--components", 4),
    "threshold": ("--atlas", "components", "--components", 4, "--threshold", 0.4),
    "components' reducer": ("--atlas", "components", "--reducer", "svd"),
    "title": ("--title", "label"),
    "text": ("--text", "title"),
    "no ids": ("--id", ""),
}


@pytest.mark.slow  # a dozen scans
def test_whatever_is_another_input_makes_another_study(ingest: Ingest) -> None:
    studies = {name: ingest(*options, "--replace") for name, options in VARIATIONS.items()}
    studies |= {"nothing": ingest("--replace"), "model": ingest("--replace", model="llama")}
    hashes = {name: hash_of(told) for name, told in studies.items()}
    assert len(set(hashes.values())) == len(hashes), hashes


def test_one_changed_letter_of_the_corpus_makes_another_study(ingest: Ingest, tmp_path: Path) -> None:
    before, after = tmp_path / "before.csv", tmp_path / "after.csv"
    text = DEMO.read_text(encoding="utf-8")
    before.write_text(text, encoding="utf-8")
    after.write_text(text.replace("Washing", "Waxhing", 1), encoding="utf-8")
    assert hash_of(ingest("--limit", 300, corpus=before)) != hash_of(ingest("--limit", 300, "--replace", corpus=after))


def test_neither_the_study_s_name_nor_the_corpus_s_form_matters(ingest: Ingest, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in demo_rows()), encoding="utf-8")
    assert hash_of(ingest()) == hash_of(ingest(corpus=rows, name="lines"))


def test_the_same_inputs_are_unchanged_at_once_and_without_torch(
    ingest: Ingest, mri: Mri, tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    before = ingest()
    again = ingest()
    assert again["status"] == "unchanged"
    assert {**again, "status": 0, "seconds": 0} == {**before, "status": 0, "seconds": 0}
    assert again["seconds"]["activations"] == again["seconds"]["atlas"] == again["seconds"]["store"] == 0
    arguments = ("ingest", DEMO, "--name", "choices", "--model", tiny("gpt2"), "--limit", 60)
    assert "Nothing changed: choices" in mri(*arguments).done().out
    assert not {"torch", "transformers", "sklearn"} & mri.imports(tmp_path, *arguments)


def test_a_name_that_is_taken_is_refused_and_told_what_differs(
    ingest: Ingest, mri: Mri, tiny: Callable[[str], Path]
) -> None:
    there = ingest("--clusters", 5)
    refused = mri("ingest", DEMO, "--name", "choices", "--model", tiny("gpt2"), "--limit", 60, "--seed", 4)
    assert refused.status == 1
    line = refused.refusal()
    assert "what differs: clusters (was 5, now 6)" in line
    assert "seed (was 0, now 4)" in line
    assert "--replace" in line
    assert "now 0" not in line  # what only a scan can tell
    assert mri("show", "choices", "--json").done().json["study"]["id"] == there["study"]


def test_a_replaced_study_gives_way_whole(ingest: Ingest, mri: Mri, store: Store) -> None:
    old, new = ingest("--clusters", 5), ingest("--clusters", 8, "--replace")
    assert new["status"] == "ready"
    listed = [study["id"] for study in mri("studies", "--json").done().json]
    assert new["study"] in listed
    assert old["study"] not in listed
    assert store.read("MATCH (n {study: $study}) RETURN count(n)", {"study": old["study"]}).rows == ((0,),)
    assert store.read("MATCH (s:Study {name: 'choices'}) RETURN s.id").rows == ((new["study"],),)


# --- given activations


@pytest.fixture
def given(tmp_path: Path) -> Callable[..., Path]:
    """Writes a folder of given activations, apart by label; `columns` go into documents.csv by name."""

    def write(layers: int = 3, **columns: list[object]) -> Path:
        folder = tmp_path / "given"
        folder.mkdir()
        generator = np.random.default_rng(2)
        for index in range(layers):
            rows = generator.normal(size=(90, 6 + index)) + 5 * (np.arange(90) % 3)[:, None]
            np.save(folder / f"L{index}.npy", rows.astype("float32"))
        columns = {"label": [("a", "b", "c")[i % 3] for i in range(90)], **columns}
        with (folder / "documents.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([columns, *zip(*columns.values(), strict=True)])
        return folder

    return write


@pytest.mark.parametrize("with_tokens", [False, True])
@pytest.mark.parametrize("with_texts", [False, True])
def test_given_activations_are_counted_with_and_without_texts_and_tokens(
    with_texts: bool, with_tokens: bool, given: Callable[..., Path], alone: Mri, store: Store
) -> None:
    tokens = np.random.default_rng(1).integers(3, 60, 90)
    columns: dict[str, list[object]] = {"tokens": list(tokens)} if with_tokens else {}
    if with_texts:
        columns["text"] = [f"the {('apple', 'brick', 'cloud')[i % 3]} number {i}" for i in range(90)]
    folder = given(**columns)
    told = alone("ingest", "--activations", folder, "--name", "given", "--json").done().json
    regions = placed(store, told["study"], layers_of(folder), tokens if with_tokens else None)
    assert_equal(stored(store, told["study"]), counted(regions, [("a", "b", "c")[i % 3] for i in range(90)]))
    study = store.study("given")
    assert (study.model, study.site, study.pooling) == ("given", "given", "given")
    assert ("length_explained" in report_of(store, "given")) == with_tokens
    words = store.read("MATCH (r:Region {study: $s}) UNWIND r.keywords AS w RETURN DISTINCT w", {"s": told["study"]})
    assert bool(words.rows) == with_texts
    assert alone("ingest", "--activations", folder, "--name", "given", "--json").done().json["status"] == "unchanged"


def test_given_activations_that_are_unchanged_need_no_library_that_takes_long_to_import(
    given: Callable[..., Path], alone: Mri, tmp_path: Path
) -> None:
    arguments = ("ingest", "--activations", given(), "--name", "given")
    alone(*arguments).done()
    assert not {"torch", "transformers", "sklearn"} & alone.imports(tmp_path, *arguments)


@pytest.mark.parametrize(
    "options",
    [
        ("--model", "smollm2"),
        ("--pooling", "last"),
        ("--max-length", 7),
        ("--trust-remote-code",),
        ("--template", "Of {text}"),
        ("--chat",),
    ],
)
def test_options_of_a_model_are_refused_with_given_activations(
    options: tuple[object, ...], given: Callable[..., Path], mri: Mri
) -> None:
    refused = mri("ingest", "--activations", given(), "--name", "given", *options)
    assert refused.status == 2
    assert str(options[0]) in refused.refusal()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--atlas", "grid", "--clusters", 5), "--clusters"),
        (("--resolution", 5), "--resolution"),
        (("--reducer", "svd"), "--reducer would do nothing to --atlas clusters"),
        (("--components", 5), "--components"),
        (("--atlas", "grid", "--threshold", 0.5), "--threshold"),
        (("--atlas", "components", "--resolution", 5), "--resolution"),
        (("--atlas", "components", "--threshold", 1.5), "--threshold is 1.5"),
        (("--atlas", "component"), "Near names: components"),
        (("--atlas", "grid", "--reducer", "tsne"), "There are: pca, svd, umap"),
        (("--categories", " , "), "names none"),
        (("--template", "Of {text}", "--chat"), "--template and --chat"),
        (("--template", "Of the text"), "has none"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(options: tuple[object, ...], told: str, mri: Mri) -> None:
    refused = mri("ingest", DEMO, "--name", "x", *options)
    assert refused.status == 2
    assert told in refused.refusal()


def test_categories_that_hold_a_comma_are_named_in_quotes(
    alone: Mri, tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    rows = tmp_path / "commas.csv"
    with rows.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *((f"text {i}", ("a,b", "c", "d")[i % 3]) for i in range(30))])
    asked = ("ingest", rows, "--name", "commas", "--model", tiny("gpt2"), "--categories", '"a,b", c', "--json")
    assert alone(*asked).done().json["documents"] == 20


def test_a_study_that_was_stored_without_its_atlas_gets_it_by_the_same_ingest(
    given: Callable[..., Path], mri: Mri, store: Store, engine: Engine, tidy: None
) -> None:
    asked = ("ingest", "--activations", given(), "--name", "given", "--json")
    study = mri(*asked).done().json["study"]
    before, known = atlas_arrays(store, study), store.study("given").atlas_hash
    with closing(Writer(engine.connect())) as writer:
        writer.run("MATCH (n:AtlasPart {study: $id}) DELETE n", id=study)
        writer.run("MATCH (s:Study {id: $id}) REMOVE s.atlas_hash", id=study)
    told = mri(*asked).done().json
    assert (told["status"], told["added"]) == ("unchanged", ["atlas"])
    after = atlas_arrays(store, study)
    assert after.keys() == before.keys()
    assert all((after[name] == before[name]).all() for name in after)
    assert store.study("given").atlas_hash == known


def test_a_changed_activation_makes_another_study(given: Callable[..., Path], mri: Mri) -> None:
    folder = given()
    first = mri("ingest", "--activations", folder, "--name", "given", "--json").done().json
    rows = np.load(folder / "L1.npy")
    rows[3, 2] += 0.5
    np.save(folder / "L1.npy", rows)
    second = mri("ingest", "--activations", folder, "--name", "given", "--json", "--replace").done().json
    assert hash_of(first) != hash_of(second)


def test_a_grid_of_given_activations_has_the_cells_and_connections_of_llm_mri(
    mri: Mri, store: Store, tmp_path: Path
) -> None:
    """What LLM-MRI 0.2.1 computed; one document may fall in another cell of the last layer (rounding noise there)."""
    peer = shared("peer", "llm-mri-0.2.1", "animals")
    for layer in range(7):
        np.save(tmp_path / f"L{layer}.npy", np.load(peer / f"hidden_state_{layer}.npy"))
    rows = [json.loads(line) for line in (peer / "documents.jsonl").read_text(encoding="utf-8").splitlines()]
    documents = [{"label": row["class"], "text": row["text"]} for row in rows]
    (tmp_path / "documents.jsonl").write_text("".join(json.dumps(d) + "\n" for d in documents), encoding="utf-8")
    told = mri("ingest", "--activations", tmp_path, "--name", "peer", "--atlas", "grid", "--json").done().json
    found = stored(store, told["study"])

    cells: dict[int, dict[int, str]] = {}
    with (peer / "pca2_cells.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            cells.setdefault(int(row["doc"]), {})[int(row["layer"])] = f"{row['X']}-{row['Y']}"
    theirs = counted([[cells[doc][layer] for layer in range(7)] for doc in range(163)], [d["label"] for d in documents])
    moved = found.passes - theirs.passes
    assert len(moved) <= 1
    assert all(layer == 6 for _, layer, _ in moved)
    before_last = {key: value for key, value in theirs.flows.items() if key[0] < 5}
    ours = {key: value for key, value in found.flows.items() if key[0] < 5}
    assert ours.keys() == before_last.keys()
    np.testing.assert_allclose([ours[key] for key in before_last], list(before_last.values()), rtol=1e-12)
