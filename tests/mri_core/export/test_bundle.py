"""A bundle holds a whole study, goes into either engine, and is refused where it was changed."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mri_core.errors import StoreError, UsageError
from mri_core.export.bundle import Bundle, import_bundle
from mri_core.export.formats import FORMS, export
from mri_core.export.shared import Shared
from mri_core.records.graph import Study
from mri_core.records.measures import Measure
from mri_core.store.checksums import checksum, sums
from mri_core.store.contents import StoredContents, without_folders
from mri_core.store.copying import copy
from mri_core.store.store import Store
from tests.engines import Engine
from tests.mri_core.export.hostile import SAID, hostile_graph
from tests.mri_core.store.test_document_table import sampled
from tests.planted import planted_components, planted_graph

EARLIER = Path(__file__).parents[2] / "data" / "bundle-of-version-1.mri"  # written before checksums left folders out
pytestmark = [pytest.mark.engine, pytest.mark.once]  # there and back, both engines give and take


@pytest.fixture(scope="module")
def bundle(store: Store, study: Study, exports: Path) -> Path:
    export(Shared(StoredContents(store, study)), "bundle", exports / "study.mri")
    return exports / "study.mri"


def changed(bundle: Path, target: Path, change: Callable[[str, bytes], bytes], *, honest: bool = True) -> Path:
    """A copy of a bundle with other members; an honest manifest has their checksums."""
    with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(target, "w") as made:
        manifest = json.loads(change("manifest.json", source.read("manifest.json")))
        for name in manifest["members"]:
            content = change(name, source.read(name))
            made.writestr(name, content)
            if honest:
                manifest["members"][name] = hashlib.sha256(content).hexdigest()
        made.writestr("manifest.json", json.dumps(manifest))
    return target


def replaced(name: str, before: str, after: str) -> Callable[[str, bytes], bytes]:
    def change(member: str, content: bytes) -> bytes:
        assert member != name or before in content.decode()
        return content.replace(before.encode(), after.encode(), 1) if member == name else content

    return change


def nodes_left(store: Store, study: str) -> int:
    counted = "MATCH (n {llm_mri: true}) WHERE n.study = $id OR n.id = $id RETURN count(n)"
    return store.read(counted, {"id": study}).rows[0][0]


def test_a_bundle_goes_into_the_other_engine_and_back(
    store: Store, study: Study, engine: Engine, bundle: Path, other: Store, tmp_path: Path
) -> None:
    original = sums(StoredContents(store, study))
    told: list[tuple[int, int]] = []
    imported, copied = import_bundle(bundle, other, progress=lambda done, total: told.append((done, total)))
    assert (imported.id, copied) == (study.id, ("ready", original.content))
    assert told[-1][0] == told[-1][1] == Bundle(bundle).total()
    there = other.study("hostile")
    assert sums(StoredContents(other, there)) == original
    assert other.atlas(there) == hostile_graph("hostile").atlas
    assert other.measures(there) == store.measures(study)
    assert other.interventions(there) == store.interventions(study)
    assert (there.created_at, there.software, there.revision) == (study.created_at, study.software, study.revision)
    assert import_bundle(bundle, other)[1].status == "unchanged"
    export(Shared(StoredContents(other, there)), "bundle", tmp_path / "again.mri")
    assert (tmp_path / "again.mri").read_bytes() == bundle.read_bytes()
    store.delete(study)
    assert import_bundle(tmp_path / "again.mri", store)[1] == ("ready", original.content)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_study_makes_the_same_bytes(store: Store, study: Study, form: str, tmp_path: Path) -> None:
    made = [tmp_path / name for name in ("first", "second")]
    for target in made:
        export(Shared(StoredContents(store, study)), form, target)
    files = [sorted(path for path in (target.rglob("*") if target.is_dir() else [target])) for target in made]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]
    everything = b"".join(path.read_bytes() for path in files[0])
    assert study.owner.encode() not in everything  # which names the machine


def test_a_bundle_names_its_study_and_what_it_holds(store: Store, study: Study, bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        documents = [json.loads(line) for line in archive.read("nodes/Document.jsonl").splitlines()]
    assert manifest["checksum"] == checksum(store, study)
    assert (manifest["study"]["name"], manifest["texts"]) == ("hostile", True)
    assert manifest["nodes"]["Document"] == len(documents) == study.documents
    assert [document["ordinal"] for document in documents] == list(range(study.documents))
    assert "owner" not in manifest["study"]


def test_private_texts_are_left_out_of_every_format(store: Store, study: Study, tmp_path: Path) -> None:
    for form in FORMS:
        export(Shared(StoredContents(store, study)), form, tmp_path / f"whole-{form}")
        export(Shared(StoredContents(store, study), excerpts=False), form, tmp_path / f"private-{form}")
        for words in ("emoji", "document.title", "tabbed"):  # each of a text alone
            assert words in held(tmp_path / f"whole-{form}"), form
            assert words not in held(tmp_path / f"private-{form}"), form


def test_no_folder_of_this_machine_is_in_any_export_and_the_checksum_knows_none(store: Store, tmp_path: Path) -> None:
    sources = {"corpus": "/home/me/secret project/bärte.csv", "model": "C:\\Users\\me\\tiny", "activations": "org/rows"}
    store.write(planted_graph("with-folders", parameters=json.dumps({**sources, "seed": 0})))
    here = store.study("with-folders")
    for form in FORMS:
        export(Shared(StoredContents(store, here)), form, tmp_path / form)
        said = held(tmp_path / form)
        assert "secret project" not in said, form
        assert "Users" not in said, form
    with Bundle(tmp_path / "bundle") as bundle:
        shown = json.loads(bundle.study.parameters)
    assert shown == {"corpus": "bärte.csv", "model": "tiny", "activations": "org/rows", "seed": 0}
    assert import_bundle(tmp_path / "bundle", store)[1] == ("unchanged", checksum(store, here))
    assert store.study("with-folders").parameters == here.parameters
    store.delete(here)


@pytest.mark.parametrize(
    ("source", "given_away"),
    [
        ("/home/me/secret project/bärte.csv", "bärte.csv"),
        ("C:\\Users\\me\\rows", "rows"),
        ("~/secret project/bärte.csv", "bärte.csv"),
        ("~me/rows/", "rows"),
        ("org/rows:config/train", "org/rows:config/train"),
        ("memory://DataFrame-3f2a9c1b5d7e", "memory://DataFrame-3f2a9c1b5d7e"),
        ("minilm", "minilm"),
    ],
)
def test_of_a_path_the_name_is_given_away_and_names_of_the_hub_are_whole(source: str, given_away: str) -> None:
    assert json.loads(without_folders(json.dumps({"corpus": source}))) == {"corpus": given_away}


def held(target: Path) -> str:
    """All that an export says, whatever its format."""
    if target.is_dir():
        return "".join(held(path) for path in sorted(target.iterdir()))
    if zipfile.is_zipfile(target):
        with zipfile.ZipFile(target) as archive:
            return "".join(archive.read(name).decode() for name in archive.namelist())
    if target.suffix == ".parquet":
        return str(pq.read_table(target).to_pylist())
    return target.read_text("utf-8")


def test_a_study_without_its_texts_is_imported_and_says_so(
    store: Store, study: Study, other: Store, tmp_path: Path
) -> None:
    export(Shared(StoredContents(store, study), excerpts=False), "bundle", tmp_path / "private.mri")
    imported, copied = import_bundle(tmp_path / "private.mri", other)
    there = other.study(study.name)
    export(Shared(StoredContents(store, study)), "bundle", tmp_path / "whole.mri")
    for place, file, here, coming in ((other, "whole", "without", "with"), (store, "private", "with", "without")):
        told = f"hostile .* is there already {here} its texts, and comes {coming} them. Delete it first .mri delete hos"
        with pytest.raises(StoreError, match=told):
            import_bundle(tmp_path / f"{file}.mri", place)
    assert json.loads(there.report)["texts"] == "left out"
    assert copied.checksum != checksum(store, study)
    rows = other.read(
        "MATCH (d:Document {study: $id}) RETURN d.title, d.excerpt, d.source_id ORDER BY d.ordinal", {"id": study.id}
    ).rows
    assert rows == tuple((f"id-{i}", "", f"id-{i}") for i in range(study.documents))
    assert other.atlas(there) == store.atlas(study)
    assert there.regions == imported.regions == study.regions


@pytest.mark.slow  # two stores are filled once more
def test_a_study_that_is_there_gets_what_was_measured_since(
    store: Store, study: Study, engine: Engine, other: Store, bundle: Path
) -> None:
    other.write(replace(hostile_graph("hostile"), atlas=b""))
    with pytest.raises(StoreError, match="is there already, with another checksum"):  # a person changed it here
        import_bundle(bundle, other)
    plain = planted_graph("later")
    for place in (store, other):
        place.write(plain)
    before = store.study("later")
    store.add_measures(before, store.measures(study)[:1])
    export(Shared(StoredContents(store, store.study("later"))), "bundle", bundle.parent / "later.mri")
    assert import_bundle(bundle.parent / "later.mri", other)[1].status == "unchanged"
    assert other.measures(before) == store.measures(before) != []
    store.delete(before)


def test_a_name_that_another_study_has_is_taken_only_when_told(
    store: Store, study: Study, bundle: Path, other: Store
) -> None:
    old = planted_graph("hostile", seed=7)
    other.write(old)
    with pytest.raises(StoreError, match="A name belongs to one study"):
        import_bundle(bundle, other)
    assert import_bundle(bundle, other, replace=True)[1].status == "ready"
    assert [found.id for found in other.studies() if found.name == "hostile"] == [study.id]


def test_names_and_notes_go_along_and_without_texts_the_notes_stay(
    store: Store, study: Study, bundle: Path, other: Store, tmp_path: Path
) -> None:
    assert store.annotations(study) == SAID
    import_bundle(bundle, other)
    assert other.annotations(study) == SAID
    other.delete(study)
    export(Shared(StoredContents(store, study), excerpts=False), "bundle", tmp_path / "private.mri")
    import_bundle(tmp_path / "private.mri", other)
    assert other.annotations(study) == [replace(each, note="") for each in SAID if each.name]


def test_a_bundle_from_before_there_were_names_is_taken_in(
    bundle: Path, study: Study, other: Store, tmp_path: Path
) -> None:
    def without(member: str, content: bytes) -> bytes:
        if member != "manifest.json":
            return content
        manifest = json.loads(content)
        manifest["members"] = {name: known for name, known in manifest["members"].items() if "Annotation" not in name}
        return json.dumps(manifest).encode()

    made = changed(bundle, tmp_path / "older.mri", without)
    assert import_bundle(made, other)[1].status == "ready"
    assert other.annotations(study) == []


def test_a_bundle_that_an_earlier_version_wrote_is_taken_in_whose_checksum_knew_the_folder(other: Store) -> None:
    made, copied = import_bundle(EARLIER, other)
    with Bundle(EARLIER) as bundle:
        assert json.loads(made.parameters)["corpus"] == "/home/me/secret project/bärte.csv"
        assert bundle.manifest["checksum"] == "26c96c7f333999b3c06d5731fa0cefa4671c9f132686c54a9616d6687779cfca"
    assert (copied.status, copied.checksum) == ("ready", checksum(other, other.study(made.id)))
    assert import_bundle(EARLIER, other)[1].status == "unchanged"
    other.delete(other.study(made.id))


def test_a_changed_study_of_an_earlier_version_is_refused(other: Store, tmp_path: Path) -> None:
    made = changed(EARLIER, tmp_path / "changed.mri", replaced("manifest.json", '"model": "', '"model": "an'))
    with pytest.raises(StoreError, match="another checksum than its manifest"):
        import_bundle(made, other)


@pytest.mark.slow  # two stores are filled once more
def test_a_study_whose_groups_were_not_counted_yet_is_the_same_study(store: Store, other: Store) -> None:
    counted = {"columns": {"group": "author"}, "groups": 4}
    store.write(planted_graph("grouped", report=json.dumps(counted)))
    other.write(planted_graph("grouped", report=json.dumps({"columns": {"group": "author"}})))
    here, there = store.study("grouped"), other.study("grouped")
    assert json.loads(here.report)["groups"] == 4
    assert copy(store, other, here).status == "unchanged"
    assert checksum(store, here) == checksum(other, there)
    store.delete(here)
    other.delete(there)


LAYERS, TEXTS = "nodes/Layer.jsonl", "nodes/Document.jsonl"
DAMAGED = {
    "a number changed": (
        replaced("nodes/Layer.jsonl", '"width": 8', '"width": 9'),
        False,
        "damaged: nodes/Layer.jsonl",
    ),
    "a number changed honestly": (replaced("nodes/Layer.jsonl", '"width": 8', '"width": 9'), True, "another checksum"),
    "a line lost": (replaced("nodes/Category.jsonl", "\n", ""), True, "damaged"),
    "no JSON": (replaced("nodes/Region.jsonl", "{", "["), True, "damaged"),
    "another study's node": (
        replaced("nodes/Region.jsonl", '"hostile-00000000/L', '"other-00000000/L'),
        True,
        "a node",
    ),
    "no mark": (replaced("nodes/Region.jsonl", '"llm_mri": true', '"llm_mri": false'), True, "a node is not one"),
    "a type that is Cypher": (
        replaced("relationships/Layer.jsonl", '"PART_OF"', '"X]->(b) DETACH DELETE b //"'),
        True,
        "a relationship is not one",
    ),
    "a label that is Cypher": (
        replaced("relationships/Layer.jsonl", '"Study"', '"Study) DETACH DELETE b //"'),
        True,
        "a relationship is not one",
    ),
    "an end in another study": (
        replaced("relationships/Region.jsonl", '"hostile-00000000/C/', '"other-00000000/C/'),
        True,
        "a relationship is not one",
    ),
    "a name of two lines": (
        replaced("nodes/Annotation.jsonl", "night sky", "night\\nsky"),
        True,
        "a name or note is none",
    ),
    "a name that reverses what is read": (
        replaced("nodes/Annotation.jsonl", "night sky", "night \\u202esky"),
        True,
        "a name or note is none",
    ),
    "a name of another region": (
        replaced(
            "relationships/Annotation.jsonl", '"Region", "hostile-00000000/L1/R1"', '"Region", "hostile-00000000/L1/R2"'
        ),
        True,
        "that of another region",
    ),
    "a name from no time": (
        replaced("nodes/Annotation.jsonl", '"changed_at": "2', '"changed_at": "z'),
        True,
        "a name or note is none",
    ),
    "an object": (replaced("nodes/Layer.jsonl", '"width": 8', '"width": {"a": 8}'), True, "a node is not one"),
    "not a number": (replaced("nodes/Layer.jsonl", '"width": 8', '"width": NaN'), True, "NaN is no number"),
    "another kind of file": (replaced("manifest.json", "llm-mri-graph bundle", "a book"), True, "another kind of file"),
    "a later version": (replaced("manifest.json", '"version": 1', '"version": 2'), True, "reads bundles of version 1"),
    "a later schema": (replaced("manifest.json", '"schema_version": 3', '"schema_version": 4'), True, "schema 4"),
    "an id that is not its name's": (
        replaced("manifest.json", '"id": "hostile-00000000"', '"id": "hostile-0000000"'),
        True,
        "has the id 'hostile-0000000'",
    ),
    "an ordinal beyond all": (
        replaced(TEXTS, '"ordinal": 0', f'"ordinal": {2**62}'),
        True,
        "has ordinal",
    ),
    "an ordinal that is none": (
        replaced(TEXTS, '"ordinal": 0', '"ordinal": "a"'),
        True,
        "has ordinal",
    ),
    "a layer without its index": (
        replaced(LAYERS, '"index"', '"place"'),
        True,
        "Layer has no index",
    ),
    "more layers": (replaced("manifest.json", '"layers": 4', f'"layers": {10**12}'), True, "other layers"),
    "a text that is none": (replaced(LAYERS, '"name": "', '"name": "\\ud800'), True, "not one of"),
    "infinity": (replaced(LAYERS, '"width": 8', '"width": 1e999'), True, "not one of"),
    "a number beyond a store's": (
        replaced(LAYERS, '"width": 8', f'"width": {2**63}'),
        True,
        "not one of",
    ),
    "a long line": (replaced(LAYERS, '"name": "', '"name": "' + "x" * 2**24), True, "too long"),
    "a model that is a number": (replaced("manifest.json", '"model": "', '"model": 5, "mode": "'), True, "other types"),
    "no model": (replaced("manifest.json", '"model"', '"mode"'), True, "has no model"),
    "a name that is a path": (
        replaced("manifest.json", '"name": "hostile"', '"name": "../hostile"'),
        True,
        "A study's name has 1 to 100 letters",
    ),
    "parameters that are no object": (
        replaced("manifest.json", '"parameters": "{\\"seed\\": 0}"', '"parameters": "[]"'),
        True,
        "of other types",
    ),
    "a report that is no JSON": (replaced("manifest.json", '"report": "{', '"report": "{{'), True, "damaged"),
    "a count that is a text": (replaced("manifest.json", '"layers": 4', '"layers": "4"'), True, "of other types"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_bundle_that_was_changed_is_refused_and_nothing_is_written(
    study: Study, bundle: Path, other: Store, tmp_path: Path, name: str
) -> None:
    change, honest, words = DAMAGED[name]
    made = changed(bundle, tmp_path / "changed.mri", change, honest=honest)
    with pytest.raises((StoreError, UsageError), match=words):
        import_bundle(made, other)
    assert nodes_left(other, study.id) == 0


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["../../evil.txt", "notes.txt", "documents.parquet", "nodes/Layer.jsonl"])
def test_a_bundle_with_a_member_of_its_own_is_refused(bundle: Path, other: Store, tmp_path: Path, name: str) -> None:
    made = tmp_path / "extra.mri"
    made.write_bytes(bundle.read_bytes())
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr(name, "x")
    words = "it holds a member twice" if name == "nodes/Layer.jsonl" else f"it also holds {re.escape(name)}"
    with pytest.raises(StoreError, match=f"extra.mri is damaged: {words}"):
        import_bundle(made, other)


@pytest.mark.parametrize("lost", ["nodes/Layer.jsonl", "manifest.json"])
def test_a_bundle_that_lacks_a_member_is_refused(bundle: Path, tmp_path: Path, lost: str) -> None:
    made = tmp_path / "lacking.mri"
    with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(made, "w") as target:
        for member in source.namelist():
            if member != lost:
                target.writestr(member, source.read(member))
    with pytest.raises(StoreError, match=f"lacking.mri is damaged: it lacks {lost}"):
        Bundle(made)


def test_a_foreign_member_is_refused_even_where_the_manifest_lists_it(bundle: Path, tmp_path: Path) -> None:
    made = tmp_path / "listed.mri"
    with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(made, "w") as target:
        manifest = json.loads(source.read("manifest.json"))
        manifest["members"]["evil.txt"] = hashlib.sha256(b"x").hexdigest()
        for name in source.namelist():
            target.writestr(name, json.dumps(manifest) if name == "manifest.json" else source.read(name))
        target.writestr("evil.txt", "x")
    with pytest.raises(StoreError, match=r"it also holds evil.txt, which is no part of a study"):
        Bundle(made)


@pytest.mark.parametrize("content", [b"", b"not an archive"])
def test_what_is_no_bundle_is_refused(store: Store, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "study.mri"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"A bundle is a file that .* cannot be read"):
        import_bundle(path, store)


def test_a_file_that_is_not_there_is_no_damaged_one(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no file .*none.mri. Name one that is there"):
        import_bundle(tmp_path / "none.mri", store)
    with pytest.raises(StoreError, match="is a folder"):
        import_bundle(tmp_path, store)


def test_a_bundle_that_was_cut_or_flipped_is_refused(study: Study, bundle: Path, other: Store, tmp_path: Path) -> None:
    whole = bundle.read_bytes()
    path = tmp_path / "study.mri"
    for content in (whole[: len(whole) // 2], _flipped(whole, len(whole) // 3), _flipped(whole, len(whole) // 2)):
        path.write_bytes(content)
        with pytest.raises(StoreError, match="A bundle is a file that"):
            import_bundle(path, other)
    assert nodes_left(other, study.id) == 0


def _flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize("form", FORMS)
def test_a_study_that_is_changed_while_it_is_read_leaves_no_file(store: Store, form: str, tmp_path: Path) -> None:
    graph = planted_graph("changing", seed=5)
    store.write(graph)
    found = store.study("changing")

    def measured(done: int, total: int) -> None:
        if store.study("changing").revision == found.revision:
            store.add_measures(found, [Measure("density", 0.5)])

    with pytest.raises(StoreError, match="changing was deleted, or something was added to it"):
        export(Shared(StoredContents(store, found), progress=measured), form, tmp_path / form)
    assert list(tmp_path.iterdir()) == []
    store.delete(graph.study)


@pytest.mark.slow  # what regions and the copy of components have, there and back
def test_components_are_exported_and_imported_as_they_are(store: Store, other: Store, tmp_path: Path) -> None:
    scores = np.random.default_rng(0).normal(size=(40, 3, 3))
    graph = planted_components("moving-away", scores=scores, categories=["a", "b"] * 20, threshold=0.1)
    bare = tuple(replace(region, y=None) for region in graph.regions)
    layers = tuple(replace(layer, explained_variance=None) for layer in graph.layers)
    store.write(replace(graph, regions=bare, layers=layers))
    shared = Shared(StoredContents(store, store.study("moving-away")))
    for form in FORMS:
        export(shared, form, tmp_path / form)
    weights = nx.get_edge_attributes(nx.read_gexf(tmp_path / "gexf"), "weight")
    assert min(weights.values()) < 0 < max(weights.values())
    assert import_bundle(tmp_path / "bundle", other)[1] == ("ready", checksum(store, graph.study))
    store.delete(graph.study)


@pytest.mark.parametrize("excerpts", [True, False])
def test_the_table_of_all_documents_goes_along_where_the_graph_holds_a_sample(
    excerpts: bool, store: Store, tmp_path: Path
) -> None:
    graph = sampled(planted_graph("some"))
    store.write(graph)
    study = store.study("some")
    before = pd.read_parquet(store.document_table(study.id))
    export(Shared(StoredContents(store, study), excerpts=excerpts), "bundle", tmp_path / "some.mri")
    store.delete(study)
    assert not store.document_table(study.id).exists()
    imported, _ = import_bundle(tmp_path / "some.mri", store)
    after = pd.read_parquet(store.document_table(imported.id))
    texts = ["title", "excerpt"]
    pd.testing.assert_frame_equal(after.drop(columns=texts), before.drop(columns=texts))
    if excerpts:
        pd.testing.assert_frame_equal(after[texts], before[texts])
    else:
        assert after["title"].tolist() == before["id"].tolist() != before["title"].tolist()
        assert set(after["excerpt"]) == {""}
    store.delete(imported)


def test_a_damaged_table_of_all_documents_is_refused(store: Store, tmp_path: Path) -> None:
    graph = sampled(planted_graph("some"))
    store.write(graph)
    export(Shared(StoredContents(store, store.study("some"))), "bundle", tmp_path / "some.mri")
    store.delete(graph.study)

    def change(name: str, content: bytes) -> bytes:
        return content[:-1] + b"x" if name == "documents.parquet" else content

    broken = changed(tmp_path / "some.mri", tmp_path / "broken.mri", change, honest=False)
    with pytest.raises(StoreError, match="parquet has another checksum"):
        import_bundle(broken, store)
    assert "some" not in {study.name for study in store.studies()}
    assert not list(store.document_table(graph.study.id).parent.glob(f"{graph.study.id}*"))


def test_a_table_of_other_columns_is_refused(store: Store, tmp_path: Path) -> None:
    graph = sampled(planted_graph("some"))
    store.write(graph)
    export(Shared(StoredContents(store, store.study("some"))), "bundle", tmp_path / "some.mri")
    store.delete(graph.study)
    other = pa.table({"ordinal": range(graph.study.documents)})
    pq.write_table(other.replace_schema_metadata({"llm_mri.study": graph.study.id}), tmp_path / "other.parquet")

    def change(name: str, content: bytes) -> bytes:
        return (tmp_path / "other.parquet").read_bytes() if name == "documents.parquet" else content

    made = changed(tmp_path / "some.mri", tmp_path / "made.mri", change)
    with pytest.raises(StoreError, match="is not one of this study"):
        import_bundle(made, store)
    assert not list(store.document_table(graph.study.id).parent.glob(f"{graph.study.id}*"))


def test_without_texts_no_folder_of_a_file_is_given_away(store: Store, tmp_path: Path) -> None:
    sources = {"corpus": "/home/ada/clinic/patients.csv", "model": "C:\\Users\\ada\\tuned", "name": "private"}
    graph = planted_graph("private", parameters=json.dumps(sources))
    store.write(graph)
    export(Shared(StoredContents(store, store.study("private")), excerpts=False), "bundle", tmp_path / "private.mri")
    with Bundle(tmp_path / "private.mri") as made:
        known = json.loads(made.study.parameters)
        assert (known["corpus"], known["model"]) == ("patients.csv", "tuned")
    with pytest.raises(StoreError, match="is there already with its texts, and comes without them"):
        import_bundle(tmp_path / "private.mri", store)
    store.delete(graph.study)
    assert "ada" not in "".join(map(str, (zipfile.ZipFile(tmp_path / "private.mri").read("manifest.json"),)))
