"""The page of scans of tokens: what it counts, where a text's tokens lie, and what it says it has not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ingest.notebook import ingest
from ingest.studies.token_places import token_places
from mri_core.records.graph import Study
from mri_core.records.ids import local_id
from mri_core.records.token_places import PlacedToken, TokenPlaces
from mri_core.store import VARIABLE
from mri_core.store.store import Store
from queries.runner import run
from tests.engines import Engine
from tests.models import SENTENCES, save_tiny
from tests.questions import CATALOG
from tests.ui.page import box, opened, press, start, words
from ui.jobs import access
from ui.jobs.access import Access
from ui.reports.region_pieces import hues, region_pieces
from ui.web.widgets.job_cards import outcome_in_words

pytestmark = [pytest.mark.engine, pytest.mark.model]

LABELS = ["law", "food", "<b>mice</b> $x$"]
WORDS = sorted({word for sentence in SENTENCES for word in sentence.split()})
TEXTS = [" ".join(WORDS[(7 * i + 3 * j) % len(WORDS)] for j in range(4 + i % 5)) for i in range(36)]


@pytest.fixture(scope="module")
def scanned(engine: Engine, store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Study]]:
    """A scan of tokens with the category of their text, and one of words with tags."""
    folder = tmp_path_factory.mktemp("tokens")
    rows = "".join(f'{text},"{LABELS[i % 3]}"\n' for i, text in enumerate(TEXTS))
    (folder / "texts.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    tagged = "\n\n".join("\n".join(f"{word}\t{'AB'[len(word) % 2]}" for word in text.split()) for text in TEXTS)
    (folder / "tags.conll").write_text(f"# global.columns = FORM UPOS\n{tagged}\n", encoding="utf-8")
    scan: dict[str, Any] = {"model": str(save_tiny("bert", folder / "bert")), "unit": "token", "progress": False}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MRI_CACHE", str(folder / "cache"))
        patch.setenv(VARIABLE, engine.location)
        yield {
            "tags": ingest(folder / "tags.conll", name="page-tags", refits=0, clusters=4, **scan).study,
            "tokens": ingest(folder / "texts.csv", name="page-tokens", refits=2, clusters=5, **scan).study,
        }


def page_of(file: str, study: str = "page-tokens", **address: str) -> AppTest:
    return opened(file, study=study, **address)


def told(page: AppTest) -> str:
    """All that is said on the page."""
    return "\n".join([words(page), *(each.value for each in (*page.caption, *page.markdown))])


def head(study: Study) -> str:
    return f"{study.tokens} tokens of {study.documents} texts"


@pytest.mark.parametrize("tab", ["graph", "matrix", "heatmaps", "layers", "metrics"])
def test_every_tab_of_scan_counts_tokens_and_never_says_documents(scanned: dict[str, Study], tab: str) -> None:
    page = page_of("scan.py", tab=tab)
    assert head(scanned["tokens"]) in words(page)
    own = told(page).replace("how do documents flow", "")  # the page's own head, whatever is chosen
    assert "ocuments" not in own
    assert not page.error


def test_overview_and_trust_tell_tokens_of_texts(scanned: dict[str, Study]) -> None:
    page = page_of("overview.py")
    assert head(scanned["tokens"]) in words(page)
    trust = page_of("trust.py")
    table = next(frame.value for frame in trust.dataframe if "confound" in frame.value)
    assert any("place of a token" in name for name in table["confound"])
    assert any("log frequency" in name for name in table["confound"])
    assert "in where their tokens stand in the text" in told(trust)
    assert "Agreement of regions and token types" in str([chart.proto for chart in trust.get("vega_lite_chart")])


def test_the_studies_list_has_tokens_next_to_texts(scanned: dict[str, Study]) -> None:
    table = start().dataframe[0].value.set_index("name")
    for study in scanned.values():
        assert (table["tokens"][study.name], table["documents"][study.name]) == (study.tokens, study.documents)


def test_a_regions_panel_counts_its_tokens_and_shows_them_in_their_texts(
    scanned: dict[str, Study], store: Store
) -> None:
    study = scanned["tokens"]
    (row, *_) = run(store, CATALOG.get("regions"), {"study": study.id, "layer": 1}).records()
    page = page_of("scan.py", region=local_id(study.id, row["region"]))
    assert f"region {row['name']}: {row['tokens']} tokens of {row['documents']} texts" in words(page)
    assert row["contexts"][0] in words(page)
    assert "«" in row["contexts"][0]
    profile = run(store, CATALOG.get("region-profile"), {"study": study.id, "region": row["region"]}).records()
    assert sum(each["tokens"] for each in profile) == row["tokens"]
    bars = str([chart.proto for chart in page.get("vega_lite_chart")])
    assert "tokens:Q" in bars or "tokens" in bars
    assert "Tokens of each category that are in the region" in told(page)


def test_a_connections_panel_counts_tokens_and_lists_texts(scanned: dict[str, Study], store: Store) -> None:
    study = scanned["tokens"]
    (row, *_) = run(store, CATALOG.get("telling-connections"), {"study": study.id}).records()
    ends = {end: local_id(study.id, row[end]) for end in ("source", "target")}
    page = page_of("scan.py", **ends)
    assert f"{row['tokens']} tokens" in words(page).split("\n")
    assert "tokens in the first region" in words(page)


def test_documents_lists_texts_with_their_tokens_and_in_which_regions_these_are(
    scanned: dict[str, Study], store: Store
) -> None:
    study = scanned["tokens"]
    page = page_of("documents.py", document="D3")
    assert "36 texts, listed 1 to 10." in words(page)
    listed = page.dataframe[0].value
    assert list(listed.columns[:3]) == ["document", "category", "tokens"]
    held = run(
        store, CATALOG.get("regions-of-document"), {"study": study.id, "document": "D3", "layer": study.layers - 1}
    )
    shown = page.dataframe[1].value
    assert shown["tokens"].tolist() == [row["tokens"] for row in held.records()]
    assert f"Its {shown['tokens'].sum()} tokens" in words(page)
    assert listed["tokens"][3] == shown["tokens"].sum()


def test_a_text_of_words_with_tags_has_no_category_of_its_own(scanned: dict[str, Study]) -> None:
    page = page_of("documents.py", "page-tags", document="D3")
    assert "category" not in page.dataframe[0].value
    assert f"D3\n{TEXTS[3]}" in words(page)


@pytest.mark.parametrize("name", ["tokens", "tags"])
def test_a_texts_tokens_are_coloured_by_region_once_asked_for_and_a_table_says_the_same(
    scanned: dict[str, Study], store: Store, name: str
) -> None:
    study = scanned[name]
    page = page_of("documents.py", study.name, document="D3")
    assert not page.get("bidi_component")
    page.toggle[0].set_value(True).run()
    assert not page.exception
    found = token_places(store, study, document="D3")
    table = next(frame.value for frame in page.dataframe if "position" in frame.value)
    assert table["token"].tolist() == [token.text for token in found.tokens]
    assert ("tag" in table) == (name == "tags")
    last = [token.regions[-1].partition("/")[2] if token.regions else "" for token in found.tokens]
    assert table["region"].fillna("").str.partition(":")[0].tolist() == last
    assert len(page.select_slider) == 1  # one layer for both tables
    page.select_slider[0].set_value(0).run()
    first = next(frame.value for frame in page.dataframe if "position" in frame.value)
    assert first["region"].dropna().str.partition(":")[0].tolist() == [
        token.regions[0].partition("/")[2] for token in found.placed
    ]
    assert len(page.get("bidi_component")) == 1
    page.radio[0].set_value("the region's largest category").run()
    assert len(page.get("bidi_component")) == 2  # with a legend of the categories
    assert not page.exception


def test_only_editors_may_run_the_model_on_a_stored_text(
    scanned: dict[str, Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "_served", Access(read_only=True, live=True))
    assert not page_of("documents.py", document="D3").toggle


def test_live_scan_shows_tokens_by_layers_and_two_texts_side_by_side(scanned: dict[str, Study], store: Store) -> None:
    page = page_of("live.py")
    page.text_area[0].input("The cat sat.\nThe judge sat.\nStir the sauce.")
    page.checkbox[0].check()
    press(page, "Place it")
    tables = [frame.value for frame in page.dataframe if "margin" in frame.value]
    one, other = (token_places(store, scanned["tokens"], text=text) for text in ("The cat sat.", "The judge sat."))
    for table, found in zip(tables, (one, other), strict=True):
        assert table["token"].tolist() == [token.text for token in found.tokens]
        assert table["margin"].dropna().tolist() == pytest.approx([token.margins[-1] for token in found.placed])
    whole = [frame.value for frame in page.dataframe if "embedding" in frame.value]
    assert len(whole) == 2
    box(page, "Next to it").select_index(2).run()
    assert not page.exception
    _, second = [frame.value for frame in page.dataframe if "margin" in frame.value]
    assert "".join(second["token"].dropna()) == "[CLS]Stirthesauce.[SEP]"


def test_what_a_scan_of_tokens_has_not_is_one_line_and_no_failure(scanned: dict[str, Study]) -> None:
    for file, address, fact in (
        ("scan.py", {"tab": "cause"}, "page-tokens is a scan of tokens"),
        ("compare.py", {"tab": "studies"}, "page-tokens is a scan of tokens"),
        ("compare.py", {"tab": "categories"}, "page-tokens is a scan of tokens"),
        ("questions.py", {"question": "route-of-document"}, "Of scans of documents alone"),
    ):
        page = page_of(file, **address)
        assert fact in words(page)
        assert not page.error


def test_two_categories_are_compared_as_they_were_tested_against_all_others(scanned: dict[str, Study]) -> None:
    page = page_of("compare.py", category="law", versus="food")
    assert "each against all others" in words(page)
    assert "Tested against" not in [each.label for each in page.selectbox]


def test_what_a_scan_from_the_page_came_to_counts_tokens_of_texts() -> None:
    counts = {"documents": 60, "categories": 4, "layers": 7, "regions": 168, "connections": 2147}
    outcome = {"status": "created", **counts, "seconds": {"total": 152.1}}
    assert outcome_in_words({**outcome, "tokens": 2309}).startswith("Ready: 2,309 tokens of 60 texts, 4 categories")
    assert outcome_in_words(outcome).startswith("Ready: 60 documents, 4 categories")


def placed(text: str, *tokens: tuple[Any, ...]) -> TokenPlaces:
    return TokenPlaces("s", None, text, tuple(PlacedToken(*token) for token in tokens), 1, 0)


def test_a_text_is_drawn_whole_and_a_row_of_tokens_in_one_region_is_marked_once() -> None:
    at = [("L0/R2",), ("L0/R2",), ("L0/R10",)]
    found = placed(
        "ab  c<b>",
        ("[CLS]", None, None, "", None, "special"),
        ("a", 0, 1, "a", None, "", at[0]),
        ("b", 1, 2, "##b", "NOUN", "", at[1]),
        ("c", 4, 5, "c", None, "", at[2]),
        ("<b>", 5, 8, "<b>", None, "sink"),
    )
    own = hues(found)
    pieces = region_pieces(found, 0, lambda region: own[region.partition("/R")[2]], {"L0/R2": "R2: sun"})
    assert "".join(piece.text for piece in pieces[1:]) == found.text
    assert [piece.mark for piece in pieces] == ["", "", "2", "", "10", ""]
    assert pieces[1].ground == pieces[2].ground != pieces[4].ground
    assert pieces[2].told == "b (NOUN): R2: sun"
    assert pieces[0].left_out == "special"
    assert pieces[-1].told == "<b>: left out, sink"
    assert Counter(bool(piece.ground) for piece in pieces)[True] == 3


def test_bytes_of_one_character_are_drawn_once_and_a_cut_end_is_told() -> None:
    found = placed("é x", ("é", 0, 1, "é", None, "", ("L0/R1",)), ("é", 0, 1, "é", None, "", ("L0/R1",)))
    pieces = region_pieces(found, 0, lambda _: "red", {})
    assert [piece.text for piece in pieces] == ["é", " x"]
