"""What a notebook has: `import mri`."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import MISSING
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest

import mri
from ingest.request import OPTIONS
from mri_core.errors import QueryError, StoreError, UsageError
from mri_core.store.store import Store
from tests.planted import planted_graph
from ui.cli.commands.ingest import command

AS_THEY_ARE = {
    "corpus",
    "model",
    "label",
    "title",
    "id",
    "group",
    "atlas_of",
}  # which a notebook may also give as they are
QUESTION = """\
// title: Layers
// group: study
// question: Which layers?
// param: study    study  study to read
// returns: layer  layer  its index

MATCH (:Study {id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer) RETURN l.index AS layer ORDER BY layer
"""


@pytest.fixture(scope="module")
def study(store: Store) -> Iterator[str]:
    graph = planted_graph("notebook", seed=91)
    store.write(graph)
    yield "notebook"
    store.delete(graph.study)


def test_a_question_is_answered_in_one_call(study: str, store_folder: Path) -> None:
    table = mri.query("regions", study=study, layer=2, store=store_folder)
    assert table.columns[0] == "region"
    assert sum(row["documents"] for row in table.records()) == 60
    assert study in [other.name for other in mri.studies(store=store_folder)]
    assert mri.cypher("RETURN 1 + 1 AS two", store=store_folder).records() == [{"two": 2}]


def test_a_study_may_be_given_as_it_was_listed_and_prints_short(study: str, store_folder: Path) -> None:
    (found,) = [other for other in mri.studies(store=store_folder) if other.name == study]
    given = {"layer": 2, "store": store_folder}
    assert mri.query("regions", study=found, **given) == mri.query("regions", study=study, **given)
    assert found.id in repr(found)
    assert found.parameters not in repr(found)


def test_an_answer_prints_and_becomes_a_frame_or_a_graph(study: str, store_folder: Path) -> None:
    result = mri.query("connections", study=study, category="plant", store=store_folder)
    assert "source" in repr(result).splitlines()[0]
    assert result._repr_html_().count("<tr>") == 1 + len(result.rows)
    assert result.to_networkx().size(weight="weight") == result.to_pandas()["weight"].sum() == 3 * 20
    cut = mri.cypher("UNWIND [1, 2, 3] AS n RETURN n", max_rows=2, store=store_folder)
    assert (cut.types, cut.cut) == (("int",), True)


def test_a_name_with_hyphens_may_be_written_with_underscores(study: str, store_folder: Path) -> None:
    given = {"study": study, "category": "plant", "versus": "animal", "store": store_folder}
    assert mri.query("compare_categories", **given) == mri.query("compare-categories", **given)


def test_questions_of_ones_own_folders_are_there_too(
    study: str, store_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mine", "yours", "named"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}-layers.cypher").write_text(QUESTION)
    folders = [tmp_path / "mine", str(tmp_path / "yours")]
    assert len(mri.query("mine_layers", study=study, queries=folders[0], store=store_folder)) == 4
    assert len(mri.query("yours-layers", study=study, queries=folders, store=store_folder)) == 4
    with pytest.raises(UsageError, match="No question is called 'named-layers'"):
        mri.query("named-layers", study=study, queries=folders, store=store_folder)
    monkeypatch.setenv("MRI_QUERIES", str(tmp_path / "named"))
    assert len(mri.query("named-layers", study=study, queries=folders, store=store_folder)) == 4


def test_a_name_that_two_questions_have_is_told(store_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "hubs.cypher").write_text(QUESTION)
    with pytest.raises(QueryError, match=r"A name belongs to one question. 'hubs' is both .*cypher/hubs.cypher and"):
        mri.query("hubs", study="notebook", queries=tmp_path, store=store_folder)


def test_what_cannot_be_answered_is_an_error_of_ours(study: str, store_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Near names: hubs"):
        mri.query("hub", study=study, store=store_folder)
    with pytest.raises(UsageError, match="parameter"):
        mri.query("hubs", study=study, name="x", store=store_folder)
    with pytest.raises(StoreError, match="There is none"):
        mri.studies(store=tmp_path / "none")
    with pytest.raises(AttributeError, match="nothing"):
        _ = mri.nothing


def test_an_option_that_is_not_there_and_a_missing_name_are_errors_of_ours(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"No option of ingest is called 'clustres'. Near names: clusters"):
        mri.ingest(tmp_path / "news.csv", name="news", clustres=8)
    with pytest.raises(UsageError, match="A study has a name"):
        mri.ingest(tmp_path / "news.csv")


def test_the_parameters_of_ingest_the_fields_of_a_request_and_the_flags_are_the_same() -> None:
    parameters = dict(inspect.signature(mri.ingest).parameters)
    types = get_type_hints(mri.ingest)
    assert set(parameters) - set(OPTIONS) == {"tokenizer", "store", "progress"}
    assert [name for name in parameters if name in OPTIONS] == list(OPTIONS)
    for name, option in OPTIONS.items():
        if name in AS_THEY_ARE:
            assert set(get_args(types[name])) > set(get_args(option.type) or [option.type]), name
        else:
            assert types[name] == option.type, name
        default = parameters[name].default
        assert (MISSING if default is inspect.Parameter.empty else default) == option.default, name
        assert f"{name}: {option.help.split()[0]}" in str(mri.ingest.__doc__)
    of_command = {parameter.name for parameter in command.params}
    assert of_command - set(OPTIONS) == {"store", "as_json", "quiet", "progress_file"}
    assert set(OPTIONS) <= of_command


@pytest.mark.engine
def test_what_the_commands_do_a_notebook_does_in_one_call(mri_folder: Path, store_folder: Path) -> None:
    given = {"store": store_folder}
    assert mri.__version__.count(".") == 2
    made = mri.ingest(activations=mri_folder, name="in-one-call", clusters=3, refits=0, **given)
    assert isinstance(made.study, mri.Study)
    shown = mri.show("in-one-call", **given)
    assert str(shown) == repr(shown)
    assert "in-one-call: 60 documents" in str(shown)
    assert len(str(shown).splitlines()) <= 20
    assert shown.facts == mri.show("in-one-call", full=True, **given).facts
    assert "How much differs" in str(mri.show("in-one-call", full=True, **given))
    assert "How much differs" not in str(shown)
    assert shown.facts["study"]["name"] == "in-one-call"
    assert {row.category for row in mri.compare("in-one-call", "a", "b", **given).rows} == {"a", "b"}
    picture = mri.plot("in-one-call", mri_folder / "graph.svg", categories="a", **given)
    assert picture.read_text("utf-8").startswith("<?xml")
    assert mri.plot("in-one-call", str(mri_folder / "l.png"), kind="layers", **given).read_bytes()[1:4] == b"PNG"
    both = mri.plot("in-one-call", mri_folder / "two.pdf", kind="compare", categories=["a", "b"], **given)
    assert both.read_bytes().startswith(b"%PDF")
    with pytest.raises(mri.MriError, match="Near names: graph"):
        mri.plot("in-one-call", picture, kind="grap", **given)
    probed = mri.probe("in-one-call", splits=2, **given)
    assert mri.probe("in-one-call", **given) == probed
    assert {m.kind for m in mri.metrics("in-one-call", random_graphs=1, **given)} > {"density"}
    assert isinstance(mri.query("hubs", study="in-one-call", **given), mri.Result)
    assert mri.delete("in-one-call", **given).name == "in-one-call"
    with pytest.raises(mri.MriError, match="in-one-call"):
        mri.show("in-one-call", **given)


@pytest.fixture
def mri_folder(tmp_path: Path) -> Path:
    generator, labels = np.random.default_rng(0), np.arange(60) % 2
    for layer in range(2):
        rows = generator.normal(size=(60, 4)) + 9 * labels[:, None]
        np.save(tmp_path / f"L{layer}.npy", rows.astype(np.float32))
    lines = [f"{'ab'[label]},text {i}" for i, label in enumerate(labels)]
    (tmp_path / "documents.csv").write_text("\n".join(["label,text", *lines]), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("file", "asked"), [("ingest.py", "mri.ingest"), ("queries.py", "mri.query")])
def test_a_file_of_the_users_in_place_of_a_folder_of_ours_is_named(tmp_path: Path, file: str, asked: str) -> None:
    (tmp_path / file).write_text("")
    (tmp_path / "script.py").write_text(f"import mri\n{asked}\n")
    done = subprocess.run([sys.executable, tmp_path / "script.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"Python found {tmp_path / file} in its place. Give that file another name." in done.stderr


def test_importing_it_brings_in_nothing_heavy() -> None:
    told = "import mri, sys; print({'torch', 'neo4j', 'numpy', 'pandas', 'networkx', 'click'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_everything_it_offers_is_there() -> None:
    assert all(callable(getattr(mri, name)) for name in mri.__all__)
    assert len(mri.__all__) == 31
    assert set(dir(mri)) == set(mri.__all__)
