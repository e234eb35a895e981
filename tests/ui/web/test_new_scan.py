"""The page New scan: what it shows of a corpus, what it guesses, and what it starts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ingest.request import OPTIONS
from mri_core.store.store import Store
from tests.planted import HOSTILE, planted_graph
from tests.ui.page import box, press, start, words
from ui.jobs import access
from ui.jobs.access import Access

pytestmark = pytest.mark.engine

ODD = "post,topic,title\n" + "".join(f"text {i},{'ab'[i % 2]},title {i}\n" for i in range(20)) + ",a,no text\n"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))


def new_scan(corpus: Path | str = "") -> AppTest:
    page = start().switch_page("new_scan.py").run()
    if corpus:
        page.text_input[0].input(str(corpus)).run()
    assert not page.exception
    return page


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def test_columns_are_guessed_as_the_command_line_does_and_the_categories_counted(
    on_page_store: None, tmp_path: Path
) -> None:
    (tmp_path / "my news.csv").write_text("Content,id,Category\n" + "words,1,a\nwords,2,b\nmore,3,a\n,4,b\n")
    page = new_scan(tmp_path / "my news.csv")
    assert (box(page, "Text column").value, box(page, "Label column").value) == ("Content", "Category")
    assert page.dataframe[0].value.to_numpy().tolist()[0] == ["words", "1", "a"]
    assert page.dataframe[1].value.to_numpy().tolist() == [["a", 2], ["b", 1]]
    assert "Left out: 1 row without text." in words(page)
    assert page.text_input[1].value == "my-news"
    assert page.code[0].value.startswith("mri ingest --name=my-news --text=Content --label=Category -- ")


def test_columns_that_no_name_tells_are_asked_for(on_page_store: None, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text(ODD)
    page = new_scan(tmp_path / "odd.csv")
    assert (box(page, "Text column").value, box(page, "Label column").value) == (None, None)
    assert "Scan" not in labels(page)
    box(page, "Text column").select("post")
    box(page, "Label column").select("topic").run()
    counted = "odd.csv: 20 documents of 21 rows, 2 categories; text from 'post', label from 'topic', title from 'title'"
    assert counted in words(page)
    assert "Scan" in labels(page)


def test_lengths_are_matched_where_asked(on_page_store: None, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text(ODD.replace("post,topic", "text,label"))
    page = new_scan(tmp_path / "odd.csv")
    assert "--match" not in page.code[0].value
    box(page, "Match on length").select("length").run()
    assert "--match=length" in page.code[0].value


def test_fields_have_the_terms_and_the_help_of_the_options_and_an_atlas_its_own(
    on_page_store: None, tmp_path: Path
) -> None:
    (tmp_path / "odd.csv").write_text(ODD.replace("post,topic", "text,label"))
    page = new_scan(tmp_path / "odd.csv")
    for name in ("text", "label", "group", "match", "atlas", "pooling", "site"):
        assert box(page, OPTIONS[name].label).help == OPTIONS[name].help
    numbers = [field.label for field in page.number_input]
    assert "Sample size (documents)" in numbers
    assert "Clusters" in numbers
    box(page, "Atlas").select("grid").run()
    box(page, "Reducer").select("svd").run()
    (resolution,) = (field for field in page.number_input if field.label == "Resolution (bins)")
    resolution.set_value(4).run()
    assert "--atlas=grid --reducer=svd --resolution=4" in page.code[0].value


@pytest.fixture
def frozen(store: Store) -> Iterator[str]:
    """A ready study whose atlas is stored."""
    graph = planted_graph("scanned-before", seed=51, atlas="grid", atlas_hash="e" * 64)
    store.write(graph)
    yield graph.study.name
    store.delete(graph.study)


def test_documents_are_placed_in_the_atlas_of_a_ready_study_and_nothing_is_fitted(
    on_page_store: None, frozen: str, tmp_path: Path
) -> None:
    (tmp_path / "odd.csv").write_text(ODD.replace("post,topic", "text,label"))
    page = new_scan(tmp_path / "odd.csv")
    atlas_of = box(page, OPTIONS["atlas_of"].label)
    assert (atlas_of.value, atlas_of.options) == (None, [frozen])  # the others were stored without their atlas
    box(page, "Model").select("another").run()
    atlas_of.select(frozen).run()
    (kind,) = (each for each in page.selectbox if each.label == OPTIONS["atlas"].label)
    assert (kind.disabled, kind.value) == (True, "grid")
    assert box(page, "Model").options[0] == f"that of {frozen}"
    assert "Resolution (bins)" not in [field.label for field in page.number_input]
    assert f"as in the scan of {frozen}" in words(page)
    assert page.code[0].value.startswith(f"mri ingest --name=odd --text=text --label=label --atlas-of={frozen} -- ")
    assert "Scan" in labels(page)
    next(each for each in page.checkbox if each.label == OPTIONS["align"].label).check().run()
    assert f"--atlas-of={frozen} --align -- " in page.code[0].value


def test_a_share_of_the_documents_is_held_out_and_either_part_scanned(on_page_store: None, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text(ODD.replace("post,topic", "text,label"))
    page = new_scan(tmp_path / "odd.csv")
    assert OPTIONS["held_out"].label not in [each.label for each in page.checkbox]
    (share,) = (field for field in page.number_input if field.label == "Holdout")
    share.set_value(0.25).run()
    assert "--holdout=0.25 -- " in page.code[0].value
    next(each for each in page.checkbox if each.label == OPTIONS["held_out"].label).check().run()
    assert "--holdout=0.25 --held-out -- " in page.code[0].value


def test_tokens_are_placed_by_their_tags_and_only_then_asked_how_these_are_read(
    on_page_store: None, tmp_path: Path
) -> None:
    sentences = "".join(f"# sent_id = s{i}\n1\tAnna\tPROPN\n2\tsings\tVERB\n\n" for i in range(5))
    (tmp_path / "few.conllup").write_text(f"# global.columns = ID FORM UPOS\n{sentences}")
    page = new_scan(tmp_path / "few.conllup")
    of_tags = [OPTIONS[name].label for name in ("tags", "subtokens")]
    assert not {*of_tags} & {each.label for each in page.selectbox}
    assert "Scan" not in labels(page)  # there is no label column
    box(page, "Unit").select("token").run()
    assert box(page, OPTIONS["tags"].label).value == "UPOS"  # as the command takes it
    box(page, OPTIONS["tags"].label).select("that of their text").run()
    assert OPTIONS["subtokens"].label not in [each.label for each in page.selectbox]
    box(page, OPTIONS["tags"].label).select("UPOS").run()
    assert {*of_tags} <= {each.label for each in page.selectbox}
    assert not {"Label column", "Match on length"} & {each.label for each in page.selectbox}
    assert page.dataframe[1].value.to_numpy().tolist() == [["PROPN", 5], ["VERB", 5]]
    assert page.dataframe[1].value.columns.tolist() == ["category", "words"]
    shown = {each.label for each in page.selectbox} | {each.label for each in page.number_input}
    assert not {OPTIONS[name].label for name in ("pooling", "holdout")} & shown  # which tokens have not
    assert "components" not in box(page, OPTIONS["atlas"].label).options
    fields = [*page.selectbox, *page.number_input]
    said = " ".join(f"{each.label} {each.help} {each.proto.placeholder}" for each in fields if each.label != "Unit")
    assert "Texts in the graph" in said
    assert "Column of the texts' ids" in said
    assert "document" not in said.replace("those of one author", "").lower(), said
    box(page, OPTIONS["subtokens"].label).select("mean").run()
    next(each for each in page.checkbox if each.label == OPTIONS["untagged"].label).check().run()
    assert "--unit=token --tags=UPOS --subtokens=mean --untagged --text=text -- " in page.code[0].value


def test_a_separator_that_was_taken_wrongly_is_named_above_the_rows_and_stays(
    on_page_store: None, tmp_path: Path
) -> None:
    (tmp_path / "odd.csv").write_text(
        "text, in short;label\n" + "".join(f"well, {i};{'ab'[i % 2]}\n" for i in range(9))
    )
    page = new_scan(tmp_path / "odd.csv")
    for chosen, columns in (
        (None, ["text", "in short;label"]),  # each row has one comma too
        ("tab", ["text, in short;label"]),
        ("semicolon", ["text, in short", "label"]),
    ):
        box(page, "Field separator").select(chosen).run()
        assert box(page, "Text column").options == columns
        assert page.selectbox[0].value == chosen
    box(page, "Text column").select("text, in short").run()
    assert "--separator=semicolon" in page.code[0].value
    (tmp_path / "odd.tsv").write_text("text\tlabel\nx;y;z\ta\nx\tb\n")
    page.text_input[0].input(str(tmp_path / "odd.tsv")).run()
    box(page, "Field separator").select("semicolon").run()
    assert "Line 2 of odd.tsv has 3 and the header 1" in words(page)
    box(page, "Field separator").select("tab").run()  # it is there where the rows are not
    assert box(page, "Label column").value == "label"
    assert "--separator=tab" in page.code[0].value
    (tmp_path / "odd.jsonl").write_text('{"text": "x", "label": "a"}\n{"text": "y", "label": "b"}\n')
    page.text_input[0].input(str(tmp_path / "odd.jsonl")).run()
    assert box(page, "Text column").value == "text"
    assert not [each for each in page.selectbox if each.label == "Field separator"]


def test_what_is_no_corpus_is_told_in_one_line(on_page_store: None, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("text,label\nx,only\ny,only\n")
    assert "A corpus has at least two categories. one.csv has one, 'only'." in words(new_scan(tmp_path / "one.csv"))
    assert "No such file or folder" in words(new_scan(tmp_path / "gone.csv"))


def test_a_taken_name_is_replaced_only_when_asked_for(on_page_store: None, tmp_path: Path) -> None:
    (tmp_path / "page.csv").write_text("text,label\nx,a\ny,b\n")
    page = new_scan(tmp_path / "page.csv")
    assert "--replace" not in page.code[0].value
    page.checkbox[0].check().run()
    assert "--replace" in page.code[0].value


def test_a_failed_scan_is_told_by_its_line_until_it_is_put_away(on_page_store: None, tmp_path: Path) -> None:
    (tmp_path / "texts.csv").write_text("text,label\nx,a\ny,b\n")
    page = new_scan(tmp_path / "texts.csv")
    box(page, "Model").select("another").run()
    page.text_input[2].input(str(tmp_path / "no-model")).run()
    press(page, "Scan")
    end = time.monotonic() + 120
    while "Cancel" in labels(page):
        assert time.monotonic() < end
        time.sleep(0.2)
        page.run()
    assert f"There is no such folder or file: {tmp_path / 'no-model'}." in words(page)
    assert "There is no such folder or file" in words(start())  # other pages and sessions see it
    press(page, "Put away")
    assert "There is no such folder or file" not in words(page)


def test_a_page_that_others_reach_reads_no_file_that_is_named(
    on_page_store: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret.csv").write_text(ODD)
    monkeypatch.setattr(access, "_served", Access(any_path=False))
    told = words(new_scan(tmp_path / "secret.csv"))
    assert "no file of its machine by its path" in told
    assert "first rows" not in told
    monkeypatch.setattr(access, "_served", Access(any_path=False, corpora=tmp_path))
    assert "secret.csv: its first rows" in words(new_scan("secret.csv"))


@pytest.mark.parametrize(("live", "offered"), [(False, False), (True, True)])
def test_a_read_only_page_offers_nothing_that_writes(
    on_page_store: None, monkeypatch: pytest.MonkeyPatch, live: bool, offered: bool
) -> None:
    monkeypatch.setattr(access, "_served", Access(read_only=True, live=live))
    page = start()
    assert "Open study" in labels(page)
    assert not {"Delete study …", "New scan …"} & set(labels(page))
    assert access.may("live") is offered


def test_hostile_names_labels_and_texts_are_shown_as_they_are(on_page_store: None, tmp_path: Path) -> None:
    name = "<img src=x onerror=1> [link](x) $e$.csv"
    rows = [f'"{hostile.replace(chr(34), chr(34) * 2)}"' for hostile in HOSTILE]
    (tmp_path / name).write_text("text,label,$x$ [a](b)\n" + "".join(f"{row},{row},{row}\n" for row in rows))
    page = new_scan(tmp_path / name)
    assert f"{name}: its first rows" in words(page)
    marked_up = [element.value for element in (*page.markdown, *page.caption, *page.error)]
    assert not any(hostile in text for hostile in (*HOSTILE, name) for text in marked_up)
    assert len(page.dataframe[1].value) == len(HOSTILE)


@pytest.mark.parametrize(("served", "by_path"), [(Access(), True), (Access(any_path=False), False)])
def test_what_becomes_of_an_upload_is_told_and_a_path_advised_where_it_is_taken(
    on_page_store: None, monkeypatch: pytest.MonkeyPatch, served: Access, by_path: bool
) -> None:
    monkeypatch.setattr(access, "_served", served)
    page = new_scan()
    page.file_uploader[0].set_value(("sent.csv", ODD.replace("post,topic", "text,label").encode(), "text/csv")).run()
    for told in (page.file_uploader[0].help, words(page)):
        assert "mri probe then works from the stored activations, without the bag of words." in told
        assert ("by its path" in told) is by_path
    assert ("of tables" in page.text_input[0].label) is by_path
