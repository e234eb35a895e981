"""The tabs of the page Scan on a real store: what they show by default, and the numbers behind it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import entropy
from streamlit.testing.v1 import AppTest

from mri_core.records.measures import Measure
from mri_core.store.store import Store
from mri_core.studies.study_metrics import measure_study
from tests.planted import HOSTILE, planted_components, planted_graph, random_codes, with_evidence
from tests.ui.page import box, opened, saved, words
from ui.wording.evidence import ratio
from ui.wording.evidence import shares as both

pytestmark = pytest.mark.engine

LABELS = ("animal", "mineral", "plant")


def scan(tab: str, **address: str) -> AppTest:
    return opened("scan.py", **{"tab": tab, "study": "page"} | address)


def shares() -> np.ndarray:
    """Share of each category's documents by layer and region, counted from the planted codes."""
    codes = random_codes(60, 4, 5, 0)
    counts = np.zeros((4, 5, 3))
    for document in range(60):
        for layer in range(4):
            counts[layer, codes[document, layer], document % 3] += 1
    return counts / 20


def test_the_graph_is_shown_first_and_an_unknown_tab_is_the_graph(on_page_store: None) -> None:
    for page in (opened("scan.py"), scan("beauty")):
        assert page.get("bidi_component")
        assert [tab.label for tab in page.tabs] == ["Graph", "Matrix", "Heatmaps", "Layers", "Metrics", "Cause"]
        assert saved(page) == ["PNG", "SVG", "HTML", "GraphML", "CSV"]


def test_a_tab_draws_only_itself(on_page_store: None) -> None:
    assert not scan("layers").get("bidi_component")
    assert not scan("graph").get("vega_lite_chart")


def test_another_study_stays_in_the_tab(on_page_store: None) -> None:
    page = scan("layers")
    box(page, "Study").select("page-grid").run()
    assert page.query_params["tab"] == "layers"
    assert page.query_params["study"] == "page-grid"


def test_a_region_is_found_by_any_of_its_words(on_page_store: None) -> None:
    assert "block 1, R3: word3, layer1" in box(scan("graph"), "Region").options


def test_a_connection_tells_what_is_found_of_it_with_its_interval(on_page_store: None, store: Store) -> None:
    graph = with_evidence(planted_graph("page-found", seed=23))
    store.write(graph)
    try:
        flows, regions = graph.connectome.flows, graph.regions
        assert flows.evidence is not None
        i = int(np.flatnonzero(flows.evidence.finding > 0)[0])
        source, target = (regions[int(end[i])] for end in (flows.source, flows.target))
        ends = {"source": f"L{source.layer}/R{source.name}", "target": f"L{target.layer}/R{target.name}"}
        page = scan("graph", study="page-found", most_q="1.0", **ends)
        effect, low, high = (
            float(n[i]) for n in (flows.evidence.effect, flows.evidence.ci_low, flows.evidence.ci_high)
        )
        category = LABELS[flows.category[i]]
        own = float(flows.share[i])
        there = (flows.source == flows.source[i]) & (flows.target == flows.target[i])
        own_size = sum(d.category == category for d in graph.documents)
        others = (flows.weight[there].sum() - flows.weight[i]) / (len(graph.documents) - own_size)
        told = f"{both(own, others)}, odds {ratio(effect)} times ({ratio(low)} to {ratio(high)}), q "
        assert f"{category}: more, {told}" in words(page)
        table = page.dataframe[-1].value
        rows = table[(table["from region"] == source.name) & (table["to region"] == target.name)]
        assert f"{category} more" in rows.loc[rows["from layer"].eq(graph.layers[source.layer].name), "found"].iloc[0]
    finally:
        store.delete(graph.study)


def test_heatmaps_show_the_share_of_every_category_in_every_region(on_page_store: None) -> None:
    page = scan("heatmaps")
    assert "Where the documents of each category sit" in words(page)
    assert len(page.get("vega_lite_chart")) == 1
    assert saved(page) == ["PNG", "SVG", "CSV"]
    table = page.dataframe[0].value
    counted = shares()
    assert len(table) == np.count_nonzero(counted)
    for row in table.to_dict("records"):
        layer = 0 if row["layer"] == "embedding" else int(row["layer"].removeprefix("block "))
        known = counted[layer, int(row["region"])]
        assert row["share"] == pytest.approx(known[LABELS.index(row["category"])])
        assert row["lift"] == pytest.approx(row["share"] / known.mean())


def test_heatmaps_of_one_category_and_of_some_layers(on_page_store: None) -> None:
    table = scan("heatmaps", category="plant", first="1", last="2").dataframe[0].value
    assert set(table["category"]) == {"plant"}
    assert set(table["layer"]) == {"block 1", "block 2"}


def test_layers_show_what_is_known_of_each(on_page_store: None) -> None:
    page = scan("layers")
    table = page.dataframe[0].value
    counted = shares()
    mean = counted.mean(axis=2)
    apart = entropy(mean, axis=1, base=2) - entropy(counted, axis=1, base=2).mean(axis=1)
    assert table["Divergence of the categories (bits)"].tolist() == pytest.approx(apart.tolist())
    assert table["Variance explained by the reduced space (share)"].tolist() == [0.9] * 4
    assert len(page.get("vega_lite_chart")) == 3
    assert saved(page) == ["PNG", "SVG", "CSV"]


def test_a_probed_study_shows_what_can_be_read_with_its_interval(on_page_store: None, store: Store) -> None:
    graph = planted_graph("page-probed", seed=21)
    store.write(graph)
    try:
        details = {"chance": 1 / 3}
        read = [Measure("probe", 0.5 + i / 10, i, None, "full", 0.4, 0.6, details=details) for i in range(4)]
        store.add_measures(graph.study, read)
        page = scan("layers", study="page-probed")
        table = page.dataframe[0].value
        assert table["Category read from a layer: full activations (balanced accuracy)"].tolist() == [
            0.5,
            0.6,
            0.7,
            0.8,
        ]
        assert table["Category read from a layer: full activations, low"].tolist() == [0.4] * 4
        assert len(page.get("vega_lite_chart")) == 4
    finally:
        store.delete(graph.study)


def test_metrics_say_how_they_are_made_and_then_show_what_is_kept(on_page_store: None, store: Store) -> None:
    graph = planted_graph("page-measured", seed=22)
    store.write(graph)
    try:
        page = scan("metrics", study="page-measured")
        assert page.code[0].value == "mri metrics page-measured"
        assert not page.dataframe
        measures = measure_study(store, graph.study, random_graphs=2)
        store.add_measures(graph.study, measures)
        page = scan("metrics", study="page-measured")
        assert not page.code
        kept = {(m.kind, m.category): m.value for m in measures if m.layer is None}
        shape = next(frame.value for frame in page.dataframe if "density" in set(frame.value["measure"]))
        density = shape.set_index("measure").loc["density"]
        assert density.to_dict() == {name or "all": kept["density", name] for name in (None, *LABELS)}
        layers = page.dataframe[-1].value
        degrees = {m.layer: m.value for m in measures if m.kind == "degree_by_layer" and m.category is None}
        assert dict(zip(layers["layer"], layers["mean degree"], strict=True)) == degrees
        one = scan("metrics", study="page-measured", category="plant").dataframe[0].value
        assert list(one.columns) == ["measure", "all", "plant"]
        assert saved(page) == ["CSV"]
    finally:
        store.delete(graph.study)


def test_of_components_only_what_counts_documents_is_missing(on_page_store: None, store: Store) -> None:
    scores = np.random.default_rng(3).normal(size=(60, 3, 3))
    graph = planted_components("page-components", scores=scores, categories=list(LABELS) * 20, seed=8)
    store.write(graph)
    try:
        assert "components, which hold no documents" in words(scan("heatmaps", study="page-components"))
        page = scan("layers", study="page-components")
        assert page.dataframe[0].value["Variance explained by the reduced space (share)"].tolist() == [0.9] * 3
    finally:
        store.delete(graph.study)


@pytest.mark.parametrize("tab", ["graph", "matrix", "heatmaps", "layers", "metrics", "cause"])
def test_hostile_words_are_never_markup_or_expressions(on_page_store: None, tab: str) -> None:
    page = scan(tab, study="page-hostile")
    marked_up = [element.value for element in (*page.markdown, *page.caption, *page.subheader, *page.error)]
    assert not any(hostile in text for hostile in HOSTILE for text in marked_up)
    for chart in page.get("vega_lite_chart"):
        assert not any(hostile in json.dumps(json.loads(chart.proto.spec)) for hostile in HOSTILE[:1])
