"""The tab Cause: what it shows of what was tried, what it starts, and for whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mri_core.records.graph import GIVEN
from mri_core.store.store import Store
from tests.planted import HOSTILE, planted_graph
from tests.ui.evidence import hostile, tried, weighed
from tests.ui.page import box, opened, saved, words
from ui.jobs import access
from ui.jobs.access import Access
from ui.web.widgets.effect_charts import MEAN, OWN, RANGE

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("on_page_store")]


@pytest.fixture(scope="module", autouse=True)
def _tried(page_store: object, store: Store) -> Iterator[None]:
    """A study on which three interventions were tried, one with hostile names, one on which none can be tried."""
    given = planted_graph("page-cause-given", seed=63, model=GIVEN, site=GIVEN)
    graphs = weighed("page-cause", 61), hostile("page-cause-hostile", 62), given
    for graph in graphs:
        store.write(graph)
    store.add_interventions(graphs[0].study, tried())
    store.add_interventions(graphs[1].study, tried(HOSTILE[6]))
    yield
    for graph in graphs:
        store.delete(graph.study)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))


def cause(study: str = "page-cause", **address: str) -> AppTest:
    return opened("scan.py", tab="cause", study=study, **address)


def charts(page: AppTest) -> list[dict[str, object]]:
    return [json.loads(chart.proto.spec) for chart in page.get("vega_lite_chart")]


def tried_in(page: AppTest) -> list[str]:
    """What the table lists."""
    return next(list(frame.value["tried"]) for frame in page.dataframe if "tried" in frame.value)


def test_the_intervention_of_least_q_is_shown_first_in_a_sentence_two_charts_and_a_graph() -> None:
    page = cause()
    assert "Erasing L0/R1 (word1, layer0): of 40 texts" in words(page)
    assert "lie where its documents go in layer 2: more than" in words(page)
    assert len(charts(page)) == 2
    assert page.get("bidi_component")
    assert tried_in(page) == ["erase L0/R1", "add L1/R0 × 2", "swap L0/R2 to L0/R1 > L1/R1"]
    assert saved(page) == ["PNG", "SVG", "CSV", "CSV", "PNG", "SVG", "HTML"]
    assert "no proof that the model does not use the region" in page.caption[-1].value
    assert "docs/method.md, *Cause*" in page.caption[-1].value


def test_a_layer_that_does_not_count_is_hollow_and_that_is_said() -> None:
    page = cause()
    text = json.dumps(charts(page)[0])
    assert all(name in text for name in (OWN, RANGE, MEAN))
    assert "residual stream carries any change" in " ".join(each.value for each in page.caption)


def test_a_region_or_a_connection_chooses_what_is_shown_and_the_key_among_several() -> None:
    assert "Adding L1/R0 (word0, layer1) 2 times" in words(cause(region="L1/R0"))
    moved = "Moving texts of L0/R2 (word2, layer0) to L0/R1 (word1, layer0), on the way to L1/R1 (word1, layer1)"
    assert moved in words(cause(source="L0/R1", target="L1/R1"))
    assert moved in words(cause(region="L0/R1", tried="L0/R1>L1/R1/swap/L0/R2/1"))
    assert "Nothing was tried on L2/R2 yet." in words(cause(region="L2/R2"))


def test_the_form_is_the_command_and_asks_for_a_region() -> None:
    page = cause()
    assert next(button for button in page.button if button.label == "Try it").disabled
    box(page, "Region or connection").select("L1/R2").run()
    assert page.query_params["region"] == "L1/R2"
    box(page, "What is done").select("swap").run()
    command = "mri intervene page-cause --region=L1/R2 --swap=largest --documents=30 --controls=99"
    assert command in [code.value for code in page.code]
    assert not next(button for button in page.button if button.label == "Try it").disabled
    last = cause(region="L3/R0")
    assert "L3/R0 is in the last one" in words(last)
    assert next(button for button in last.button if button.label == "Try it").disabled


def test_a_study_whose_model_cannot_be_run_again_says_so_in_place_of_the_form() -> None:
    page = cause("page-cause-given")
    assert "page-cause-given was made of given activations" in words(page)
    assert "Try it" not in [button.label for button in page.button]
    assert "Nothing was tried in this study yet." in words(page)


def test_a_viewer_sees_what_was_tried_and_no_form() -> None:
    access.serve_with(Access(read_only=True))
    try:
        page = cause()
        assert "Erasing L0/R1" in words(page)
        assert "Try it" not in [button.label for button in page.button]
        assert not page.number_input
    finally:
        access.serve_with(Access())


def test_the_panel_of_a_region_leads_to_it() -> None:
    page = opened("scan.py", study="page-cause", region="L0/R1")
    next(button for button in page.button if button.label == "Does the model use it?").click().run()
    assert (page.query_params["tab"], page.query_params["region"]) == ("cause", "L0/R1")
    assert "Erasing L0/R1" in words(page)


def test_trust_and_overview_count_what_was_tried() -> None:
    told = next(line for line in words(opened("trust.py", study="page-cause")).splitlines() if " tried " in line)
    ends = "and 1 of 2 regions tried have an effect beyond their controls: mri query interventions page-cause"
    assert told.startswith("0 of 1 ")
    assert told.endswith(ends)
    assert f"Cause: {told}" in words(opened("overview.py", study="page-cause"))


def test_hostile_names_are_data_only() -> None:
    page = cause("page-cause-hostile")
    assert HOSTILE[6] in words(page)
    marked_up = [element.value for element in (*page.markdown, *page.caption, *page.subheader, *page.error)]
    assert not any(name in text for name in HOSTILE for text in marked_up)
    assert not any(name in json.dumps(chart) for name in HOSTILE for chart in charts(page))
