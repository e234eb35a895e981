"""A study as a notebook has it: what its frames and arrays hold, checked against files and counts made here."""

from __future__ import annotations

import inspect
import io
import json
import re
import shutil
import warnings
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import mri
from docs import build
from mri.arguments import as_texts
from mri_core.atlas.file import unpack_atlas
from mri_core.atlas.fitting import place
from mri_core.records.arrays import Activations
from mri_core.store.store import Store
from tests.planted import HOSTILE, planted_components, planted_graph
from tests.ui.evidence import hostile

pytestmark = pytest.mark.engine

DOCUMENTS, LAYERS, WIDTH = 90, 3, 6
LOST = r"'gone' \(gone-00000004\) was replaced or deleted.* Look for it again: mri\.study\('gone'\)"
PUBLIC = {
    *("name", "id", "record", "store"),
    *("regions", "connections", "documents", "findings", "measures", "codes", "activations", "place"),
    *("fitted", "fitted_tokens"),
    *("plot", "show", "query", "cypher", "compare", "probe", "explain", "token_places", "names", "report", "export"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Activations of ninety documents of two categories, in three clouds of which each category prefers its own."""
    folder = tmp_path_factory.mktemp("given")
    generator = np.random.default_rng(0)
    labels = np.arange(DOCUMENTS) % 2
    cloud = np.where(generator.random(DOCUMENTS) < 0.6, labels, generator.integers(0, 3, DOCUMENTS))
    for layer in range(LAYERS):
        cloud = np.where(generator.random(DOCUMENTS) < 0.2, generator.integers(0, 3, DOCUMENTS), cloud)
        rows = 9 * np.eye(3, WIDTH)[cloud] + generator.normal(size=(DOCUMENTS, WIDTH))
        np.save(folder / f"L{layer}.npy", rows.astype(np.float32))
    texts = [HOSTILE[i] if i < len(HOSTILE) else f"text {i}" for i in range(DOCUMENTS)]
    frame = pd.DataFrame({"label": [("cats", "law")[label] for label in labels], "text": texts})
    frame.assign(id=[f"own-{i}" for i in range(DOCUMENTS)]).to_csv(folder / "documents.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def view(folder: Path, store: Store, store_folder: Path) -> mri.StudyView:
    """The study of these, with three clusters a layer."""
    made = mri.ingest(activations=folder, name="viewed", clusters=3, refits=2, store=store_folder)
    return mri.study(made.study.name, store=store_folder)


@pytest.fixture(scope="module")
def planted(store: Store, store_folder: Path) -> Iterator[mri.StudyView]:
    """A study with findings, of which every name and word is hostile."""
    graph = hostile("planted")
    store.write(graph)
    yield mri.study("planted", store=store_folder)
    store.delete(graph.study)


def activations_of(folder: Path) -> list[np.ndarray]:
    return [np.load(folder / f"L{layer}.npy") for layer in range(LAYERS)]


def test_documents_are_those_of_the_corpus_in_its_order_with_their_regions(view: mri.StudyView, folder: Path) -> None:
    corpus = pd.read_csv(folder / "documents.csv")
    documents = view.documents
    assert documents.index.tolist() == list(range(DOCUMENTS))
    assert documents["category"].tolist() == corpus["label"].tolist()
    assert documents["id"].tolist() == corpus["id"].tolist()
    assert documents.loc[20, "excerpt"] == "text 20"
    assert documents["document"].tolist()[:2] == ["D0", "D1"]
    assert list(documents.columns[-LAYERS:]) == ["L0", "L1", "L2"]
    assert {str(kind) for kind in documents.dtypes} == {"string"}
    for layer in range(LAYERS):
        counted = documents[f"L{layer}"].value_counts().to_dict()
        stored = view.regions[view.regions["layer"] == layer].set_index("region")["documents"].to_dict()
        assert counted == stored


def test_regions_have_the_names_that_users_see_and_typed_columns(view: mri.StudyView) -> None:
    regions = view.regions
    assert len(regions) == view.record.regions
    assert regions["region"].tolist() == [f"L{row.layer}/R{row.name_}" for row in _named(regions)]
    assert [str(regions[name].dtype) for name in ("region", "layer", "documents", "entropy")] == [
        *("string", "Int64", "Int64", "float64")
    ]
    exemplar = regions["exemplars"][0][0]
    assert view.documents.loc[exemplar, "L0"] == regions["region"][0]


def _named(regions: pd.DataFrame) -> Iterator[tuple]:
    return regions.rename(columns={"name": "name_"}).itertuples()  # type: ignore[return-value]


def test_connections_count_the_documents_that_take_them(view: mri.StudyView) -> None:
    documents, connections = view.documents, view.connections
    assert len(connections) == view.record.connections
    for layer in range(LAYERS - 1):
        steps = [documents[f"L{layer}"], documents[f"L{layer + 1}"], documents["category"]]
        counted = documents.groupby(steps).size().to_dict()
        own = connections[connections["layer"] == layer]
        assert own.set_index(["source", "target", "category"])["weight"].to_dict() == counted
    sizes = connections["category"].map(documents["category"].value_counts())
    np.testing.assert_allclose(connections["share"], connections["weight"] / sizes)


def test_codes_are_those_that_the_atlas_gives_and_cannot_be_written_to(
    view: mri.StudyView, store: Store, folder: Path
) -> None:
    atlas = unpack_atlas(store.atlas(view.record), view.record.atlas_hash or "")
    expected = place(atlas, Activations(tuple(activations_of(folder))))
    np.testing.assert_array_equal(view.codes, expected)
    with pytest.raises(ValueError, match="read-only"):
        view.codes[0, 0] = 1


def test_codes_of_a_grid_are_its_cells(store: Store, store_folder: Path, folder: Path, tidy: None) -> None:
    options = {"atlas": "grid", "resolution": 4, "refits": 0, "store": store_folder}
    mri.ingest(activations=folder, name="cells", **options)  # type: ignore[arg-type]
    cells = mri.study("cells", store=store_folder)
    atlas = unpack_atlas(store.atlas(cells.record), cells.record.atlas_hash or "")
    np.testing.assert_array_equal(cells.codes, place(atlas, Activations(tuple(activations_of(folder)))))
    name = cells.documents.loc[0, "L0"]
    assert name == "L0/R{}-{}".format(*divmod(cells.codes[0, 0], 4))


def test_findings_come_in_order_of_trust_and_are_those_of_the_question(planted: mri.StudyView) -> None:
    found = planted.findings
    asked = planted.query("findings", limit=1000).to_pandas()
    assert len(found) == len(asked) > 3
    assert (f"{planted.id}/" + found["source"] == asked["source"]).all()
    assert found["stability"].fillna(-1).is_monotonic_decreasing
    assert set(found["finding"]) <= {"more", "less"}
    pd.testing.assert_series_equal(found["effect"], asked["effect"])


def test_measures_are_all_there_is_in_long_form(view: mri.StudyView, store: Store) -> None:
    held, measures = store.measures(view.record), view.measures
    assert len(measures) == len(held) > 0
    assert sorted(measures["kind"]) == sorted(measure.kind for measure in held)
    known = {(m.kind, m.layer, m.other): m.value for m in held if m.category is None}
    row = measures[(measures["kind"] == "divergence") & (measures["layer"] == 1)].iloc[0]
    assert row["value"] == known["divergence", 1, None]
    assert isinstance(row["details"], dict)


def test_a_study_that_was_not_tested_has_frames_without_rows(store: Store, store_folder: Path, tidy: None) -> None:
    store.write(planted_graph("untested", seed=3))
    untested = mri.study("untested", store=store_folder)
    assert (len(untested.findings), len(untested.measures)) == (0, 0)
    assert str(untested.findings["effect"].dtype) == "float64"
    assert untested.connections["finding"].isna().all()


def test_components_have_scores_and_correlations_in_the_place_of_counts(
    store: Store, store_folder: Path, tidy: None
) -> None:
    scores = np.random.default_rng(0).normal(size=(40, 3, 3))
    graph = planted_components("moving", scores=scores, categories=["a", "b"] * 20, threshold=0.1)
    store.write(graph)
    moving = mri.study("moving", store=store_folder)
    assert len(moving.documents) == 40
    assert "L0" not in moving.documents
    assert moving.regions["documents"].isna().all()
    assert moving.connections["weight"].abs().between(0.1, 1).all()
    with pytest.raises(mri.MriError, match="Those of moving are components"):
        _ = moving.codes


def test_activations_are_those_that_were_scanned(view: mri.StudyView, folder: Path) -> None:
    for layer, expected in enumerate(activations_of(folder)):
        np.testing.assert_array_equal(view.activations(layer), expected)
    assert view.fitted.tolist() == list(range(DOCUMENTS))
    for wrong in (-1, LAYERS):
        with pytest.raises(mri.MriError, match=f"viewed has 0 to 2, not {wrong}"):
            view.activations(wrong)


def test_of_a_sample_in_the_graph_documents_and_codes_are_of_all_and_activations_of_the_fitted(
    store: Store, store_folder: Path, folder: Path, tidy: None
) -> None:
    options = {"clusters": 3, "refits": 0, "keep_documents": 20, "fit_on": 40, "store": store_folder}
    mri.ingest(activations=folder, name="part", **options)  # type: ignore[arg-type]
    part = mri.study("part", store=store_folder)
    atlas = unpack_atlas(store.atlas(part.record), part.record.atlas_hash or "")
    expected = place(atlas, Activations(tuple(activations_of(folder))))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(part.documents) == DOCUMENTS
    np.testing.assert_array_equal(part.codes, expected)
    assert part.documents["id"].tolist() == [f"own-{i}" for i in range(DOCUMENTS)]
    with pytest.warns(UserWarning, match=r"those of the 40 documents that its atlas was fitted to, of 90"):
        rows = part.activations(1)
    np.testing.assert_array_equal(rows, activations_of(folder)[1][part.fitted])

    store.document_table(part.id).unlink()
    alone = mri.study("part", store=store_folder)
    with pytest.warns(UserWarning, match="part stores 39 of its 90 documents"):
        stored = alone.documents
    assert "is not there" in stored.attrs["sample"]
    assert len(stored) == part.record.documents_stored
    np.testing.assert_array_equal(alone.codes, expected[stored.index])
    assert stored["category"].tolist() == part.documents.loc[stored.index, "category"].tolist()


def test_an_imported_study_without_its_inputs_has_all_but_its_activations(
    view: mri.StudyView, folder: Path, store: Store, store_folder: Path, tmp_path: Path, tidy: None
) -> None:
    shutil.copytree(folder, tmp_path / "moved")
    mri.ingest(activations=tmp_path / "moved", name="sent", clusters=3, refits=0, store=store_folder)
    bundle = mri.study("sent", store=store_folder).export("bundle", tmp_path / "sent.mri", excerpts=False)
    mri.delete("sent", store=store_folder)
    shutil.rmtree(tmp_path / "moved")
    mri.import_bundle(bundle, store=store_folder)
    sent = mri.study("sent", store=store_folder)
    assert (sent.documents["L0"] == view.documents["L0"]).all()
    with pytest.raises(mri.MriError, match="moved cannot be read") as refused:
        sent.activations(0)
    assert "scan again with `mri ingest" in str(refused.value)
    assert "\n" not in str(refused.value)
    with pytest.raises(mri.MriError, match="made of given activations"):
        sent.place("a later text")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [f"{word} number {i} {'and so on ' * (i % 5)}" for i in range(15) for word in ("cats", "dogs")]


@pytest.fixture(scope="module")
def read(
    texts: list[str], store: Store, store_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[mri.StudyView]:
    """A study of texts that a tiny model read, with a cache of its own."""
    from tests.models import save_tiny

    folder = tmp_path_factory.mktemp("read")
    save_tiny("gpt2", folder / "model")
    pd.DataFrame({"text": texts, "label": [text[:4] for text in texts]}).to_csv(folder / "texts.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MRI_CACHE", str(folder / "cache"))
        options = {"model": str(folder / "model"), "refits": 0, "store": store_folder}
        mri.ingest(folder / "texts.csv", name="read", **options)  # type: ignore[arg-type]
        yield mri.study("read", store=store_folder)


@pytest.mark.model
def test_a_studys_own_texts_are_placed_where_they_lie(read: mri.StudyView, texts: list[str]) -> None:
    placed = read.place(texts)
    layers = [f"L{layer}" for layer in range(read.record.layers)]
    assert list(placed.columns) == ["text", "tokens", "cut", *layers]
    assert (placed[layers].to_numpy() == read.documents[layers].to_numpy()).all()
    assert (placed["cut"] == 0).all()
    assert len(read.place(texts[3])) == 1
    with pytest.raises(mri.MriError, match="A text to place has something in it"):
        read.place([" "])


@pytest.mark.model
def test_where_the_cache_lacks_rows_the_model_runs_if_that_is_asked_for(
    read: mri.StudyView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_cache = [np.array(read.activations(layer)) for layer in range(read.record.layers)]
    assert of_cache[0].shape[0] == read.record.documents == len(read.documents)
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "empty"))
    again = mri.study("read", store=read.store)
    with pytest.raises(mri.MriError, match=r"It lacks rows of read.*study\.activations\(layer, run_model=True\)"):
        again.activations(0)
    for layer, expected in enumerate(of_cache):
        np.testing.assert_array_equal(again.activations(layer, run_model=True), expected)


@pytest.mark.model
def test_texts_placed_among_components_have_scores(
    read: mri.StudyView, texts: list[str], store_folder: Path, tidy: None
) -> None:
    source = Path(json.loads(read.record.parameters)["corpus"])
    options = {"model": str(source.parent / "model"), "atlas": "components", "components": 2, "store": store_folder}
    mri.ingest(source, name="scored", **options)  # type: ignore[arg-type]
    placed = mri.study("scored", store=store_folder).place(texts[:3])
    assert list(placed.columns[3:5]) == ["L0/R0", "L0/R1"]
    assert placed.shape == (3, 3 + 2 * read.record.layers)
    assert {str(kind) for kind in placed.dtypes[3:]} == {"float64"}


@pytest.mark.model
def test_the_page_about_notebooks_runs(
    read: mri.StudyView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store_folder: Path
) -> None:
    monkeypatch.setenv("MRI_STORE", str(store_folder))
    monkeypatch.chdir(tmp_path)
    page = (build.DOCS / "how-to" / "notebook.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    assert blocks[0].startswith("import mri")
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block.replace('"demo"', '"read"'), names)
    assert names["study"].name == "read"
    assert len(names["labels"]) == read.record.documents
    assert (tmp_path / "layers.pdf").exists()


def test_a_study_that_was_deleted_is_an_error_and_no_empty_frame(store: Store, store_folder: Path) -> None:
    graph = planted_graph("gone", seed=4)
    store.write(graph)
    gone = mri.study("gone", store=store_folder)
    assert "documents of" in repr(gone)
    store.delete(graph.study)
    store.write(replace(graph, study=replace(graph.study, id="gone-ffffffff")))
    for part in ("regions", "documents", "findings"):
        with pytest.raises(mri.MriError, match=LOST):
            getattr(gone, part)
    for asked in (gone.show, gone.names, lambda: gone.query("hubs"), lambda: gone.plot("layers")):
        with pytest.raises(mri.MriError, match=LOST):
            asked()
    for card in (repr(gone), gone._repr_html_()):  # which was shown before
        assert "replaced or deleted" in card
        assert "documents of" not in card


class Elements(HTMLParser):
    """The elements of a page, and the words between them."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def elements(page: str) -> Elements:
    found = Elements()
    found.feed(page)
    return found


def test_the_card_says_what_was_scanned_and_found_and_holds_hostile_words_as_data(planted: mri.StudyView) -> None:
    card = elements(planted._repr_html_())
    assert {tag for tag, _ in card.elements} <= {
        *("div", "p", "strong", "code", "table", "tr", "th", "td", "ol", "ul", "li", "br", "em")
    }
    assert card.elements[0][1]["class"] == "tex2jax_ignore mathjax_ignore"
    assert f"{HOSTILE[6]}, revision 0" in card.words
    assert f"{HOSTILE[7]}: 60 documents" in card.words
    assert f"{HOSTILE[1]} (20)" in card.words
    assert "connections differ between the categories by more than chance (q <= 0.05)" in card.words
    assert str(planted) == str(mri.show("planted", store=planted.store))


@pytest.mark.parametrize(
    ("kind", "named"), [("graph", ()), ("heatmap", ()), ("layers", ()), ("compare", (HOSTILE[1], HOSTILE[6]))]
)
def test_a_picture_shows_itself_and_is_saved_with_study_model_and_n(
    planted: mri.StudyView, tmp_path: Path, kind: str, named: tuple[str, ...]
) -> None:
    picture = planted.plot(kind, categories=named)
    assert picture.caption == f"planted: {HOSTILE[6]} (revision 0), n = 60 documents"
    assert repr(picture) == f"<{kind} of {picture.caption}>"
    shown, shape = picture._repr_png_()
    with Image.open(io.BytesIO(shown)) as drawn:
        assert drawn.text["Study-ID"] == planted.id  # type: ignore[attr-defined]
        assert drawn.text["Documents"] == "60"  # type: ignore[attr-defined]
        assert shape["width"] * 2 == drawn.width
    with Image.open(picture.save(tmp_path / "one.png")) as saved:
        assert (saved.size, saved.text) == (drawn.size, drawn.text)  # type: ignore[attr-defined]
    words = elements(picture.save(tmp_path / "one.svg").read_text()).words
    assert picture.caption in re.sub(r"\s+", " ", words)
    with pytest.raises(mri.MriError, match="ends in"):
        picture.save(tmp_path / "one.bmp")
    with pytest.raises(mri.MriError, match="cannot be written"):
        picture.save(tmp_path / "none" / "one.png")


def test_the_graph_is_shown_in_a_frame_that_loads_nothing_and_reaches_nothing(
    planted: mri.StudyView, tmp_path: Path
) -> None:
    picture: mri.Picture = planted.plot()
    shown = elements(picture._repr_html_() or "")
    ((tag, attributes),) = shown.elements
    assert (tag, attributes["sandbox"], shown.words) == ("iframe", "allow-scripts", "")
    page = attributes["srcdoc"] or ""
    assert page == picture.save(tmp_path / "graph.html").read_text("utf-8")
    assert picture.caption in elements(page).words
    assert not re.search(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"https?:", page)
    assert "<script>document.title" not in page
    assert planted.plot("layers")._repr_html_() is None


def test_a_picture_that_cannot_be_drawn_is_an_error_of_ours(planted: mri.StudyView) -> None:
    with pytest.raises(mri.MriError, match="Near names: graph"):
        planted.plot("grap")
    with pytest.raises(mri.MriError, match="A layers picture draws no connections"):
        planted.plot("layers", connections=3)
    with pytest.raises(mri.MriError, match="No category is called 'dogs'"):
        planted.plot(categories="dogs")


def test_what_the_functions_do_a_study_does_with_its_name_in_place(view: mri.StudyView, tmp_path: Path) -> None:
    given = {"store": view.store}
    assert str(view.show(full=True)) == str(mri.show("viewed", full=True, **given))
    assert view.query("regions", layer=1).records() == mri.query("regions", study="viewed", layer=1, **given).records()
    assert view.cypher("MATCH (s:Study {id: $study}) RETURN s.name").rows == (("viewed",),)
    assert view.compare("cats", "law").rows == mri.compare("viewed", "cats", "law", **given).rows
    assert view.report(tmp_path / "viewed.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert view.export("graphml", tmp_path / "viewed.graphml", regions_only=True).exists()
    before = view.measures
    probed = view.probe(splits=2)
    assert len(view.measures) == len(before) + len(probed)


def test_a_study_is_the_same_by_name_by_id_and_as_it_was_listed(view: mri.StudyView) -> None:
    (listed,) = (study for study in mri.studies(store=view.store) if study.name == "viewed")
    assert mri.study(listed, store=view.store).id == mri.study(view.id, store=view.store).id == view.id
    with pytest.raises(mri.MriError, match="Near names: viewed"):
        mri.study("viewd", store=view.store)


def test_a_view_is_taken_wherever_a_study_is_named(view: mri.StudyView, tmp_path: Path) -> None:
    given = {"store": view.store}
    (listed,) = (study for study in mri.studies(**given) if study.id == view.id)
    for named in (view, listed):
        assert mri.query("hubs", study=named, **given).rows == view.query("hubs").rows
        assert mri.query("names", study=named, **given).rows == ()
        assert mri.cypher("MATCH (s:Study {id: $study}) RETURN s.name", study=named, **given).rows == (("viewed",),)
        assert mri.compare(named, "cats", "law", **given).rows == view.compare("cats", "law").rows
        assert mri.names(named, **given) == view.names() == []
        assert mri.plot(named, tmp_path / "layers.svg", kind="layers", **given).exists()
        assert mri.report(named, tmp_path / "viewed.html", **given).exists()
        assert len(mri.to_networkx(named, regions_only=True, **given)) == view.record.regions


def test_a_view_names_the_atlas_of_a_scan_and_the_studies_of_a_comparison(
    view: mri.StudyView, folder: Path, tidy: None
) -> None:
    made = mri.ingest(activations=folder, name="placed", atlas_of=view, refits=0, store=view.store)
    assert made.study.atlas_of == view.id
    placed = mri.study(made.study, store=view.store)
    by_name = mri.compare_studies("viewed", "placed", store=view.store)
    by_view = mri.compare_studies(view, placed, store=view.store)
    assert type(by_name) is type(by_view)
    with pytest.raises(mri.MriError) as of_names:
        mri.confirm("viewed", "placed", store=view.store, progress=False)
    with pytest.raises(mri.MriError) as of_views:
        mri.confirm(view, placed, store=view.store, progress=False)
    assert str(of_views.value) == str(of_names.value)


@pytest.mark.parametrize("named", [None, 5, ["viewed"], pd.DataFrame({"id": ["viewed"]})])
def test_what_names_no_study_is_an_error_in_a_line(view: mri.StudyView, named: Any) -> None:
    for asked in (mri.study, mri.show, mri.names, mri.to_networkx):
        with pytest.raises(mri.MriError, match=rf"A study is named by .* This is of type {type(named).__name__}\."):
            asked(named, store=view.store)


@pytest.mark.parametrize("layer", ["1", 1.5, True, None])
def test_a_layer_is_a_whole_number(view: mri.StudyView, layer: Any) -> None:
    with pytest.raises(mri.MriError, match="A layer's number is a whole number"):
        view.activations(layer)
    assert view.activations(np.int32(1)).shape == (DOCUMENTS, WIDTH)  # type: ignore[arg-type]


def test_a_region_its_name_and_its_note_are_strings(view: mri.StudyView) -> None:
    region = view.regions["region"][0]
    given: list[tuple[Any, Any, Any]] = [
        (4, "sky", None),
        (region, 5, None),
        (region, None, 3),
        (region, "\ud800", None),
    ]
    for where, name, note in given:
        with pytest.raises(mri.MriError, match=r"is a string\. This one is [453], of type int|half of a character"):
            mri.name(view, where, name, note=note, store=view.store)
    with pytest.raises(mri.MriError, match="A study's name is a string"):
        mri.ingest(view.documents, name=None, store=view.store)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("texts", "fact"),
    [
        (pd.DataFrame({"text": ["a"]}), "of type DataFrame"),
        ({"a": 1}, "of type dict"),
        (5, "of type int"),
        (b"text", "of type bytes"),
        (["a", 5], "Number 2 of 2 is 5, of type int"),
        ([np.nan], "Number 1 of 1 is nan, of type float"),
        ([pd.NA], "Number 1 of 1 is <NA>, of type NAType"),
        (["a", "b", "\ud800"], "Number 3 of 3 is text in Unicode"),
    ],
)
def test_what_is_no_text_is_not_placed_and_is_named(view: mri.StudyView, texts: Any, fact: str) -> None:
    with pytest.raises(mri.MriError, match=fact) as refused:
        view.place(texts)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("texts", ["a", ["a"], ("a",), pd.Series(["a"], index=[7]), np.array(["a"]), iter(["a"])])
def test_texts_are_one_or_what_holds_them_in_order(texts: Any) -> None:
    assert as_texts(texts) == ["a"]


def test_the_store_stays_the_same_when_a_notebook_goes_elsewhere(
    view: mri.StudyView, store_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(store_folder.parent)
    monkeypatch.setenv("MRI_STORE", store_folder.name)
    here = mri.study("viewed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MRI_STORE")
    assert len(here.regions) == view.record.regions


def test_everything_that_completion_offers_is_described(view: mri.StudyView) -> None:
    assert set(dir(view)) == PUBLIC
    for owner in (mri.StudyView, mri.Picture):
        for name in (name for name in vars(owner) if not name.startswith("_")):
            assert inspect.getdoc(inspect.getattr_static(owner, name)), name
    assert all(f"{name}: " in (mri.StudyView.__doc__ or "") for name in ("record", "store"))
