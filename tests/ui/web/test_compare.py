"""The page Compare on a real store: two categories, two studies, what is found and how surely."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import entropy, fisher_exact
from streamlit.testing.v1 import AppTest

from mri_core.records.connectome import Flows
from mri_core.records.graph import StudyGraph
from mri_core.store.store import Store
from tests.planted import HOSTILE, planted_components, planted_graph, random_codes, with_evidence
from tests.ui.evidence import BLOCKS, COMPONENT, DIVERGENCE, hostile, measures, unfound, weighed
from tests.ui.page import box, opened, saved, words
from ui.drawing.palette import NEUTRAL, category_colours
from ui.reports.contrasts import asked_first, sides
from ui.web.state.beside import Beside, read, write
from ui.web.widgets.contrast_graph import dot_colours

CODES = random_codes(60, 4, 3, 21)
METHOD = Path(__file__).parents[3] / "docs" / "method.md"


@pytest.fixture(scope="module")
def graphs(store: Store) -> Iterator[dict[str, StudyGraph]]:
    """Studies with evidence, by name."""
    made = (
        weighed("beside"),
        unfound("beside-nothing"),
        hostile("beside-hostile"),
        replace(
            with_evidence(
                planted_graph("beside-two", categories=["one", "two"] * 30, seed=24, model="alone", corpus_hash="2")
            ),
            measures=measures(found=9),
        ),
    )
    for graph in made:
        store.write(graph)
    yield {graph.study.name: graph for graph in made}
    for graph in made:
        store.delete(graph.study)


@pytest.fixture(scope="module")
def parted(store: Store) -> Iterator[StudyGraph]:
    """A study without tests in which animals keep to region 0 and minerals to region 1, and plants are in either."""
    codes = np.repeat([[0], [1], [0], [0], [1], [1]] * 10, 5, axis=1)
    graph = planted_graph("beside-parted", codes=codes, seed=26, model="parted", corpus_hash="3" * 64)
    store.write(graph)
    yield graph
    store.delete(graph.study)


def compare(**address: str) -> AppTest:
    return opened("compare.py", **{"study": "beside", "against": "all"} | address)


def planted(graph: StudyGraph, *categories: str) -> list[dict[str, object]]:
    """The findings that were planted about some categories."""
    names = [category.name for category in graph.categories]
    regions = [(f"L{region.layer}/R{region.name}", region) for region in graph.regions]
    flows, avoided = graph.connectome.flows, graph.connectome.avoided
    assert avoided is not None
    return [
        {
            "source": regions[part.source[i]][0],
            "target": regions[part.target[i]][0],
            "category": names[part.category[i]],
        }
        | numbers_of(part, i)
        for part in (flows, avoided)
        for i in range(len(part.source))
        if part.evidence.finding[i] and names[part.category[i]] in categories
    ]


def numbers_of(part: Flows, i: int) -> dict[str, object]:
    evidence, stability = part.evidence, part.stability
    assert evidence is not None
    assert stability is not None
    more = bool(evidence.finding[i] > 0)
    return {
        "finding": "more" if more else "less",
        "q": evidence.q[i],
        "again": stability[i],
        "nearer": evidence.ci_low[i] if more else -evidence.ci_high[i],
    }


def test_before_anything_is_chosen_the_first_two_categories_are_compared(
    graphs: dict[str, StudyGraph], on_page_store: None
) -> None:
    page = compare()
    assert (box(page, "Category").value, box(page, "Compared with").value) == ("animal", "mineral")
    known = planted(graphs["beside"], "animal", "mineral")
    table = page.dataframe[0].value
    assert len(table) == len(known)
    ways = [row["finding"] for row in known if row["category"] == "animal"]
    assert f"animal takes {ways.count('more')} connections more, {ways.count('less')} less." in words(page)
    assert "Tested: 90 connections, animal and mineral (each against all others)" in words(page)
    assert "most in layer 2, p = 0.013 by 2,000 permutations" in words(page)
    assert page.get("bidi_component")
    assert len(page.get("vega_lite_chart")) == 2  # the forest, and the layers


def test_findings_stand_by_stability_and_then_by_the_nearer_end_of_their_interval(
    graphs: dict[str, StudyGraph], on_page_store: None
) -> None:
    known = planted(graphs["beside"], "animal", "mineral")
    nearer = [row["nearer"] for row in sorted(known, key=lambda row: -row["nearer"])]
    by_stability = sorted(known, key=lambda row: (-np.nan_to_num(row["again"], nan=-1.0), -row["nearer"]))
    for order, wanted in (("stability", [row["nearer"] for row in by_stability]), ("interval", nearer)):
        table = compare(order=order).dataframe[0].value
        found = np.where(table["finding"] == "more", table["low"], -table["high"])
        assert found.tolist() == pytest.approx(wanted)
    q = sorted(row["q"] for row in known)
    assert sorted(table["q"]) == pytest.approx(q)


def test_the_difference_graph_and_the_forest_are_saved_as_pictures(
    graphs: dict[str, StudyGraph], on_page_store: None
) -> None:
    assert saved(compare()) == ["PNG", "SVG", "HTML", "PNG", "SVG", "CSV", "CSV"]


@pytest.mark.parametrize(
    ("colours", "facing", "told"),
    [
        ({"law": "#0072B2", "stars": "#E69F00"}, True, {"more of law": "#0072B2", "more of stars": "#E69F00"}),
        ({"law": "#0072B2", "stars": "#E69F00"}, False, {"law": "#0072B2", "stars": "#E69F00"}),
        ({"law": "#0072B2", "stars": "#0072B2"}, True, {"more of law": "#0072B2", "more of stars": NEUTRAL}),
    ],
)
def test_two_categories_have_their_own_colours_in_every_picture(
    colours: dict[str, str], facing: bool, told: dict[str, str]
) -> None:
    assert sides(("law", "stars"), colours, facing=facing) == told


def test_a_difference_graph_colours_the_regions_of_the_two_categories_only() -> None:
    graph = weighed("drawn")

    def legend(*categories: str) -> dict[str, str]:
        return dot_colours(graph.study, ("animal", "plant"), category_colours(categories))

    assert legend("animal", "plant") == {"animal": "#0072B2", "plant": "#E69F00"}
    assert legend("animal", "mineral", "plant")["other categories"] == NEUTRAL


def test_the_shares_beside_a_finding_are_those_that_are_counted(
    graphs: dict[str, StudyGraph], on_page_store: None
) -> None:
    for row in compare().dataframe[0].value.to_dict("records"):
        layer = 0 if row["leaves"] == "embedding" else int(row["leaves"].removeprefix("block "))
        takes = (CODES[:, layer] == int(row["from region"])) & (CODES[:, layer + 1] == int(row["to region"]))
        shares = takes[0::3].mean(), takes[1::3].mean()
        assert (row["share of animal"], row["share of mineral"]) == pytest.approx(shares)
        assert row["difference"] == pytest.approx(shares[0] - shares[1])


def test_two_of_several_are_tested_against_one_another_as_if_there_were_no_others(
    parted: StudyGraph, on_page_store: None
) -> None:
    page = opened("compare.py", study="beside-parted")
    assert box(page, "Tested against").value == "one"
    assert "animal takes 4 connections more than mineral, 4 less. " in words(page)
    assert "stay in their region from layer to layer, " in words(page)
    assert "Tested: 8 connections" in words(page)
    table = page.dataframe[0].value
    assert len(table) == 8
    log_odds = 2 * np.log(20.5 / 0.5)  # all 20 against none of 20, a half added to each
    assert table["effect"].abs().tolist() == pytest.approx([log_odds] * 8)
    assert table["difference"].tolist() == [1.0 if finding == "more" else -1.0 for finding in table["finding"]]
    assert table["q"].max() < fisher_exact([[20, 0], [0, 20]]).pvalue * 8
    layers = page.dataframe[1].value
    assert layers["these two (bits)"].between(0.9, 1).all()
    box(page, "Tested against").select("all").run()
    assert page.query_params["against"] == "all"
    assert "This study holds no tests" in words(page)


def test_a_large_study_is_shown_as_it_was_tested_and_one_without_tests_is_tested() -> None:
    small = planted_graph().study
    large = replace(small, documents=5_000, layers=13)
    assert asked_first(small) == asked_first(replace(small, fdr="discrete")) == asked_first(large) == "one"
    assert asked_first(replace(large, fdr="discrete")) == "all"


def test_of_two_categories_each_finding_is_told_once(graphs: dict[str, StudyGraph], on_page_store: None) -> None:
    page = compare(study="beside-two", against="one")
    table = page.dataframe[0].value
    assert set(table["category"]) == {"one"}
    assert len(table) == len(planted(graphs["beside-two"], "one"))
    assert "one and two against one another" in words(page)


def test_a_study_in_which_nothing_is_found_says_so(graphs: dict[str, StudyGraph], on_page_store: None) -> None:
    page = compare(study="beside-nothing")
    assert "Nothing is significant: of 90 connections tested" in words(page)
    assert len(page.get("vega_lite_chart")) == 1


def test_a_study_without_tests_says_so(on_page_store: None) -> None:
    page = compare(study="page")
    assert "This study holds no tests" in words(page)
    assert not page.get("bidi_component")


def test_layers_stand_beside_their_control(graphs: dict[str, StudyGraph], on_page_store: None) -> None:
    table = compare().dataframe[1].value
    assert table["all categories (bits)"].tolist() == pytest.approx(DIVERGENCE)
    assert table["random blocks (bits)"].tolist() == pytest.approx(BLOCKS)
    assert (table["high, all"] - table["low, all"]).tolist() == pytest.approx([0.1] * 4)


def test_a_component_is_drawn_as_what_it_is_a_global_test(graphs: dict[str, StudyGraph], on_page_store: None) -> None:
    page = compare()
    told = f"At |z| > 3: the largest component is of animal, {len(COMPONENT)} connections"
    assert told in words(page)
    assert "At |z| > 4: no connection of any category is so far from the rest." in words(page)
    assert any("a global test, not a location" in caption.value for caption in page.caption)
    box(page, "Drawn").select("|z| > 3").run()
    assert page.query_params["drawn"] == "|z| > 3"
    assert words(page).count(told) == 2
    assert box(page, "Drawn").options == ["findings", "component at |z| > 3"]


def test_what_is_chosen_stands_in_the_address(graphs: dict[str, StudyGraph], on_page_store: None) -> None:
    page = compare()
    box(page, "Compared with").select("plant").run()
    assert page.query_params["versus"] == "plant"
    box(page, "Category").select("plant").run()
    assert (box(page, "Category").value, box(page, "Compared with").value) == ("plant", "animal")
    box(page, "Study").select("beside-nothing").run()
    assert page.query_params["study"] == "beside-nothing"
    assert "versus" not in page.query_params


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"category": "plants"}, "No category is called 'plants'. Near names: plant"),
        ({"versus": "<b>"}, "No category is called '<b>'"),
        ({"study": "besides"}, "No study is called 'besides'"),
        ({"tab": "studies", "other": "nobody"}, "No related study is called 'nobody'"),
    ],
)
def test_what_is_not_there_is_told(
    graphs: dict[str, StudyGraph], on_page_store: None, address: dict[str, str], told: str
) -> None:
    page = compare(**address)
    assert len(page.error) == 1
    assert told in words(page)


def test_two_studies_stand_on_one_scale_with_their_intervals(
    graphs: dict[str, StudyGraph], on_page_store: None
) -> None:
    page = compare(tab="studies", other="beside-nothing")
    table = page.dataframe[0].value
    assert table["over_chance"].tolist() == table["other_over_chance"].tolist() == pytest.approx(DIVERGENCE)
    assert (table["other_ci_high"] - table["other_ci_low"]).tolist() == pytest.approx([0.1] * 4)
    assert table["agreement"].between(-1, 1).all()
    assert len(page.get("vega_lite_chart")) == 3
    found = page.dataframe[2].value.set_index("family")
    assert found.loc["connections", ["beside: found", "beside-nothing: found"]].tolist() == [40, 0]
    assert found.loc["connections", "beside: with random blocks, mean"] == 11


def test_a_study_without_tests_beside_another_shows_what_is_counted(
    graphs: dict[str, StudyGraph], on_page_store: None
) -> None:
    page = compare(study="page", tab="studies", other="beside")
    table = page.dataframe[0].value
    assert table["over_chance"].isna().all()
    assert table["other_over_chance"].tolist() == pytest.approx(DIVERGENCE)
    assert table["regions"].tolist() == [5] * 4


def test_where_a_category_sits_in_two_studies_is_told_in_words(
    graphs: dict[str, StudyGraph], on_page_store: None
) -> None:
    page = compare(tab="studies", other="beside-nothing", category="mineral")
    assert box(page, "Where most of a category sits").value == "mineral"
    table = page.dataframe[1].value
    for name, codes in (("beside", CODES), ("beside-nothing", random_codes(60, 4, 3, 22))):
        for layer in range(4):
            counts = np.bincount(codes[1::3, layer], minlength=3)
            shares = counts / 20
            most = {f"word{region}, layer{layer}" for region in np.flatnonzero(counts == counts.max())}
            assert table[f"{name}: words"][layer] in most
            assert table[f"{name}: share"][layer] == pytest.approx(shares.max())
            assert table[f"{name}: regions in effect"][layer] == pytest.approx(np.exp(entropy(shares)))


def test_a_study_without_kin_has_none_beside_it(graphs: dict[str, StudyGraph], on_page_store: None) -> None:
    assert "No other study in this store" in words(compare(study="beside-two", tab="studies"))


def test_components_are_compared_by_their_findings_alone(store: Store, on_page_store: None) -> None:
    scores = np.random.default_rng(3).normal(size=(12, 3, 2))
    graph = planted_components("beside-moving", scores=scores, categories=["a", "b", "c"] * 4, seed=25)
    store.write(graph)
    try:
        assert "This study holds no tests" in words(compare(study="beside-moving", against="one"))
        assert "Components hold no documents" in words(compare(study="beside-moving", tab="studies"))
    finally:
        store.delete(graph.study)


def test_hostile_names_are_shown_as_they_are(graphs: dict[str, StudyGraph], on_page_store: None) -> None:
    page = compare(study="beside-hostile")
    assert any(name in words(page) for name in HOSTILE)
    marked_up = [element.value for element in (*page.markdown, *page.caption, *page.subheader, *page.error)]
    assert not any(hostile in text for text in marked_up for hostile in HOSTILE)


def test_captions_name_headings_that_the_documentation_has(graphs: dict[str, StudyGraph], on_page_store: None) -> None:
    headings = set(re.findall(r"^#+ (.+)$", METHOD.read_text("utf-8"), flags=re.MULTILINE))
    pages = compare(), compare(tab="studies"), opened("trust.py", study="beside")
    told = [re.search(r"docs/method.md, \*(.+)\*\.$", caption.value) for page in pages for caption in page.caption]
    named = {found.group(1) for found in told if found}
    assert len(named) >= 5
    assert named <= headings


def test_an_address_is_read_as_it_was_written() -> None:
    chosen = Beside("s", "studies", "a", "b", "all", "interval", "|z| > 3", "L0/R1", "t")
    assert read(write(chosen)) == chosen
    assert write(Beside()) == {}
    assert read({"tab": "beauty", "against": "none", "order": "<b>", "nonsense": "x"}) == Beside()
