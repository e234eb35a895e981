"""The page Live scan: where a new text goes, set against the study's documents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ingest.notebook import ingest
from ingest.studies.later_texts import open_later
from mri_core.atlas.fitting import place, scores
from mri_core.records.graph import Study
from mri_core.store import VARIABLE
from mri_core.store.store import Store
from mri_core.studies.names import give
from tests.engines import Engine
from tests.models import save_tiny
from tests.planted import HOSTILE, planted_graph
from tests.ui.page import box, opened, press, saved, start, words
from ui.jobs import access
from ui.jobs.access import Access
from ui.reports.walk import Walk, strokes

LABELS = ["cats", "dogs", "<b>mice</b> $x$"]
TEXTS = [f"{LABELS[i % 3][:4]} number {i} {'and so on ' * (i % 4)}." for i in range(36)]
ENGINES = ["embedded"]


@pytest.fixture(scope="module")
def studies(engine: Engine, store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Study]]:
    """A study of each kind of atlas."""
    folder = tmp_path_factory.mktemp("live")
    (folder / "texts.csv").write_text(
        "text,label\n" + "".join(f"{text},{LABELS[i % 3]}\n" for i, text in enumerate(TEXTS))
    )
    model = str(save_tiny("gpt2", folder / "gpt2"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MRI_CACHE", str(folder / "cache"))
        patch.setenv(VARIABLE, engine.location)
        yield {
            kind: ingest(folder / "texts.csv", name=f"live-{kind}", model=model, atlas=kind, refits=0, **choices).study
            for kind, choices in {"clusters": {}, "grid": {"resolution": 4}, "components": {"components": 3}}.items()
        }


def live(study: str, *texts: str, each: bool = False) -> AppTest:
    page = start().switch_page("live.py")
    page.query_params["study"] = study
    page.run()
    if texts:
        page.text_area[0].input("\n".join(texts))
        if each:
            page.checkbox[0].check()
        press(page, "Place it")
    assert not page.exception
    return page


def numbers(page: AppTest) -> Any:
    return page.dataframe[-1].value


def test_a_path_is_set_against_the_documents_that_pass_there(studies: dict[str, Study], store: Store) -> None:
    study, text = studies["clusters"], TEXTS[4]
    reader = open_later(store, study)
    codes = place(reader.atlas, reader.read(TEXTS).activations)
    mine = codes[4]
    table = numbers(live(study.name, text))
    assert table["region"].tolist() == [str(code) for code in mine]
    assert table["layer"].tolist() == ["embedding", "block 1", "block 2", "block 3"]
    inside = codes == mine
    assert table["documents"].tolist() == inside.sum(axis=0).tolist()
    for layer in range(1, 4):
        leaving, taking = inside[:, layer - 1], inside[:, layer - 1] & inside[:, layer]
        assert table["surprise, bits"][layer] == pytest.approx(-np.log2(taking.sum() / leaving.sum()))
        for number, label in enumerate(LABELS):
            of_label = np.arange(36) % 3 == number
            if (leaving & of_label).any():
                with np.errstate(divide="ignore"):
                    bits = -np.log2((taking & of_label).sum() / (leaving & of_label).sum())
                assert table[f"among {label}, bits"][layer] == pytest.approx(bits)
    for layer in range(4):
        there = Counter(i % 3 for i in np.flatnonzero(inside[:, layer]))  # all categories have 12 documents
        (first, most), *others = there.most_common()
        tied = others and others[0][1] == most
        assert table["nearest category"][layer] == ("none alone" if tied else LABELS[first])
        assert table["its part"][layer] == pytest.approx(most / sum(there.values()))


def test_several_texts_are_listed_and_one_is_drawn(studies: dict[str, Study]) -> None:
    page = live("live-clusters", TEXTS[0], "", "something else altogether", each=True)
    assert page.dataframe[0].value["text"].tolist() == [TEXTS[0], "something else altogether"]
    first = numbers(page)
    box(page, "Text that is drawn").select(1).run()
    assert numbers(page)["region"].tolist() != first["region"].tolist()


def test_a_text_may_fall_where_no_document_lies(studies: dict[str, Study]) -> None:
    page = live("live-grid", *(f"{'zq ' * i}odd" for i in range(1, 12)), each=True)
    empty = []
    for number in range(11):
        box(page, "Text that is drawn").select(number).run()
        assert not page.exception
        table = numbers(page)
        empty += table.loc[table["documents"] == 0, "words"].tolist()
    assert set(empty) == {"no document lies there"}
    assert "No document takes" in words(page)


def test_components_have_scores_and_no_path(studies: dict[str, Study], store: Store) -> None:
    page = live("live-components", TEXTS[1])
    reader = open_later(store, studies["components"])
    expected = np.concatenate([layer[0] for layer in scores(reader.atlas, reader.read([TEXTS[1]]).activations)])
    assert numbers(page)["score"].tolist() == pytest.approx(expected.tolist(), rel=1e-3, abs=1e-3)
    assert any("no path" in caption.value for caption in page.caption)


def test_what_cannot_be_placed_is_told_in_one_line(studies: dict[str, Study], store: Store) -> None:
    assert "has something in it. One is blank" in words(live("live-clusters", " "))
    assert "No study is called 'live-clustres'. Near names: live-clusters" in words(live("live-clustres"))
    given = planted_graph("live-given", seed=31, model="given")
    strange = planted_graph("live-strange", seed=32)
    for graph in (given, strange):
        store.write(graph)
    assert "made of given activations: there is no model" in words(live(given.study.name))
    page = live(strange.study.name, "a text")
    assert "Placing documents needs the study's atlas. live-strange was stored by tests without it." in words(page)


def test_hostile_texts_and_labels_are_shown_as_they_are(studies: dict[str, Study]) -> None:
    page = live("live-clusters", *(text for text in HOSTILE if "\n" not in text), each=True)
    for number in range(len(page.dataframe[0].value)):
        box(page, "Text that is drawn").select(number).run()
        assert not page.exception
    marked_up = [element.value for element in (*page.markdown, *page.caption, *page.error)]
    assert not any(hostile in text for hostile in (*HOSTILE, LABELS[2]) for text in marked_up)


def test_a_path_s_steps_have_the_colour_of_where_they_lead_and_one_that_none_takes_is_dashed() -> None:
    inside = np.array([[4, 0], [4, 0], [0, 2]])
    taken = Walk(("cats", "dogs"), ("L0/R1", "L1/R1", "L2/R0"), inside, inside / 4, np.array([[3, 0], [0, 0]]))
    first, last = strokes(taken, np.array([4, 4]), {"cats": "#0072B2", "dogs": "#E69F00"})
    assert (first.id, first.colour, first.dashed) == ("L0/R1>L1/R1", "#0072B2", False)
    assert (last.id, last.colour, last.dashed) == ("L1/R1>L2/R0", "#E69F00", True)
    assert first.told == "3 documents take this step, largest share 0.75 (cats)"
    assert last.told == "no document takes this step"


def test_a_path_is_saved_as_a_picture_and_a_region_of_it_that_is_picked_is_told(studies: dict[str, Study]) -> None:
    page = live("live-clusters", TEXTS[4])
    assert saved(page) == ["PNG", "SVG", "HTML", "CSV"]
    region = numbers(page)["region"][1]
    page.query_params["picked"] = f"L1/R{region}"
    page.run()
    assert f"block 1, region {region}:" in words(page)


@pytest.mark.parametrize("kind", ["clusters", "grid", "components"])
def test_a_texts_tokens_are_shown_with_parts_that_sum_to_what_is_told(studies: dict[str, Study], kind: str) -> None:
    page = live(studies[kind].name, "cats <b>and</b> $x$ so on.")
    before = len(page.get("bidi_component"))
    page.toggle[0].set_value(True).run()
    assert not page.exception
    assert len(page.get("bidi_component")) == before + 1
    told = next(text.value for text in page.text if text.value.startswith("Layer 3"))
    assert not any("by its length alone" in text.value for text in page.text)
    table = numbers(page)
    tokens = re.search(r"= tokens ([+-]\d+\.\d+)", told)
    assert tokens is not None
    assert table["part"].sum() == pytest.approx(float(tokens[1]), abs=1e-3)


def test_the_slider_shows_the_tokens_of_another_layer(studies: dict[str, Study]) -> None:
    page = live(studies["clusters"].name, TEXTS[4])
    page.toggle[0].set_value(True).run()
    last = numbers(page)["part"].tolist()
    page.select_slider[0].set_value(0).run()
    assert any(text.value.startswith("Layer 0: nearer to L0/R") for text in page.text)
    assert numbers(page)["part"].tolist() != last
    assert numbers(page)["token"].tolist()[0] == "<|end|>"
    assert numbers(page)["left out"].tolist()[0] == "special"


def test_a_document_of_the_study_is_shown_token_by_token_where_it_lies(studies: dict[str, Study]) -> None:
    page = opened("documents.py", study=studies["clusters"].name, document="D4")
    assert not any(text.value.startswith("Layer 3") for text in page.text)
    page.toggle[0].set_value(True).run()
    assert not page.exception
    region = page.dataframe[2].value["region"].tolist()[-1].rpartition("R")[2]
    assert any(f"nearer to L3/R{region} (" in text.value for text in page.text)
    assert "CSV" in saved(page)


def test_a_region_is_called_by_its_readers_name_where_tokens_are_shown(studies: dict[str, Study], store: Store) -> None:
    study = studies["clusters"]
    plain = opened("documents.py", study=study.name, document="D4")
    region = f"L3/R{plain.dataframe[1].value['region'].tolist()[-1].rpartition('R')[2]}"
    give(store, study, region, name="hens & <b>eggs</b>")
    try:
        page = opened("documents.py", study=study.name, document="D4")
        page.toggle[0].set_value(True).run()
        assert any(f'nearer to {region} ("hens & <b>eggs</b>"' in text.value for text in page.text)
    finally:
        give(store, study, region, name="")


def test_another_region_of_the_layer_may_be_chosen_to_compare_with(studies: dict[str, Study]) -> None:
    page = live(studies["clusters"].name, TEXTS[4])
    page.toggle[0].set_value(True).run()
    choice = box(page, "Compared with")
    own = next(text.value for text in page.text if text.value.startswith("Layer 3: nearer to"))
    options = list(choice.options)
    other = next(region for region in options if f"than L3/{region.split(':')[0]} " not in own)
    choice.select_index(options.index(other)).run()
    assert not page.exception
    assert any(f"than L3/{other.split(':')[0]} (" in text.value for text in page.text)


def test_whoever_may_run_a_model_alone_sees_no_text_of_the_corpus_beyond_its_beginning(
    studies: dict[str, Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "_served", Access(read_only=True, live=True))
    assert len(live(studies["clusters"].name, TEXTS[4]).toggle) == 1
    assert not opened("documents.py", study=studies["clusters"].name, document="D4").toggle
    with pytest.raises(access.AccessError):
        access.demand("texts")


def test_a_regions_documents_lead_to_their_tokens_where_these_are_shown(
    studies: dict[str, Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    def links() -> set[str]:
        page = opened("scan.py", study=studies["clusters"].name, region="L3/R0")
        return {link.proto.label for link in page.get("page_link")}

    assert "Its path and its tokens" in links()
    monkeypatch.setattr(access, "_served", Access(read_only=True, live=True))
    assert "Its path" in links()
    assert "Its path and its tokens" not in links()
