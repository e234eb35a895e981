"""The first screen of a study: three findings, how far to trust them, what is next; plainly where there is nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from mri_core.paths import MEMORY, scans_folder
from mri_core.records.graph import GIVEN, StudyGraph
from mri_core.records.ids import RESULT_VERSION
from mri_core.records.measures import Measure
from mri_core.store.store import Store
from tests.planted import HOSTILE, planted_components, planted_graph, planted_intervention, with_evidence
from tests.ui.evidence import hostile, tried, unfound, weighed
from ui.reports.answers import Answers
from ui.reports.cause import why_not
from ui.reports.overview import Overview, in_words, overview
from ui.reports.summary import findings
from ui.reports.summary import in_words as summary_in_words
from ui.reports.trust import checks
from ui.wording.evidence import percent
from ui.wording.terminal import fitted

pytestmark = pytest.mark.engine

LINES, WIDTH = 20, 100
LONG = [f"{name} of a long name which goes on and on" for name in ("animal", "mineral", "plant")]
Shown = Callable[[StudyGraph], Overview]


@pytest.fixture
def shown(store: Store, tidy: None) -> Shown:
    """Stores a study and makes its first screen."""

    def show(graph: StudyGraph) -> Overview:
        store.write(graph)
        study = store.study(graph.study.id)
        return overview(study, Answers(store), store.measures(study))

    return show


def screen(found: Overview) -> str:
    """What is printed at a width of 100, which takes no more than the lines that it may."""
    text = fitted(in_words(found))
    assert len(text.splitlines()) <= LINES, text
    assert all(line.isprintable() for line in text.split("\n"))
    return text


def components(**properties: object) -> StudyGraph:
    score = np.random.default_rng(0).permutation(40).astype(float)
    scores = np.stack([score[:, None], -score[:, None]], axis=1)
    return planted_components(scores=scores, categories=["a", "b"] * 20, **properties)  # type: ignore[arg-type]


def test_findings_are_told_with_their_shares_size_certainty_and_a_typical_text(shown: Shown, store: Store) -> None:
    graph = weighed("first")
    found = shown(graph)
    text = screen(found)
    assert text.startswith("first: 60 documents of planted.csv in 3 categories, read by planted-model (residual, mean)")
    assert "40 of 90 connections differ between the categories by more than chance (q <= 0.05), three of them:" in text
    assert len({told.category for told in found.told}) == 3
    rows = Answers(store)(graph.study, "findings", limit=1_000).records()
    for told in found.told:
        ends = f"first-{21:08x}/{told.source}", f"first-{21:08x}/{told.target}"
        (row,) = (r for r in rows if (r["source"], r["target"], r["category"]) == (*ends, told.category))
        assert (
            f"{percent(row['share'])} of {told.category}, but {percent(row['others_share'])} of the others"
            f"{'' if told.category == 'animal' else ' without animal'}, " in told.sentence  # which is named first
        )
        assert f"q {row['q']:.3f}" in told.sentence
        known = row["stability"] is not None
        assert ("found again by" in told.sentence) is known
        assert not known or f"by {round(row['stability'] * 20)} of 20 refits" in told.sentence
        assert told.text.startswith("text ")


def test_how_far_to_trust_it_names_refits_controls_and_warnings(shown: Shown) -> None:
    text = screen(shown(weighed("trusted")))
    assert "named findings in at least 80% of 20 refits" in text
    assert "Controls: shuffled labels 0.2, random blocks 11 (8 to 14), the study 40 connections.\n" in text
    assert "Warnings: Few documents: animal (20), mineral (20), plant (20)." in text


def test_a_control_that_finds_as_much_is_said_to(shown: Shown) -> None:
    graph = weighed("no-more")
    kept = tuple(measure for measure in graph.measures if measure.other != "random_blocks connections")
    control = Measure("control", 41.0, other="random_blocks connections", ci_low=40.0, ci_high=42.0)
    text = screen(shown(replace(graph, measures=(*kept, control))))
    assert ", the study no more, 40 connections." in text


def test_what_was_not_done_is_said_with_what_does_it(shown: Shown) -> None:
    counted = Measure("findings", 9, other="connections", details={"tests": 30})
    graph = with_evidence(planted_graph("bare", seed=31), seed=1)
    flows, avoided = graph.connectome.flows, graph.connectome.avoided
    assert avoided is not None
    unfitted = [replace(rows, stability=np.full(len(rows.source), np.nan)) for rows in (flows, avoided)]
    connectome = replace(graph.connectome, flows=unfitted[0], avoided=unfitted[1])
    text = screen(shown(replace(graph, connectome=connectome, measures=(counted,))))
    assert "Found again: not known without refits" in text
    assert "Controls: not run" in text
    assert "found again by" not in text


def test_what_is_next_are_commands_that_name_the_study_and_its_categories(shown: Shown) -> None:
    steps = [step.command for step in shown(weighed("next", 24)).steps]
    assert steps[:2] == ["mri show next --full", "mri ui"]
    assert steps[2].startswith("mri compare next ")
    assert set(steps[2].split()[3:]) < {"animal", "mineral", "plant"}


def test_what_was_tried_is_counted_among_what_to_trust_and_what_was_not_is_next(shown: Shown, store: Store) -> None:
    graph = weighed("causes", 24)
    before = shown(graph)
    assert before.steps[-1].command == "mri intervene causes --findings 5"
    assert "Cause" not in before.trust
    rows = Answers(store)(graph.study, "findings", limit=1).records()
    source, target = (rows[0][end].rpartition("/L")[2] for end in ("source", "target"))
    found = planted_intervention(f"L{source}", towards=f"L{target}", q=0.5)
    store.add_interventions(graph.study, [found, replace(found, strength=0.5, q=0.03), *tried()[::2]])
    study = store.study("causes")
    after = overview(study, Answers(store), store.measures(study))
    told = (
        "1 of 1 finding and 1 of 2 regions tried have an effect beyond their controls: mri query interventions causes"
    )
    assert after.trust["Cause"] == told
    assert f"Cause: {told}" in " ".join(screen(after).split())
    assert "mri intervene" not in screen(after)
    facts = findings(store, study)
    assert facts["cause"] == [
        {"what": "finding", "causal": 1, "tried": 1},
        {"what": "region", "causal": 1, "tried": 2},
    ]
    assert f"Cause: {told}" in summary_in_words(facts)


def test_where_no_intervention_can_be_tried_none_is_next(shown: Shown) -> None:
    graph = weighed("cannot", 25)
    for properties in ({"model": GIVEN, "site": GIVEN}, {"parameters": '{"align": true}'}):
        steps = shown(replace(graph, study=replace(graph.study, **properties))).steps
        assert not any("intervene" in step.command for step in steps)
    upload = json.dumps({"corpus": str(scans_folder() / "x" / "texts.csv")})
    assert "uploaded" in why_not(replace(graph.study, parameters=upload))
    for given in ("corpus", "model"):
        of_memory = replace(graph.study, parameters=json.dumps({given: f"{MEMORY}texts-0123456789ab"}))
        assert "notebook's memory" in why_not(of_memory)
        told = {check.name: check.told for check in checks(of_memory, ())}
        assert "call mri.ingest there as before, then mri.probe" in told["probes"]
        assert "call mri.ingest as before, with the same" in told["refits"]


def test_where_nothing_is_found_it_says_so_and_tells_nothing(shown: Shown) -> None:
    found = shown(unfound("nothing"))
    assert found.told == ()
    none = "is taken by a category more, or less, than by the others by more than chance (90 tested)."
    assert none in screen(found).replace("\n", " ")
    assert "Refits: not run" not in screen(found)


def test_where_nothing_is_found_and_nothing_was_refitted_it_says_what_refits_would_show(shown: Shown) -> None:
    graph = unfound("nothing-refitted")
    tested = tuple(measure for measure in graph.measures if measure.kind != "routing_floor")
    assert "Refits: not run, so the stability of the atlas is not known" in screen(
        shown(replace(graph, measures=tested))
    )


def test_given_activations_are_read_by_no_model(shown: Shown) -> None:
    graph = weighed("given")
    study = replace(graph.study, model="given", site="given", pooling="given")
    text = screen(shown(replace(graph, study=study)))
    assert "in 3 categories, given activations in 4 layers, mapped to" in text.replace("\n", " ")


def test_a_study_without_tests_tells_differences_as_counted_and_says_that_they_may_be_chance(shown: Shown) -> None:
    codes = np.array([[0, 0, 0]] * 10 + [[0, 1, 1]] * 8 + [[0, 0, 0]] * 2)
    graph = planted_graph("counted", codes=codes, categories=["a"] * 10 + ["b"] * 10)
    text = screen(shown(graph))
    assert "Nothing was tested in this study: shares as counted, which may be chance." in text
    assert "80% of b, but none of a, stay in R1: word1, layer1 from block 1 to block 2\n" in text
    assert "all of a, but 20% of b, " in text
    assert "q " not in text.replace("read by", "")
    alike = planted_graph("alike", codes=np.array([[0, 0]] * 4 + [[1, 1]] * 4), categories=["a", "b"] * 4, seed=2)
    told = screen(shown(alike)).replace("\n", " ")
    assert "no connection is taken by more of one category than of another" in told


def test_components_are_told_by_what_moves_together(shown: Shown) -> None:
    found = shown(components(report=json.dumps({"skipped": {}})))
    text = screen(found)
    assert "mapped to 2 components." in text
    assert "Not tested against chance: what moves together most" in text
    assert "a: R0: word0, layer0 and R0: word0, layer1 of layers 0 and 1 move together; rho -1.00 over 20" in text
    assert found.steps[2].command == "mri query components --study moving"


def test_tested_components_are_told_with_their_size_and_chance(shown: Shown) -> None:
    counted = Measure("findings", 9, other="connections", details={"tests": 18})
    scores = np.random.default_rng(3).normal(size=(60, 1, 3)) + np.random.default_rng(4).normal(size=(60, 3, 3))
    planted = planted_components(scores=scores, categories=["a", "b", "c"] * 20, seed=3)
    text = screen(shown(replace(with_evidence(planted, seed=1), measures=(counted,)))).replace("\n    ", " ")
    assert "9 of 18 pairs of components of neighbouring layers move together differently in some category" in text
    assert "than the others by Fisher's z" in text


def test_groups_and_an_older_version_are_told(shown: Shown) -> None:
    report = {"columns": {"group": "author"}, "results": RESULT_VERSION - 1}
    text = screen(shown(weighed("older", 25, report=json.dumps(report))))
    assert "in 3 categories, grouped by author, read by" in text.replace("\n", " ")
    assert "Warnings: 2, the first: An older version made this study" in text


def test_long_and_hostile_names_and_words_take_no_more_lines(shown: Shown) -> None:
    assert "script" in screen(shown(hostile("hostile-first")))
    graph = weighed("escaping", 30)
    names = "\x1b[31mred", "animal", "plant"
    graph = replace(
        graph,
        categories=tuple(replace(own, name=new) for own, new in zip(graph.categories, names, strict=True)),
        documents=[replace(d, category=names[d.ordinal % 3]) for d in graph.documents],
    )
    assert {"animal", "plant"} == set(shown(graph).steps[2].command.split()[3:])
    graph = weighed("long", 26, model="m" * 90, corpus="c" * 90)
    words = tuple("w" * 60 for _ in range(8))
    graph = replace(
        graph,
        categories=tuple(replace(own, name=new) for own, new in zip(graph.categories, LONG, strict=True)),
        regions=tuple(replace(region, keywords=words) for region in graph.regions),
        documents=[replace(d, category=LONG[d.ordinal % 3], text=HOSTILE[3] * 20) for d in graph.documents],
    )
    text = screen(shown(graph))
    assert "animal of a long name whi…" in text
