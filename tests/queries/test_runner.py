"""Values are read as a question's parameters say, known to be in the study, or refused in one line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mri_core.errors import MriError, QueryError, UsageError
from mri_core.records.graph import StudyGraph
from mri_core.store.store import Store
from queries.catalog import load_catalog
from queries.runner import cypher, run
from queries.template import Template, parse_template
from tests.planted import HOSTILE, planted_graph

pytestmark = pytest.mark.engine

ECHO = """\
// title: Echo
// group: study
// question: What did the statement get?
// param: study      study            a study
// param: other      study?           a second study
// param: category   category?        a category
// param: region     region?          a region
// param: layer      layer?           a layer
// param: document   document?        a document
// param: word       string = "none"  a word
// param: count      int = 7          a count
// param: ratio      float = 0.5      a ratio
// param: wanted     bool = true      whether it is wanted
// param: limit      int? = 3         most rows to return
// returns: limit    int?    as given
// returns: wanted   bool    as given
// returns: ratio    float   as given
// returns: count    int     as given
// returns: word     string  as given
// returns: document string? as given
// returns: layer    int?    as given
// returns: region   string? as given
// returns: category string? as given
// returns: other    string? as given
// returns: study    string  as given

RETURN $study AS study, $other AS other, $category AS category, $region AS region, $layer AS layer,
       $document AS document, $word AS word, $count AS count, $ratio AS ratio, $wanted AS wanted, $limit AS limit
"""


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Template:
    path = tmp_path_factory.mktemp("questions") / "echo.cypher"
    path.write_text(ECHO)
    return parse_template(path)


@pytest.fixture(scope="module")
def study(store: Store) -> Iterator[StudyGraph]:
    graph = planted_graph("runner", seed=71)
    store.write(graph)
    yield graph
    store.delete(graph.study)


@pytest.fixture(scope="module")
def second(store: Store) -> Iterator[StudyGraph]:
    graph = planted_graph("runner-second", seed=72, categories=[HOSTILE[i % len(HOSTILE)] for i in range(60)])
    store.write(graph)
    yield graph
    store.delete(graph.study)


def got(store: Store, echo: Template, **values: object) -> dict[str, object]:
    [row] = run(store, echo, {"study": "runner", **values}).records()
    return row


def refusal(store: Store, template: Template, **values: object) -> str:
    with pytest.raises(UsageError) as caught:
        run(store, template, values)
    assert caught.value.exit_status == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_defaults_stand_in_for_what_is_not_given(store: Store, echo: Template, study: StudyGraph) -> None:
    row = got(store, echo, word=None)
    assert row["study"] == study.study.id
    assert (row["word"], row["count"], row["ratio"], row["wanted"], row["limit"]) == ("none", 7, 0.5, True, 3)
    assert row["other"] is row["category"] is row["region"] is row["layer"] is row["document"] is None


def test_columns_come_in_the_order_of_the_header(store: Store, echo: Template, study: StudyGraph) -> None:
    assert list(got(store, echo)) == [column.name for column in echo.returns]


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("count", "12", 12),
        ("count", " -3 ", -3),
        ("count", np.int64(5), 5),
        ("count", "9223372036854775807", 2**63 - 1),
        ("ratio", "1e-3", 0.001),
        ("ratio", 2, 2.0),
        ("wanted", "false", False),
        ("wanted", "YES", True),
        ("wanted", False, False),
        ("layer", "3", 3),
        ("limit", "0", 0),
        ("word", "", ""),
        *(("word", text, text) for text in HOSTILE),
    ],
)
def test_text_and_typed_values_are_read_by_type(
    store: Store, echo: Template, study: StudyGraph, name: str, given: object, expected: object
) -> None:
    value = got(store, echo, **{name: given})[name]
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("count", "many", "--count must be a whole number. It is 'many'"),
        ("count", "1.5", "--count must be a whole number"),
        ("count", 1.5, "--count must be a whole number"),
        ("count", True, "--count must be a whole number"),
        ("count", "9223372036854775808", "--count must be a whole number"),
        ("count", "9" * 5000, "--count must be a whole number"),
        ("ratio", "nan", "--ratio must be a number"),
        ("ratio", float("inf"), "--ratio must be a number"),
        ("ratio", "half", "--ratio must be a number"),
        ("wanted", "maybe", "--wanted must be true or false"),
        ("wanted", 1, "--wanted must be true or false"),
        ("word", 5, "--word must be text"),
        ("word", "\udcff", "--word must be text"),
        ("limit", -1, "--limit must be 0 or more"),
        ("limit", 2**32, "--limit must be 0 or more, and at most 1000000000"),
        ("layer", "first", "--layer must be the index of a layer"),
        ("layer", 4, "--layer must be one of the layers, from 0 to 3. It is 4"),
        ("layer", -1, "--layer must be one of the layers, from 0 to 3. It is -1"),
        ("category", "animals", "No category is called 'animals'. Near names: animal"),
        ("category", "", "No category is called ''. There are: animal, mineral, plant"),
        ("region", "L1/R9", "No region is called 'L1/R9'. Near names: L1/R"),
        ("region", "runner-second-00000048/L1/R2", "No region is called"),
        ("document", "D60", "No document is called 'D60'. runner has D0 to D59"),
        ("document", "D007", "No document is called 'D007'"),
        ("document", "60", "No document is called '60'. runner has D0 to D59, and no such id of its corpus"),
        ("other", "runer-second", "No study is called 'runer-second'. Near names: runner-second"),
        ("colour", "red", "No parameter of echo is called 'colour'"),
    ],
)
def test_a_bad_value_is_told_in_one_line(
    store: Store, echo: Template, study: StudyGraph, second: StudyGraph, name: str, given: object, message: str
) -> None:
    assert message in refusal(store, echo, **{"study": "runner", name: given})


def test_a_document_is_named_by_its_own_id_in_the_corpus_too(
    store: Store, echo: Template, study: StudyGraph, second: StudyGraph
) -> None:
    for name in ("id-7", "D7", f"{study.study.id}/D7"):
        assert got(store, echo, document=name)["document"] == f"{study.study.id}/D7"
    assert "No document is called 'id-60'" in refusal(store, echo, study="runner", document="id-60")


@pytest.fixture
def own(store: Store, tidy: None) -> StudyGraph:
    """Own ids: of document 3 another's place, of 5 and 6 the same, of 8 its own place, of 9 the place of none."""
    graph = planted_graph("own", seed=73)
    names = {3: "D7", 5: "twice", 6: "twice", 8: "D8", 9: "D99"}
    documents = [replace(d, source_id=names.get(d.ordinal, d.source_id)) for d in graph.documents]
    store.write(replace(graph, documents=tuple(documents)))
    return graph


def test_a_name_that_fits_two_documents_is_refused_and_a_full_id_is_of_the_place(
    store: Store, echo: Template, own: StudyGraph
) -> None:
    key = own.study.id
    assert refusal(store, echo, study="own", document="D7") == (
        "A document's name is that of one document. 'D7' is the place of one and the own id of another. "
        f"Give the full id of one, {key}/D3 or {key}/D7, instead."
    )
    assert refusal(store, echo, study="own", document="twice").endswith(
        f"'twice' is the own id of more than one. Give the full id of one, {key}/D5 or {key}/D6, instead."
    )
    for name, place in ((f"{key}/D7", 7), (f"{key}/D3", 3), ("D3", 3), ("D8", 8), ("D99", 9)):
        assert got(store, echo, study="own", document=name)["document"] == f"{key}/D{place}"


def test_a_place_that_is_not_stored_is_another_s_own_id_before_it_is_missed(
    store: Store, echo: Template, tidy: None
) -> None:
    graph = planted_graph("own", seed=73)
    stored = np.arange(60) % 2 == 0
    documents = tuple(replace(d, source_id="D9" if d.ordinal == 4 else None) for d in graph.documents)
    study = replace(graph.study, documents_stored=30)
    store.write(replace(graph, documents=documents, stored=stored, study=study))
    assert f"Give the full id of one, {study.id}/D4 or {study.id}/D9" in refusal(
        store, echo, study="own", document="D9"
    )
    for name in (f"{study.id}/D9", "D11"):
        assert "A question is about a document in the graph" in refusal(store, echo, study="own", document=name)


def test_a_missing_parameter_is_named_with_what_it_means(store: Store) -> None:
    drivers = load_catalog(environment={}).get("drivers")
    message = refusal(store, drivers, study="runner")
    assert "The question drivers needs --region. --region is missing: the driven region" in message


def test_an_unknown_study_is_told_with_near_names(store: Store, echo: Template, study: StudyGraph) -> None:
    assert "No study is called 'runnr'. Near names: runner" in refusal(store, echo, study="runnr")


def test_regions_and_documents_may_leave_out_the_study(store: Store, echo: Template, study: StudyGraph) -> None:
    key = study.study.id
    row = got(store, echo, region="L2/R1", document="D7")
    assert (row["region"], row["document"]) == (f"{key}/L2/R1", f"{key}/D7")
    row = got(store, echo, region=f"{key}/L2/R1", document=f"{key}/D7")
    assert (row["region"], row["document"]) == (f"{key}/L2/R1", f"{key}/D7")


def test_with_a_second_study_what_either_holds_is_known(
    store: Store, echo: Template, study: StudyGraph, second: StudyGraph
) -> None:
    region = f"{second.study.id}/L0/R1"
    row = got(store, echo, other="runner-second", category=HOSTILE[3], region=region)
    assert (row["other"], row["category"], row["region"]) == (second.study.id, HOSTILE[3], region)


def test_a_table_that_was_cut_says_so(store: Store, study: StudyGraph) -> None:
    regions = load_catalog(environment={}).get("regions")
    table = run(store, regions, {"study": "runner"}, max_rows=4)
    assert (len(table.rows), table.cut) == (4, True)


def test_an_answer_without_rows_has_its_columns(store: Store, study: StudyGraph) -> None:
    drivers = load_catalog(environment={}).get("drivers")
    table = run(store, drivers, {"study": "runner", "region": "L0/R1"})
    assert table.rows == ()
    assert table.columns == tuple(column.name for column in drivers.returns)


def test_own_cypher_reads(store: Store, study: StudyGraph) -> None:
    statement = "MATCH (s:Study {name: 'runner', status: 'ready'}) RETURN s.documents AS documents, '$x' AS price"
    assert cypher(store, statement).rows == ((60, "$x"),)


@pytest.mark.parametrize("end", [";", " ;\n", "; // why"])
def test_own_cypher_may_end_in_a_semicolon(store: Store, end: str) -> None:
    assert cypher(store, f"RETURN ';' AS mark{end}").rows == ((";",),)


def test_own_cypher_is_one_statement(store: Store) -> None:
    with pytest.raises(QueryError):
        cypher(store, "RETURN 1 AS x; RETURN 2 AS x;")


def test_own_cypher_with_a_parameter_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match=r"has no parameters. This one has \$name, \$two words"):
        cypher(store, "MATCH (s:Study {name: $name}) RETURN $`two words` AS x // $no")


@pytest.mark.parametrize("statement", ["", "RETURN '", "MATCH (n RETURN n", "CREATE (n:Study)", "RETURN '\udcff' AS x"])
def test_own_cypher_that_cannot_run_is_one_line(store: Store, study: StudyGraph, statement: str) -> None:
    with pytest.raises(QueryError) as caught:
        cypher(store, statement)
    assert isinstance(caught.value, MriError)
    assert "\n" not in str(caught.value)


def test_the_templates_of_a_folder_run(store: Store, study: StudyGraph, tmp_path: Path) -> None:
    (tmp_path / "mine.cypher").write_text(
        "// title: Mine\n// group: study\n// question: Which layers?\n// param: study study a study\n"
        "// returns: layer layer its index\n\n"
        "MATCH (:Study {id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)\nRETURN l.index AS layer\nORDER BY layer;\n"
    )
    catalog = load_catalog([tmp_path], environment={})
    assert run(store, catalog.get("mine"), {"study": "runner"}).rows == ((0,), (1,), (2,), (3,))


def object_question(folder: Path, text: str) -> Template:
    (folder / "held.cypher").write_text(
        "// title: Held\n// group: study\n// question: What is held?\n// returns: facts object? what is known\n\n"
        f"UNWIND [{text}, null] AS facts RETURN facts\n"
    )
    return load_catalog([folder], environment={}).get("held")


def test_what_the_header_declares_an_object_is_one(store: Store, tmp_path: Path) -> None:
    template = object_question(tmp_path, """'{"a": [1, {"b": "é"}]}'""")
    assert run(store, template).rows == (({"a": [1, {"b": "é"}]},), (None,))


@pytest.mark.parametrize("text", ["'{'", "7.5 + 'x'", "[1]"])
def test_what_is_declared_an_object_and_is_none_is_one_line(store: Store, tmp_path: Path, text: str) -> None:
    with pytest.raises(QueryError, match="declared an object") as caught:
        run(store, object_question(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_the_error_of_a_category_given_twice_names_the_two(store: Store, study: StudyGraph) -> None:
    routes = load_catalog(environment={}).get("routes-of-both")
    values = {"study": "runner", "category": "animal", "versus": "plant", "without": "animal"}
    assert "--category and --without are both 'animal'" in refusal(store, routes, **values)


def test_the_same_category_of_two_studies_may_be_compared(store: Store, study: StudyGraph) -> None:
    across = load_catalog(environment={}).get("category-across")
    values = {"study": "runner", "other": "runner", "category": "animal"}
    assert run(store, across, {**values, "versus": "animal"}) == run(store, across, values)
