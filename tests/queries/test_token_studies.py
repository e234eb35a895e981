"""Every question about a scan of tokens: it counts tokens as it counts documents elsewhere, or says why it does not."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from mri_core.errors import UsageError
from mri_core.records.graph import StudyGraph
from mri_core.records.ids import document_id
from mri_core.store.store import Store
from queries.emptiness import why_empty
from queries.result import Result
from queries.runner import run
from queries.template import Template
from tests.engines import Engine
from tests.planted import LENGTHS, as_tokens, planted_graph, random_codes, with_evidence
from tests.queries.answers import ANSWERS
from tests.queries.answers.truth import Truth
from tests.queries.test_answers import WITHOUT_ROWS_OF_OUR_OWN, assert_same, choices
from tests.questions import CATALOG

pytestmark = pytest.mark.engine

TEXTS = np.repeat(np.arange(len(LENGTHS)), LENGTHS)
AS_TOKENS = {  # column of a scan of tokens: of the same scan, had it been one of documents
    "tokens": "documents",
    "tokens_in": "documents_in",
    "tokens_out": "documents_out",
    "region_tokens": "region_documents",
}
OF_TEXTS = {"documents", "region_documents"}  # columns that count texts wherever they are
TOKENS_ALONE = {"within", "within_q", "contexts", "exemplars"}  # exemplars are texts
LISTS = {"documents", "documents-of-region", "documents-of-connection"}  # of texts
FACTS = {"overview", "provenance"}
TOKENS_ONLY = {"tokens-of-region", "regions-of-document", "findings-within-types"}
ASKED = sorted(
    template.name
    for template in CATALOG
    if template.only is None and template.name not in LISTS | FACTS | WITHOUT_ROWS_OF_OUR_OWN
)
DOCUMENTS_ONLY = sorted(t.name for t in CATALOG if t.only is not None and t.only.unit == "document")


@dataclass(frozen=True)
class Scan:
    """A scan of tokens, and the truth of it had every token been a document."""

    graph: StudyGraph
    truth: Truth

    @property
    def id(self) -> str:
        return self.graph.study.id

    def tokens(self) -> Iterator[tuple[int, str, tuple[str, ...]]]:
        """Text, category and regions of each token."""
        return zip(TEXTS.tolist(), self.truth.labels, self.truth.ways, strict=True)


@pytest.fixture(scope="module", params=["texts", "tags"])
def scan(request: pytest.FixtureRequest, store: Store) -> Iterator[Scan]:
    tagged = request.param == "tags"
    generator = np.random.default_rng(7)
    labels = generator.integers(3, size=len(TEXTS)) if tagged else TEXTS % 3
    codes = random_codes(len(TEXTS), 4, 6, 7)
    truth = Truth("of-tokens", codes, [("noun", "verb", "zero")[label] for label in labels], seed=7)
    graph = as_tokens(truth.graph, TEXTS, len(LENGTHS), tagged=tagged, seed=7)
    store.write(graph)
    store.add_measures(graph.study, truth.measures)
    store.annotate(graph.study, list(truth.annotations.values()))
    yield Scan(graph, truth)
    store.delete(graph.study)


@pytest.fixture(scope="module")
def plain(store: Store) -> Iterator[StudyGraph]:
    graph = planted_graph("of-documents")
    store.write(graph)
    yield graph
    store.delete(graph.study)


def ask(store: Store, scan: Scan, name: str, **values: object) -> list[dict[str, Any]]:
    return run(store, CATALOG.get(name), {"study": scan.id, **values}).records()


def required(template: Template, scan: Scan) -> dict[str, Any]:
    """Some value for each parameter that must be given."""
    known = choices(scan.truth, 0)
    return {p.name: known[p.name] for p in template.parameters if p.required and p.name != "study"}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", ASKED)
def test_tokens_are_counted_as_documents_are_elsewhere(store: Store, scan: Scan, name: str, seed: int) -> None:
    template, generator = CATALOG.get(name), np.random.default_rng(seed)
    kept = [p.name for p in template.parameters if p.name != "study" and (p.required or generator.random() < 0.4)]
    values = {key: value for key, value in choices(scan.truth, seed).items() if key in kept}
    values |= {"least_documents": 1} if any(p.name == "least_documents" for p in template.parameters) else {}
    table = run(store, template, {"study": scan.id, **values})
    expected = ANSWERS[name](scan.truth, **values)
    had = [column.name for column in template.returns if column.unit != "token"]
    compared = [column for column in table.columns if column not in OF_TEXTS | TOKENS_ALONE]
    places = [had.index(AS_TOKENS.get(column, column)) for column in compared]
    own = [table.columns.index(column) for column in compared]
    rows = tuple(tuple(row[place] for place in own) for row in table.rows)
    assert_same(replace(table, columns=tuple(compared), rows=rows), [tuple(row[i] for i in places) for row in expected])


def test_no_column_called_documents_counts_tokens(store: Store, scan: Scan) -> None:
    for name in ASKED:
        template = CATALOG.get(name)
        values = {
            p.name: choices(scan.truth, 0)[p.name] for p in template.parameters if p.required and p.name != "study"
        }
        for row in run(store, template, {**values, "study": scan.id}).records():
            texts = [row[column] for column in OF_TEXTS if row.get(column) is not None]
            assert all(n <= len(LENGTHS) - LENGTHS.count(0) for n in texts), name
    assert not {"documents"} & set(run(store, CATALOG.get("telling-connections"), {"study": scan.id}).columns)


def test_connections_say_how_many_texts_their_tokens_are_of(store: Store, scan: Scan) -> None:
    texts: dict[tuple[str, str, str], set[int]] = {}
    for text, label, way in scan.tokens():
        for source, target in pairwise(way):
            texts.setdefault((source, target, label), set()).add(text)
    rows = ask(store, scan, "connections")
    assert {(r["source"], r["target"], r["category"]): r["documents"] for r in rows} == {
        end: len(held) for end, held in texts.items()
    }
    for row in ask(store, scan, "findings", limit=1000):
        assert row["documents"] == len(texts.get((row["source"], row["target"], row["category"]), ()))
    source, target, _ = next(iter(texts))
    rows = ask(store, scan, "connection-profile", source=source, target=target)
    assert {row["category"]: row["documents"] for row in rows} == {
        category: len(texts.get((source, target, category), ())) for category in scan.truth.categories
    }


def test_regions_say_how_many_texts_their_tokens_are_of(store: Store, scan: Scan) -> None:
    passed: dict[tuple[str, str], set[int]] = {}
    whole: dict[str, set[int]] = {}
    for text, label, way in scan.tokens():
        for region in way:
            passed.setdefault((region, label), set()).add(text)
            whole.setdefault(region, set()).add(text)
    for row in ask(store, scan, "regions"):
        assert row["documents"] == len(whole[row["region"]])
        region = scan.truth.regions[row["region"]]
        assert row["exemplars"] == [int(TEXTS[token]) for token in region.exemplars]
        assert [context.count("«") for context in row["contexts"]] == [1] * len(region.exemplars)
    for row in ask(store, scan, "region-findings", limit=1000):
        assert row["documents"] == len(passed[row["region"], row["category"]])
    region = next(iter(whole))
    for row in ask(store, scan, "region-profile", region=region):
        assert row["documents"] == len(passed.get((region, row["category"]), ()))
    for row in ask(store, scan, "bottlenecks", category="verb"):
        assert row["documents"] == len(passed[row["region"], "verb"])


def test_layers_and_categories_count_both(store: Store, scan: Scan) -> None:
    of = {name: {text for text, label, _ in scan.tokens() if label == name} for name in scan.truth.categories}
    used = len(LENGTHS) - LENGTHS.count(0)
    assert [(r["documents"], r["tokens"]) for r in ask(store, scan, "layers")] == [(used, len(TEXTS))] * 4
    rows = ask(store, scan, "layers", category="noun", layer=1)
    assert [(r["documents"], r["tokens"]) for r in rows] == [(len(of["noun"]), scan.truth.sizes["noun"])]
    for row in ask(store, scan, "categories"):
        assert row["documents"] == len(of[row["category"]])
        assert row["tokens"] == scan.truth.sizes[row["category"]]
        assert row["part"] == pytest.approx(row["tokens"] / len(TEXTS))


def test_a_study_is_told_with_its_tokens(store: Store, scan: Scan, plain: StudyGraph) -> None:
    facts = {row["fact"]: row["value"] for row in ask(store, scan, "overview")}
    assert (facts["tokens"], facts["documents"]) == (str(len(TEXTS)), str(len(LENGTHS)))
    sizes = scan.truth.sizes.values()
    assert facts["tokens of a category"] == f"{min(sizes)} to {max(sizes)}"
    told = {row["study"]: row for row in run(store, CATALOG.get("studies"), {}).records()}
    assert (told[scan.id]["documents"], told[scan.id]["tokens"]) == (len(LENGTHS), len(TEXTS))
    assert told[plain.study.id]["tokens"] is None
    documents = run(store, CATALOG.get("overview"), {"study": plain.study.id}).records()
    assert not any("token" in row["fact"] for row in documents)


def test_texts_of_a_region_come_with_how_many_of_their_tokens_are_there(store: Store, scan: Scan) -> None:
    region = max(scan.truth.regions, key=lambda r: sum(r in way for _, _, way in scan.tokens()))
    held = Counter(text for text, _, way in scan.tokens() if region in way)
    exemplars = list(dict.fromkeys(int(TEXTS[token]) for token in scan.truth.regions[region].exemplars))
    rows = ask(store, scan, "documents-of-region", region=region)
    order = exemplars + sorted(set(held) - set(exemplars), key=lambda text: (-held[text], text))
    assert [row["document"] for row in rows] == [document_id(scan.id, text) for text in order]
    assert [row["tokens"] for row in rows] == [held[text] for text in order]
    assert sum(len(row["contexts"]) for row in rows) == len(scan.truth.regions[region].exemplars)
    of_nouns = {text for text, label, _ in scan.tokens() if label == "noun"}
    rows = ask(store, scan, "documents-of-region", region=region, category="noun")
    assert {row["document"] for row in rows} == {document_id(scan.id, text) for text in set(held) & of_nouns}


def test_texts_of_a_connection_have_tokens_in_both_regions(store: Store, scan: Scan) -> None:
    source, target = scan.truth.pairs[0]
    leaving, reaching = (Counter(t for t, _, way in scan.tokens() if end in way) for end in (source, target))
    rows = ask(store, scan, "documents-of-connection", source=source, target=target)
    found = {row["document"]: (row["source_tokens"], row["target_tokens"]) for row in rows}
    assert found == {document_id(scan.id, t): (leaving[t], reaching[t]) for t in set(leaving) & set(reaching)}
    ranked = [(-row["words"], -row["typical"], -min(row["source_tokens"], row["target_tokens"])) for row in rows]
    assert ranked == sorted(ranked)


def test_all_texts_are_listed_with_their_tokens(store: Store, scan: Scan) -> None:
    rows = ask(store, scan, "documents")
    assert [row["tokens"] for row in rows] == list(LENGTHS)
    assert {row["matches"] for row in rows} == {len(LENGTHS)}
    tagged = scan.graph.labels is not None
    assert all((row["category"] is None) == tagged for row in rows)
    nouns = Counter(text for text, label, _ in scan.tokens() if label == "noun")
    rows = ask(store, scan, "documents", category="noun")
    listed = {row["document"]: row["tokens"] for row in rows}
    expected = {document_id(scan.id, text): n for text, n in nouns.items()}
    lacking = {} if tagged else {document_id(scan.id, text): 0 for text, n in enumerate(LENGTHS) if not n}
    assert listed == {**expected, **lacking}
    assert {row["matches"] for row in rows} == {len(listed)}
    assert [row["document"] for row in ask(store, scan, "documents", document="D2")] == [document_id(scan.id, 2)]


def test_the_regions_of_a_text_hold_its_tokens(store: Store, scan: Scan) -> None:
    rows = ask(store, scan, "regions-of-document", document="D2")
    held = Counter(region for text, _, way in scan.tokens() if text == 2 for region in way)
    whole = Counter(region for _, _, way in scan.tokens() for region in way)
    assert {row["region"]: row["tokens"] for row in rows} == held
    for row in rows:
        part = held[row["region"]] / LENGTHS[2]
        assert row["part"] == pytest.approx(part)
        assert row["lift"] == pytest.approx(part / (whole[row["region"]] / len(TEXTS)))
    ranked = [(row["layer"], -row["tokens"]) for row in rows]
    assert ranked == sorted(ranked)
    assert {row["layer"] for row in ask(store, scan, "regions-of-document", document="D2", layer=1)} == {1}
    assert ask(store, scan, "regions-of-document", document="D0") == []


def test_a_region_shows_its_tokens_and_its_exemplars_in_context(store: Store, scan: Scan) -> None:
    region, stored = next((key, r) for key, r in scan.truth.regions.items() if len(r.exemplars) > 1)
    rows = ask(store, scan, "tokens-of-region", region=region)
    own = next(r for r in scan.graph.regions if (r.layer, r.name) == (stored.layer, stored.name))
    tokens = [(r["place"], r["text"], r["document"]) for r in rows if r["what"] == "token"]
    assert tokens == [(i, word, None) for i, word in enumerate(own.keywords, 1)]
    exemplars = [(r["place"], r["text"], r["document"]) for r in rows if r["what"] == "exemplar"]
    ids = [document_id(scan.id, ordinal) for ordinal in own.exemplars]
    assert exemplars == list(zip(range(1, 99), own.contexts, ids, strict=False))
    assert [r["what"] for r in rows] == ["token"] * len(tokens) + ["exemplar"] * len(exemplars)
    assert len(ask(store, scan, "tokens-of-region", region=region, limit=1)) == 1


def test_findings_stand_within_types_or_fall(store: Store, scan: Scan) -> None:
    flows, ids = scan.graph.connectome.flows, list(scan.truth.regions)
    expected = {}
    for i in range(len(flows.weight)):
        finding = int(flows.evidence.finding[i])
        if finding and not np.isnan(flows.within_q[i]):
            end = ids[flows.source[i]], ids[flows.target[i]], scan.truth.categories[flows.category[i]]
            expected[end] = flows.within_q[i] <= 0.05 and flows.within[i] * finding > 0
    rows = ask(store, scan, "findings-within-types", limit=1000)
    found = {(row["source"], row["target"], row["category"]): row["stands"] for row in rows}
    assert found == expected
    assert set(found.values()) == {True, False}
    assert [row["stands"] for row in rows] == sorted(found.values(), reverse=True)
    standing = ask(store, scan, "findings-within-types", which="stand", limit=1000)
    falling = ask(store, scan, "findings-within-types", which="fall", limit=1000)
    assert [*standing, *falling] == rows
    told = {(r["source"], r["target"], r["category"]): (r["within"], r["within_q"]) for r in rows}
    for row in ask(store, scan, "findings", limit=1000):
        end = row["source"], row["target"], row["category"]
        assert told.get(end, (None, None)) == (row["within"], row["within_q"])


def test_a_scan_that_was_not_tested_within_types_says_so(store: Store) -> None:
    codes = random_codes(len(TEXTS), 2, 3, 1)
    plain = planted_graph("untested", codes=codes, categories=["a", "b", *["a"] * (len(TEXTS) - 2)])
    graph = as_tokens(with_evidence(plain), TEXTS, len(LENGTHS), tagged=True)
    connectome = replace(graph.connectome, flows=replace(graph.connectome.flows, within=None, within_q=None))
    store.write(replace(graph, connectome=connectome))
    template = CATALOG.get("findings-within-types")
    assert run(store, template, {"study": "untested"}).rows == ()
    told = why_empty(store, template, {"study": "untested"})
    store.delete(graph.study)
    assert told == "No rows: untested: none of its findings was tested within types of tokens."


@pytest.mark.parametrize("name", DOCUMENTS_ONLY)
def test_what_follows_whole_documents_says_that_tokens_are_none(
    store: Store, scan: Scan, plain: StudyGraph, name: str
) -> None:
    template = CATALOG.get(name)
    values = required(template, scan)
    ways = [{"study": scan.id}]
    if "other" in values:
        ways = [{"study": scan.id, "other": plain.study.id}, {"study": plain.study.id, "other": scan.id}]
    for studies in ways:
        with pytest.raises(UsageError) as error:
            run(store, template, {**values, **studies})
        assert str(error.value).startswith(f"{name} ")
        assert "of-tokens is a scan of tokens" in str(error.value)
        assert "\n" not in str(error.value)
        asked_as_told(store, error.value)


@pytest.mark.parametrize("name", sorted(TOKENS_ONLY))
def test_what_asks_for_tokens_says_that_documents_have_none(store: Store, plain: StudyGraph, name: str) -> None:
    values = {"study": plain.study.id, "region": "L0/R0", "document": "D0"}
    template = CATALOG.get(name)
    given = {p.name: values[p.name] for p in template.parameters if p.required}
    with pytest.raises(UsageError, match=f"{name} .*of-documents is a scan of documents. Run `mri query ") as error:
        run(store, template, given)
    asked_as_told(store, error.value)


def asked_as_told(store: Store, error: UsageError) -> None:
    """The command of a remedy runs as it stands, where there is one."""
    _, said, command = str(error).partition("Run `mri query ")
    if said:
        name, *options = shlex.split(command.removesuffix("`."))
        values = {option.removeprefix("--"): value for option, value in zip(options[::2], options[1::2], strict=True)}
        run(store, CATALOG.get(name), values)


def test_every_question_is_told_here(scan: Scan) -> None:
    own = set(ASKED) | set(DOCUMENTS_ONLY) | TOKENS_ONLY | LISTS | FACTS | WITHOUT_ROWS_OF_OUR_OWN
    assert own == {template.name for template in CATALOG}
    for template in CATALOG:
        assert template.only is None or not template.only.instead or CATALOG.get(template.only.instead)


def test_a_study_is_compared_with_one_of_the_other_unit_layer_by_layer(
    store: Store, scan: Scan, plain: StudyGraph
) -> None:
    rows = ask(store, scan, "compare-layers", other=plain.study.id)
    alone = {row["layer"]: row for row in ask(store, scan, "layers")}
    assert [row["effective_regions"] for row in rows] == pytest.approx(
        [alone[r["layer"]]["effective_regions"] for r in rows]
    )


def test_the_most_probable_route_is_of_tokens(store: Store, scan: Scan) -> None:
    for category in scan.truth.categories:
        rows = ask(store, scan, "strongest-route", category=category)
        starts = Counter(way[0] for _, label, way in scan.tokens() if label == category)
        assert rows[0]["weight"] == starts[rows[0]["region"]]
        assert rows[0]["share"] == pytest.approx(starts[rows[0]["region"]] / scan.truth.sizes[category])
        assert all(0 < row["chance"] <= 1 for row in rows)


def test_answers_have_the_columns_of_their_unit_and_their_types(
    store: Store, scan: Scan, plain: StudyGraph, engine: Engine
) -> None:
    template = CATALOG.get("hubs")
    tokens, documents = (run(store, template, {"study": one}) for one in (scan.id, plain.study.id))
    assert {"tokens_in", "tokens_out"} <= set(tokens.columns)
    assert not {"documents_in", "documents_out"} & set(tokens.columns)
    assert [c for c in documents.columns if "documents" in c] == ["documents_in", "documents_out"]
    assert not any("tokens" in column for column in documents.columns)
    result = Result.of(tokens, template)
    assert dict(zip(result.columns, result.types, strict=True))["tokens_in"] == "int"
    assert str(result.to_pandas()["tokens_in"].dtype) == "Int64"
