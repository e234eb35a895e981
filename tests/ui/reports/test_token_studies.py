"""What is told of a study of tokens: tokens are counted, texts named, and what remains within types stands first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from mri import documents, frames
from mri_core.records.graph import Study, StudyGraph
from mri_core.records.ids import local_id
from mri_core.store.store import Store
from tests.planted import LENGTHS, planted_graph
from tests.ui.token_study import ANIMAL, MINERAL, TEXTS, TOKENS, token_study
from ui.drawing.connectivity import Matrix, connectivity
from ui.drawing.export import as_graphml
from ui.drawing.figures.graph import explained
from ui.drawing.heatmap import heatmap
from ui.drawing.origin import origin_of
from ui.drawing.picture import picture, spots, told
from ui.drawing.scene import told as link_told
from ui.drawing.view import View
from ui.publishing.card import card
from ui.publishing.report import report_text
from ui.reports import overview, summary, trust
from ui.reports.answers import Answers
from ui.reports.picture_tables import connection_table
from ui.reports.token_regions import context_of
from ui.wording import found_again
from ui.wording.evidence import percent
from ui.wording.terminal import fitted

pytestmark = pytest.mark.engine

Shares = dict[tuple[str, str], dict[str, float]]
DOCUMENT = re.compile(r"\bdocuments?\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def graph(store: Store) -> Iterator[StudyGraph]:
    """The study, which the store has, next to one of documents and one whose tokens have labels of their own."""
    graphs = [token_study("tokens"), token_study("tagged", tagged=True), planted_graph("whole")]
    for each in graphs:
        store.write(each)
    yield graphs[0]
    for each in graphs:
        store.delete(each.study)


@pytest.fixture(scope="module")
def of(store: Store, graph: StudyGraph) -> Study:
    return store.study("tokens")


@pytest.fixture(scope="module")
def ask(store: Store, graph: StudyGraph) -> Answers:
    return Answers(store, max_rows=10_000)


@pytest.fixture(scope="module")
def shares(graph: StudyGraph) -> Shares:
    """Of each connection the share of each category's tokens that take it, counted here token by token."""
    assert graph.texts is not None
    names = [f"L{region.layer}/R{region.name}" for region in graph.regions]
    taken: Counter[tuple[str, str, str]] = Counter()
    for place, text in zip(graph.connectome.placement.tolist(), graph.texts.tolist(), strict=True):
        category = ("animal", "mineral")[text % 2]
        for source, target in pairwise(place):
            taken[names[source], names[target], category] += 1
    found: Shares = {}
    for (source, target, category), count in taken.items():
        own = found.setdefault((source, target), {"animal": 0.0, "mineral": 0.0})
        own[category] = count / {"animal": ANIMAL, "mineral": MINERAL}[category]
    return found


def test_the_first_screen_counts_tokens_and_says_what_remains_within_their_types(
    store: Store, of: Study, ask: Answers
) -> None:
    text = overview.in_words(overview.overview(of, ask, store.measures(of)))
    lines = text.splitlines()
    assert lines[0].startswith("tokens: 147 tokens of 12 texts of planted.csv in 2 categories, read by planted-model ")
    assert "(residual, each token)" in lines[0]
    assert (
        "20 of 90 connections differ between the categories by more than chance (q <= 0.05), 7 of them within token "
        "types too (15 could be tested there). Three of all:"
    ) in text
    assert ("Token types: regions agree with them by up to 0.60, explain up to 6% of frequency, 3% of place.\n") in text
    assert not DOCUMENT.search(text)
    assert "mri intervene" not in text
    assert "mri compare " not in text
    assert len(fitted(text).splitlines()) <= overview.LINES


def test_what_is_next_asks_within_types_only_where_something_could_be_tested_there(
    store: Store, of: Study, ask: Answers
) -> None:
    held = store.measures(of)
    untested = [replace(one, details={**one.details, "within": 0, "within_tested": 0}) for one in held]
    steps = [overview.overview(of, ask, measures).steps[2].command for measures in (held, untested)]
    assert steps[0] == "mri query findings-within-types --study tokens"
    assert steps[1].startswith("mri query compare-categories --study tokens --category ")
    assert {"animal", "mineral"} < set(steps[1].split())


def test_shares_of_the_first_screen_are_of_tokens_and_its_texts_are_contexts_of_a_region(
    store: Store, of: Study, ask: Answers, shares: Shares, graph: StudyGraph
) -> None:
    first = overview.overview(of, ask, store.measures(of)).told
    contexts = {f"L{region.layer}/R{region.name}": region.contexts[0] for region in graph.regions}
    assert first
    for one in first:
        own = shares.get((one.source, one.target), {"animal": 0.0, "mineral": 0.0})
        (other,) = own.keys() - {one.category}
        beginning = f"{percent(own[one.category])} of {one.category}, but {percent(own[other])} of the others, "
        assert one.sentence.startswith(beginning)
        assert all(float(share) <= 100 for share in re.findall(r"([\d.]+)%", one.sentence))
        assert one.text == " ".join(contexts[one.target].split())
        assert "«" in one.text
        assert one.where == f"{one.target.partition('/')[2]}: "


def test_the_whole_summary_has_tokens_and_texts_by_category_and_what_regions_explain_by_layer(
    store: Store, of: Study
) -> None:
    facts = summary.findings(store, of)
    text = summary.in_words(facts)
    assert [line for line in text.splitlines() if DOCUMENT.search(line) and "«" not in line] == []
    assert [row.split() for row in text.splitlines() if row.startswith(("animal ", "mineral "))] == [
        ["animal", "66", "5"],
        ["mineral", "81", "5"],
    ]
    head, *_ = (line for line in text.splitlines() if "frequency" in line and "place" in line)
    assert head.split()[-3:] == ["types", "frequency", "place"]
    assert re.search(r"^ +2 .* 0\.400 +0\.040 +0\.020$", text, re.MULTILINE)
    assert "7 of 15" in text
    assert "0 of 0" in text
    assert "Texts cut at 64 tokens: 3." in text
    assert "Texts without a token that is placed: 2." in text
    typical = [row["typical"] for row in facts["findings"] if row["typical"]]
    assert typical
    assert all("«" in one["context"] and one["region"].startswith(of.id) for one in typical)


def test_findings_say_what_becomes_of_them_within_types(store: Store, of: Study, ask: Answers) -> None:
    rows = ask(of, "findings", limit=1_000).records()
    facts = summary.findings(store, of)
    told_rows = {(row["source"], row["target"], row["category"]) for row in facts["findings"]}
    text = summary.in_words(facts)
    own = [row for row in rows if (row["source"], row["target"], row["category"]) in told_rows]
    assert text.count("not within token types") == sum(
        row["within_q"] is not None and row["within_q"] > 0.05 for row in own
    )
    assert text.count("within token types odds") == sum(
        row["within_q"] is not None and row["within_q"] <= 0.05 for row in own
    )
    assert text.count("not to be tested within token types") == sum(row["within_q"] is None for row in own)


def test_trust_has_texts_where_few_are_and_tokens_where_they_are_counted(store: Store, of: Study, ask: Answers) -> None:
    held = store.measures(of)
    again = found_again.stored(ask(of, "found-again").records()[0])
    connections, regions, routing = trust.headlines(of, ask(of, "controls").records(), again, held)
    assert connections.startswith(
        "20 of 90 connections differ between the categories; 7 of them within token types too (15 could be tested there"
    )
    assert "none of which could be tested within token types" in regions
    assert routing.startswith("3 of 90 connections differ among the tokens already in their source region.")
    assert "Few texts: animal (5), mineral (5)." in "\n".join(trust.warnings(of, ask))
    assert [(row["confound"], row["value"]) for row in trust.confounds(held)] == [
        ("place of a token in its text explained by category (eta squared)", 0.02),
        ("tokens of the largest category over those of the smallest", pytest.approx(81 / 66)),
    ]
    panels = trust.panels(of, ask, held)
    assert [point.value for point in panels["types"].lines[""]] == pytest.approx([0.6, 0.5, 0.4])
    assert [point.value for point in panels["frequency"].lines["log frequency"]] == pytest.approx([0.06, 0.05, 0.04])
    assert panels["frequency"].levels == {"by chance": 0.01}


def test_pictures_are_sized_by_tokens_and_say_so(of: Study, ask: Answers, graph: StudyGraph) -> None:
    view = View(order="shares")
    shown = picture(of, ask, view)
    known = {f"L{region.layer}/R{region.name}": region for region in graph.regions}
    assert {spot.id: (spot.size, spot.texts) for spot in spots(of, ask)} == {
        name: (region.tokens, region.documents) for name, region in known.items()
    }
    spot = shown.spots[0]
    assert re.match(rf"{known[spot.id].tokens} tokens? of {known[spot.id].documents} texts?, largest share", spot.told)
    assert told(of, view, shown).count("How 147 tokens of 12 texts of 2 categories go through planted-model: ") == 1
    assert re.match(r"\d+ tokens?, largest share", link_told(shown.links[0]))
    assert explained(shown, view).startswith("Dot: size is tokens, ")
    assert explained(shown, View(order="shares", measure="documents")).count("width is tokens") == 1
    assert origin_of(of).line.endswith(", n = 147 tokens of 12 texts")
    assert origin_of(of).facts["Tokens"] == "147"
    assert "tokens" in connection_table(shown).columns
    graphml = as_graphml(shown).decode()
    assert 'attr.name="tokens"' in graphml
    assert not DOCUMENT.search(
        f"{told(of, view, shown)} {explained(shown, view)} {heatmap(of, ask, ['animal']).share_title}"
    )


def test_a_matrix_has_every_token_once_in_each_step(of: Study, ask: Answers, shares: Shares) -> None:
    for step in ("0", "1"):
        shown = connectivity(of, ask, Matrix(step))
        assert sum(cell.documents for cell in shown.cells.values()) == TOKENS
        assert shown.title == "tokens"
    shown = connectivity(of, ask, Matrix("0", "share", "animal"))
    assert shown.title == "share of all tokens of animal"
    for ends, cell in shown.cells.items():
        assert cell.share == pytest.approx(shares[ends]["animal"])


def test_the_card_and_the_report_have_the_unit_its_blocks_and_the_test_within_types(store: Store, of: Study) -> None:
    terms = dict(card(of, {"animal": ANIMAL, "mineral": MINERAL}, store.measures(of)))
    assert terms["Corpus"] == "planted.csv: 147 tokens of 12 texts"
    assert terms["Categories"] == "2: animal (66), mineral (81)"
    assert terms["Read"] == "residual, each token, 3 layers, at most 64 tokens of a text"
    page = report_text(store, of)
    for said in (
        "The unit of analysis is the token.",
        "texts are blocks, which permutations, halves, refits and held-out parts keep whole",
        "Each column was regressed on 1, 1/p, log p, p and log(1 + f)",
        "of 15 connections with a finding in which anything varies within types 7 differ there",
        "(Hemerik, Goeman and Finos 2020)",
        "Tokens stand in texts, so that p is by permutation of whole texts or within them",
    ):
        assert said in page
    methods = re.search(r"The unit of analysis.*?How it was made|The unit of analysis.*?References", page, re.DOTALL)
    assert methods
    assert not DOCUMENT.search(methods[0])


def test_words_with_labels_have_rows_and_their_texts_no_category(store: Store, graph: StudyGraph) -> None:
    page = report_text(store, store.study("tagged"))
    assert "each word with a label has a row of its own in a layer: the state at its first piece." in page


def test_frames_have_tokens_and_texts_and_those_of_documents_are_as_they_were(
    store: Store, of: Study, shares: Shares, graph: StudyGraph
) -> None:
    regions, connections = frames.regions(store, of), frames.connections(store, of)
    assert (regions.groupby("layer")["tokens"].sum() == TOKENS).all()
    assert regions["contexts"].tolist() == [list(region.contexts) for region in graph.regions]
    assert (regions["documents"] <= TEXTS).all()
    for row in connections.to_dict("records"):
        assert row["share"] == pytest.approx(shares[row["source"], row["target"]][row["category"]])
    assert (connections["documents"] <= connections["weight"]).all()
    assert np.isfinite(connections["within_q"].dropna().to_numpy()).all()
    texts = documents.documents(store, of)
    assert texts["tokens"].tolist() == list(LENGTHS)  # of those without a token, too
    assert "L0" not in texts
    whole = store.study("whole")
    assert "tokens" not in documents.documents(store, whole)
    assert list(frames.regions(store, whole).columns) == list(frames.REGION)
    assert list(frames.connections(store, whole).columns) == list(frames.CONNECTION)
    assert local_id(of.id, f"{of.id}/{regions['region'][0]}") == "L0/R0"


def test_a_findings_context_has_one_of_its_own_words_where_the_region_shows_one() -> None:
    around = {"s/L1/R0": ["a small river«.»", "«The» court hears", "in «the» sea"]}
    assert context_of(around, {"target": "s/L1/R0", "keywords": ["the", "a"]}) == "«The» court hears"
    assert context_of(around, {"target": "s/L1/R0", "keywords": ["moon"]}) == "a small river«.»"
    assert context_of(around, {"target": "s/L1/R0", "keywords": None}) == "a small river«.»"
    assert context_of(around, {"target": "s/L1/R1", "keywords": ["the"]}) == ""
