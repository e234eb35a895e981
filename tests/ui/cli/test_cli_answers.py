"""What commands print: the list of questions, answers in three forms, JSON for machines, and whatever users type."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from mri_core.records.corpus import excerpt
from mri_core.store.bolt.driver import Writer
from mri_core.store.embedded import lifecycle
from mri_core.store.store import Store
from queries.notebook import studies
from tests.command import Mri
from tests.engines import Engine
from tests.planted import HOSTILE, planted_graph

HOSTILE_TO_TERMINALS = ["\x1b[31mred\x1b[0m", "bell\x07 and \x9b2J", "\u202ebackwards", "carriage\rreturn"]
ODD = [*HOSTILE, *HOSTILE_TO_TERMINALS]
OWN = """// title: Titles of a category
// group: documents
// question: Which titles has a category?
// param: study     study         study to read
// param: category  category      category of the titles
// param: size      float = 0.5   not of much use
// param: limit     int = 3       most rows to return
// returns: title   string        the title
//
// Notes of one's own.

MATCH (d:Document {study: $study, category: $category})
WHERE $size >= 0
RETURN d.title AS title ORDER BY title LIMIT $limit
"""


@pytest.fixture(scope="module")
def planted(store: Store) -> Iterator[str]:
    """A study's name: 60 documents, four layers."""
    graph = planted_graph("answers", seed=71)
    store.write(graph)
    yield "answers"
    store.delete(graph.study)


@pytest.fixture(scope="module")
def odd(mri: Mri, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A study, scanned from given activations, whose labels, titles, ids and texts are all hostile."""
    folder = tmp_path_factory.mktemp("odd")
    labels = [text for text in ODD for _ in range(5)]
    for layer in range(3):
        rows = np.random.default_rng(layer).normal(size=(len(labels), 5)) + np.arange(len(labels))[:, None] // 10
        np.save(folder / f"L{layer}.npy", rows.astype("float32"))
    with (folder / "documents.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["label", "title", "id", "text"])
        writer.writerows([label, f"title {label}", f"{i} {label}", f"{label} {i}"] for i, label in enumerate(labels))
    mri("ingest", "--activations", folder, "--name", "odd").done()
    yield "odd"
    mri("delete", "odd", "--yes").done()


# --- the list of questions and their help


def test_without_a_name_the_questions_are_listed_by_group(mri: Mri) -> None:
    listed = mri("query").done().out
    names = [path.stem for path in Path(str(files("queries") / "cypher")).glob("*.cypher")]
    assert len(names) >= 10
    assert all(f"\n  {name}" in listed for name in names)
    assert listed.index("study\n") < listed.index("regions\n") < listed.index("connections\n")


def test_the_catalogue_as_json_has_every_question_with_its_parameters(mri: Mri) -> None:
    catalogue = mri("query", "--format", "json").done().json
    assert {tuple(entry) for entry in catalogue} == {("name", "title", "question", "group", "parameters")}
    drivers = next(entry for entry in catalogue if entry["name"] == "drivers")
    assert [set(parameter) for parameter in drivers["parameters"]] == [{"name", "type", "required", "default"}] * 4
    assert drivers["parameters"][0] == {"name": "study", "type": "study", "required": True, "default": None}
    limit = drivers["parameters"][-1]
    assert (limit["name"], limit["type"], limit["required"]) == ("limit", "int", False)
    assert isinstance(limit["default"], int)


def test_a_question_s_help_is_made_from_its_header(mri: Mri, tmp_path: Path) -> None:
    (tmp_path / "titles-of-category.cypher").write_text(OWN)
    shown = mri("query", "--queries", tmp_path, "titles-of-category", "--help").done().out
    for told in ("Which titles has a category?", "category of the titles", "--size FLOAT", "[0.5]", "the title"):
        assert told in shown
    assert "Notes of one's own." in shown
    assert shown.count("[required]") == 2


@pytest.mark.parametrize("where", ["before", "after", "joined", "environment"])
def test_a_folder_of_one_s_own_questions_may_be_named_anywhere(
    where: str, mri: Mri, planted: str, tmp_path: Path
) -> None:
    (tmp_path / "titles-of-category.cypher").write_text(OWN)
    asked = ("titles-of-category", "--study", planted, "--category", "plant", "--format", "json")
    result = {
        "before": lambda: mri("query", "--queries", tmp_path, *asked),
        "after": lambda: mri("query", *asked, "--queries", tmp_path),
        "joined": lambda: mri("query", *asked, f"--queries={tmp_path}"),
        "environment": lambda: mri("query", *asked, MRI_QUERIES=str(tmp_path)),
    }[where]()
    rows = result.done().json
    assert [row["title"] for row in rows] == sorted(f"text {i} about plant" for i in range(2, 60, 3))[:3]
    assert "titles-of-category" in mri("query", "--queries", tmp_path).done().out


def test_a_badly_formed_question_is_told_with_its_line(mri: Mri, tmp_path: Path) -> None:
    (tmp_path / "bad.cypher").write_text(OWN.replace("// group: documents", "// gruop: documents"))
    result = mri("query", "--queries", tmp_path)
    assert result.status == 1
    assert "bad.cypher:2" in result.refusal()


@pytest.mark.parametrize(
    ("arguments", "fact"),
    [
        (("layers",), "--study is missing"),
        (("drivers", "--study", "answers"), "--region is missing"),
        (("layers", "--study", "answers", "--limit", "many"), "--limit must be a whole number"),
        (("layers", "--study", "answers", "--limit", "1.5"), "--limit must be a whole number"),
        (("layers", "--study", "answers", "--layer", "9"), "from 0 to 3"),
        (("layers", "--study", "answers", "--category", "plants"), "Near names: plant"),
        (("drivers", "--study", "answers", "--region", "L9/R9"), "region"),
        (("layers", "--study", "answers", "--colour", "red"), "--colour"),
        (("layerz",), "Near names: layers"),
        (("layers", "--study", "answers", "--format", "xml"), "xml"),
        (("layers", "--study", "answers", "--max-rows", "0"), "--max-rows"),
        (("layers", "--study", "answers", "--timeout", "0"), "--timeout"),
        (("--queries", "no-such-folder"), "no-such-folder"),
        (("--queries",), "--queries names a folder"),
    ],
)
def test_a_wrong_parameter_is_one_line_and_a_usage_error(
    arguments: tuple[str, ...], fact: str, mri: Mri, planted: str
) -> None:
    result = mri("query", *arguments)
    assert result.status == 2
    assert fact in result.refusal()
    assert result.out == ""


# --- answers in three forms


def test_an_answer_is_the_same_in_every_form(mri: Mri, planted: str) -> None:
    asked = ("query", "regions", "--study", planted, "--layer", 1)
    rows = mri(*asked, "--format", "json").done().json
    assert len(rows) == 5
    read = list(csv.DictReader(io.StringIO(mri(*asked, "--format", "csv").done().out, newline="")))
    assert [row["region"] for row in read] == [row["region"] for row in rows]
    assert [int(row["documents"]) for row in read] == [row["documents"] for row in rows]
    assert [json.loads(row["keywords"]) for row in read] == [row["keywords"] for row in rows]
    table = mri(*asked).done().out.splitlines()
    rule = next(i for i, line in enumerate(table) if line.startswith("--"))  # a wide table's headers take more lines
    assert [line.split()[0] for line in table[rule + 1 :]] == [row["region"].split("/", 1)[1] for row in rows]
    assert "layer" not in " ".join(table[:rule]).split()  # the region's name says it


def test_a_study_is_named_as_by_other_commands_or_by_its_option(mri: Mri, planted: str) -> None:
    named = mri("query", "hubs", planted, "--format", "json").done()
    assert named == mri("query", "hubs", "--study", planted, "--format", "json").done()
    assert mri("query", "hubs", planted, "--study", planted, "--format", "json").done() == named
    assert "A study is named once" in mri("query", "hubs", planted, "--study", "another").refusal()


def test_options_of_an_answer_may_stand_before_the_question_s_name(mri: Mri, planted: str, tmp_path: Path) -> None:
    after = mri("query", "hubs", "--study", planted, "--format", "json", "--max-rows", 2).done()
    assert mri("query", "--format", "json", "--max-rows", 2, "hubs", "--study", planted).done() == after
    elsewhere = mri("query", "--store", tmp_path / "none", "hubs", "--study", planted)
    assert "none yet" in elsewhere.refusal() or "There is none" in elsewhere.refusal()


def test_a_list_of_studies_is_cut_as_other_answers_are(mri: Mri, planted: str, odd: str) -> None:
    cut = mri("studies", "--json", "--max-rows", 1).done()
    assert len(cut.json) == 1
    assert cut.err.startswith("Cut: ")


def test_a_question_may_have_a_parameter_called_form(mri: Mri, planted: str, tmp_path: Path) -> None:
    (tmp_path / "own.cypher").write_text(OWN.replace("size", "form"))
    asked = ("query", "own", "--queries", tmp_path, "--study", planted, "--category", "animal", "--form", "1")
    assert len(mri(*asked, "--format", "json").done().json) == 3


def test_a_category_is_not_compared_with_itself(mri: Mri, planted: str) -> None:
    twice = ("--category", "plant", "--versus", "plant")
    for question in ("compare-categories", "exclusive-connections"):
        refused = mri("query", question, "--study", planted, *twice)
        assert refused.status == 2
        assert "both 'plant'" in refused.refusal()


def test_regions_that_are_not_of_neighbouring_layers_have_no_connection(mri: Mri, planted: str) -> None:
    asked = ("query", "connection-profile", "--study", planted, "--source", "L0/R1", "--format", "json")
    assert mri(*asked, "--target", "L2/R1").done().json == []
    assert len(mri(*asked, "--target", "L1/R1").done().json) == 3


def test_no_rows_are_said_to_be_none(mri: Mri, planted: str) -> None:
    nothing = "MATCH (d:Document {title: 'nobody wrote this'}) RETURN d.title AS title"
    assert mri("cypher", nothing).done().out == "No rows.\n"
    assert mri("cypher", nothing, "--format", "json").done().json == []


def test_a_summary_that_lacks_rows_says_so(mri: Mri, planted: str) -> None:
    for way in ((), ("--full",)):
        assert "Cut: there are more than these 2 rows" in mri("show", planted, *way, "--max-rows", 2).done().err
        assert mri("show", planted, *way).done().err == ""


def test_a_cut_answer_is_said_to_be_cut_on_standard_error(mri: Mri, planted: str) -> None:
    asked = ("cypher", f"MATCH (d:Document) WHERE d.study STARTS WITH '{planted}' RETURN d.ordinal AS o ORDER BY o")
    for form in ("json", "csv", "table"):
        cut = mri(*asked, "--format", form, "--max-rows", 2).done()
        assert cut.err == "Cut: there are more than these 2 rows; raise --max-rows to see them.\n"
    assert mri(*asked, "--format", "json", "--max-rows", 2).json == [{"o": 0}, {"o": 1}]
    whole = mri(*asked, "--format", "json", "--max-rows", 60).done()
    assert len(whole.json) == 60
    assert whole.err == ""


@pytest.mark.parametrize(
    ("statement", "status", "fact"),
    [
        ("MATCH (n) WHERE n.name = $name RETURN n", 2, "$name"),
        ("MATCH (n RETURN n", 1, "Syntax error at line 1"),
        ("RETURN nothing_there", 1, "nothing_there"),
        ("", 1, "empty"),
        ("CREATE (:Study {id: 'x'})", 1, "read-only"),
        ("MATCH (n) DETACH DELETE n", 1, "read-only"),
        ("MATCH (s:Study) SET s.name = 'x' RETURN s", 1, "read-only"),
    ],
)
def test_cypher_that_cannot_be_asked_is_refused_in_one_line(
    statement: str, status: int, fact: str, mri: Mri, planted: str
) -> None:
    result = mri("cypher", statement)
    assert result.status == status
    assert fact in result.refusal()
    assert planted in [study["name"] for study in mri("studies", "--json").done().json]


def test_a_statement_that_takes_too_long_is_stopped(mri: Mri, planted: str) -> None:
    endless = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a, b WHERE a * b < 0 RETURN count(*) AS n"
    result = mri("cypher", endless, "--timeout", "0.5")
    assert result.status == 1
    assert "0.5" in result.refusal()
    assert mri("cypher", "RETURN 1 AS x", "--format", "json").done().json == [{"x": 1}]


# --- JSON for machines


def test_studies_as_json_have_every_property_of_a_study(mri: Mri, store: Store, planted: str) -> None:
    (found,) = (study for study in mri("studies", "--json").done().json if study["name"] == planted)
    node = store.read("MATCH (s:Study {name: $name}) RETURN properties(s)", {"name": planted}).rows[0][0]
    assert {key: value for key, value in found.items() if value is not None} | {"llm_mri": True} == node
    for count in ("documents", "categories", "layers", "regions", "connections", "seed", "schema_version", "revision"):
        assert type(found[count]) is int
    assert json.loads(found["parameters"]) == {"seed": 71}


def test_an_ingest_tells_one_object_and_nothing_else(mri: Mri, tmp_path: Path, tidy: None) -> None:
    for layer in range(2):
        np.save(tmp_path / f"L{layer}.npy", np.random.default_rng(layer).normal(size=(30, 4)).astype("float32"))
    (tmp_path / "documents.csv").write_text("label\n" + "a\nb\nc\n" * 10)
    for status in ("ready", "unchanged"):
        result = mri("ingest", "--activations", tmp_path, "--name", "told", "--json").done()
        assert result.err == ""
        told = result.json
        counts = ("documents", "categories", "layers", "regions", "connections", "documents_stored")
        assert list(told) == ["study", "name", "status", *counts, "added", "seconds"]
        assert told["status"] == status
        assert told["name"] == "told"
        assert told["study"].startswith("told-")
        assert all(type(told[count]) is int and told[count] > 0 for count in counts)
        stages = {"load_model", "activations", "atlas", "connectome", "statistics", "store", "total"}
        assert set(told["seconds"]) == stages
        assert all(isinstance(seconds, float) and seconds >= 0 for seconds in told["seconds"].values())
        assert told["seconds"]["total"] >= sum(told["seconds"][stage] for stage in stages - {"total"}) - 0.01


def test_words_of_an_ingest_tell_the_counts_and_what_is_next(mri: Mri, tmp_path: Path, tidy: None) -> None:
    for layer in range(2):
        np.save(tmp_path / f"L{layer}.npy", np.random.default_rng(layer).normal(size=(30, 4)).astype("float32"))
    (tmp_path / "documents.csv").write_text("label\n" + "a\nb\nc\n" * 10)
    arguments = ("ingest", "--activations", tmp_path, "--name", "words")
    first = mri(*arguments).done()
    assert first.out.startswith("words is ready: 30 documents, 3 categories, 2 layers,")
    assert "mri show words" in first.out
    assert "30 documents, 3 categories; label from 'label'." in first.err
    quiet = mri(*arguments, "--quiet").done()
    assert quiet.out.startswith("Nothing changed: words (words-")
    assert quiet.err == ""


# --- what users type


def test_hostile_labels_titles_ids_and_texts_come_back_as_they_were(mri: Mri, odd: str) -> None:
    asked = f"MATCH (d:Document) WHERE d.study STARTS WITH '{odd}-' RETURN d.category AS category, d.title AS title, "
    asked += "d.source_id AS id, d.excerpt AS excerpt ORDER BY d.ordinal"
    labels = [text for text in ODD for _ in range(5)]
    expected = [
        {"category": label, "title": f"title {label}", "id": f"{i} {label}", "excerpt": excerpt(f"{label} {i}")}
        for i, label in enumerate(labels)
    ]
    assert mri("cypher", asked, "--format", "json").done().json == expected
    in_csv = mri("cypher", asked, "--format", "csv").done().out
    assert list(csv.DictReader(io.StringIO(in_csv, newline=""))) == expected
    assert mri.child("cypher", asked, "--format", "json").done().json == expected


def test_a_hostile_label_can_be_asked_for(mri: Mri, odd: str) -> None:
    for label in ODD:
        asked = ("query", "regions", "--study", odd, "--category", label, "--layer", 0, "--format", "json")
        assert sum(row["documents"] for row in mri(*asked).done().json) >= 5
        titles = mri("query", "layers", "--study", odd, "--category", label, "--format", "json").done().json
        assert len(titles) == 3


def test_a_table_or_summary_lets_no_text_command_the_terminal(mri: Mri, odd: str) -> None:
    asked = f"MATCH (d:Document) WHERE d.study STARTS WITH '{odd}-' RETURN d.category AS category, d.title AS title"
    shown = (("show", odd), ("show", odd, "--full"), ("query", "categories", "--study", odd))
    for result in (mri("cypher", asked), *(mri(*arguments) for arguments in shown)):
        assert all(line.isprintable() for line in result.done().out.replace("\u200d", "").split("\n"))
    table = mri("cypher", asked).out.splitlines()
    assert len(table) == 2 + 5 * len(ODD)
    assert any("\\x1b[31mred" in line for line in table)


def test_a_hostile_label_that_is_not_there_is_one_safe_line(mri: Mri, odd: str) -> None:
    for label in ODD:
        result = mri("query", "regions", "--study", odd, "--category", f"{label}?")
        assert result.status == 2
        result.refusal()


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_an_answer_that_its_limit_cut_says_so_on_standard_error(mri: Mri, planted: str, form: str) -> None:
    def asked(limit: int) -> tuple[int, str]:
        result = mri("query", "documents", planted, "--limit", limit, "--format", form).done()
        return result.out.count("plant"), result.err

    assert asked(7)[1] == "Cut: there are more than these 7 rows; raise --limit to see them.\n"
    assert asked(60)[1] == asked(61)[1] == ""
    assert asked(60)[0] == asked(61)[0]


# --- delete, store, version


def test_without_a_terminal_a_deletion_needs_yes(mri: Mri, store: Store) -> None:
    graph = planted_graph("gone", seed=72)
    store.write(graph)
    refused = mri("delete", "gone")
    assert refused.status == 2
    assert "--yes" in refused.refusal()
    before = store.read("MATCH (n) WHERE coalesce(n.study, n.id) <> $id RETURN count(n)", {"id": graph.study.id}).rows
    nodes = 1 + len(graph.layers) + len(graph.categories) + len(graph.regions) + 60
    files = [mri.cache / "documents" / f"{name}.npz" for name in (graph.study.id, "x")]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert mri("delete", "gone", "--yes").done().out == f"Deleted gone ({graph.study.id}): {nodes} nodes.\n"
    after = store.read("MATCH (n) WHERE coalesce(n.study, n.id) <> $id RETURN count(n)", {"id": graph.study.id}).rows
    assert after == before
    assert [file.exists() for file in files] == [False, True]
    for file in files:
        file.unlink(missing_ok=True)
    assert mri("delete", "gone", "--yes").status == 2


@pytest.mark.engine
def test_a_store_is_started_told_of_and_stopped(tmp_path: Path) -> None:
    mri = Mri(tmp_path / "store", tmp_path / "cache")
    assert "no store at" in mri("store", "status").done().out
    assert "No engine ran" in mri("store", "stop").done().out
    assert not mri.store.exists()
    try:
        assert "runs: process" in mri("store", "start").done().out
        assert "runs: process" in mri("store", "status").done().out
        assert mri("studies").done().out == "No study yet. The first one: mri demo\n"
        assert mri("studies", "--json").done().json == []
        assert "stopped." in mri("store", "stop").done().out
        assert "does not run" in mri("store", "status").done().out
    finally:
        lifecycle.stop(mri.store)


def test_the_bare_command_shows_its_help_and_version_its_version(mri: Mri) -> None:
    assert mri().done().out == mri("--help").done().out
    assert mri("store").done().out == mri("store", "--help").done().out
    assert mri("--version").done().out == f"llm-mri-graph {version('llm-mri-graph')}\n"


def test_what_a_load_left_that_died_is_told_and_deleted(mri: Mri, store: Store, embedded_store: Engine) -> None:
    writer = Writer(embedded_store.connect())
    writer.run(
        "CREATE (:Study {llm_mri: true, id: 'dead-1', name: 'dead', status: 'loading', owner: '', updated_at: ''})"
    )
    writer.close()
    assert "dead is unfinished" in mri("store", "status").done().out
    assert "dead" not in mri("studies").done().out
    assert mri("delete", "dead", "--yes").done().out == "Deleted what a load left of dead: 1 node.\n"
    assert "dead" not in mri("store", "status").done().out


def test_a_study_of_an_older_version_is_upgraded_after_the_confirmation(
    mri: Mri, store: Store, embedded_store: Engine
) -> None:
    graph = planted_graph("older", seed=75, software="llm-mri-graph 0.1.0")
    store.write(graph)
    writer = Writer(embedded_store.connect())
    unmarked = "MATCH (s:Study {id: $id}) WHERE s.llm_mri IS NULL RETURN s.id AS id"
    writer.run(
        "MATCH (n {llm_mri: true}) WHERE n.id = $id OR n.study = $id "
        "SET n.schema_version = CASE n.id WHEN $id THEN 2 ELSE null END REMOVE n.llm_mri",
        id=graph.study.id,
    )
    assert mri("delete", "older").status == 2
    assert len(writer.run(unmarked, id=graph.study.id)) == 1
    deleted = mri("delete", "older", "--yes").done()
    assert deleted.err == "older, a study of an older version, was made one of this version's schema.\n"
    assert f"Deleted older ({graph.study.id})" in deleted.out
    assert writer.run("MATCH (n) WHERE n.id = $id OR n.study = $id RETURN n.id AS id", id=graph.study.id) == []
    writer.close()


def test_a_study_of_another_version_is_told_and_may_be_deleted(
    mri: Mri, store: Store, embedded_store: Engine, store_folder: Path
) -> None:
    graph = planted_graph("foreign", seed=73)
    store.write(graph)
    writer = Writer(embedded_store.connect())
    writer.run("MATCH (s:Study {id: $id}) SET s.schema_version = 0", id=graph.study.id)
    writer.close()
    assert "made 'foreign' with schema 0" in mri("studies").done().err
    with pytest.warns(UserWarning, match="made 'foreign' with schema 0"):
        studies(store=store_folder)
    assert "schema 0" in mri("query", "layers", "--study", "foreign").refusal()
    assert f"Deleted foreign ({graph.study.id})" in mri("delete", "foreign", "--yes").done().out
    assert store.unreadable() == []
