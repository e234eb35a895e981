"""The page New scan: a corpus is uploaded or named, looked at, and scanned in a process of its own."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ingest.corpus.corpus import CorpusOptions, Match
from ingest.corpus.formats.opening import format_suffix
from ingest.corpus.formats.sources import SEPARATED
from ingest.corpus.preview import Preview
from ingest.model.source import installed_aliases
from ingest.request import Request
from mri_core.atlas.reducers import REDUCERS
from mri_core.errors import MriError
from mri_core.records.arrays import Pooling, Site
from mri_core.records.ids import suggest_study_name
from mri_core.store import locate
from ui.jobs import access
from ui.jobs.ingest_arguments import ingest_arguments
from ui.jobs.scans import start
from ui.web.plain import show_error
from ui.web.state import reading
from ui.web.widgets import corpus_source
from ui.web.widgets.corpus_source import CorpusSource
from ui.web.widgets.frames import show_frame
from ui.web.widgets.scan_cards import show_scans

FILES = ["csv", "tsv", "tab", "json", "jsonl", "ndjson", "parquet", "gz", "bz2", "xz", "zst"]
SEPARATORS = {"comma": "commas", "semicolon": "semicolons", "tab": "tabs", "pipe": "vertical bars"}
UPLOAD = "A file with a text and a label in each row"
UPLOADED = (
    "An uploaded file is deleted after the scan. mri probe then works from the stored activations, without the bag of "
    "words."
)
BY_PATH = " Name the file by its path if its texts are to be read again."
GROUP = "A column, such as the writer: documents that agree in it are no independent evidence."
MATCH = "Length: a subsample with as many texts of each length in every category."
CONTROLS = "Shuffled labels, five models with random blocks, token embeddings and words; it takes some times as long."
HUB = "Or a dataset of the Hugging Face hub, by its name"
PLACE = "Or a file, a folder of texts or of tables, or a dataset of the Hugging Face hub, by its name"
MODEL, HUB_MODEL = "A name on the Hugging Face hub, a folder, or a .gguf file", "A name on the Hugging Face hub"
ALIASES = {"minilm": "minilm: an encoder of 6 layers", "smollm2": "smollm2: a decoder of 30 layers"}
OTHER = "another"
ATLASES = {
    "clusters": "clusters, carried from layer to layer",
    "grid": "the cells of a grid",
    "components": "components that move together",
}


def main() -> None:
    """Draws the page."""
    source = None
    try:
        source = _source()
        request = None if source is None else _ask(source)
        if source is not None and request is not None:
            _offer(request, source)
    except MriError as error:
        show_error(error)
        request = None
    show_scans()
    if request is not None:
        with st.expander("The same in a terminal"):
            st.code(shlex.join(["mri", *ingest_arguments(request)]), language="bash", wrap_lines=True)


def _source() -> CorpusSource | None:
    upload, place = st.columns(2)
    sent = upload.file_uploader(UPLOAD, type=FILES, help=_of_uploads())
    named = place.text_input(PLACE if access.names_files() else HUB, disabled=sent is not None)
    if sent is not None:
        return CorpusSource.uploaded(sent.name, sent.getbuffer(), sent.file_id)
    return CorpusSource.named(named.strip()) if named.strip() else None


def _of_uploads() -> str:
    """What becomes of an upload, with the way round it where the page takes paths."""
    return UPLOADED + BY_PATH if access.names_files() else UPLOADED


def _ask(source: CorpusSource) -> Request | None:
    """What is chosen; None as long as something is missing."""
    separator = _separator(source)
    shown = corpus_source.look(source, separator)
    rows, counts = st.columns([3, 1])
    with rows:
        _show_rows(shown)
        columns = _columns(shown)
    if columns is None:
        rows.text("Choose the column of the texts and that of the labels.")
        return None
    choices = columns | _main_choices(source, shown)
    with st.expander("More"):
        of_corpus, of_model, of_regions = st.columns(3)
        with of_corpus:
            choices |= _more_of_the_corpus(source, separator, shown, columns, counts)
        with of_model:
            choices |= _reading()
        with of_regions:
            choices |= _regions(choices["atlas"])
    return Request(corpus=source.name, **choices)


def _separator(source: CorpusSource) -> str | None:
    """The separator of the fields of CSV or TSV; None where the first rows show it, or there is none.

    It is asked for before the file is read: with a wrong one there may be no rows to show.
    """
    if format_suffix(Path(source.name)) not in SEPARATED:
        return None
    place, _ = st.columns([2, 5])
    chosen: str | None = place.selectbox(
        "Fields are separated by",
        list(SEPARATORS),
        index=None,
        format_func=SEPARATORS.__getitem__,
        placeholder="what the first rows show",
        key=f"separator of {source.key}",
    )
    return chosen


def _show_rows(shown: Preview) -> None:
    st.text(f"{shown.name}: its first rows")
    wide = {shown.text: st.column_config.Column(width="medium")} if shown.text else None
    show_frame(pd.DataFrame(shown.rows, columns=list(shown.columns)), columns=wide)


def _offer(request: Request, source: CorpusSource) -> None:
    """The button that starts it, and what becomes of an upload."""
    if source.upload is not None:
        st.text(_of_uploads())
    if st.button("Scan", type="primary"):
        start(request, str(locate()), source.upload)
        st.rerun()


def _columns(shown: Preview) -> dict[str, Any] | None:
    """The text and the label column, once both are chosen."""
    text_box, label_box, _ = st.columns([2, 2, 3])
    chosen = {
        "text": _column(text_box, "Texts", shown.columns, shown.text),
        "label": _column(label_box, "Labels", shown.columns, shown.label),
    }
    return chosen if all(chosen.values()) else None


def _column(place: DeltaGenerator, title: str, columns: Sequence[str], guess: str | None) -> str | None:
    index = None if guess is None else columns.index(guess)
    chosen: str | None = place.selectbox(title, columns, index=index, placeholder="Choose a column")
    return chosen


def _main_choices(source: CorpusSource, shown: Preview) -> dict[str, Any]:
    """Name, model and atlas."""
    name_box, model_box, atlas_box = st.columns(3)
    suggestion = suggest_study_name(Path(shown.name).stem)
    name = name_box.text_input("Name of the study", suggestion, key=f"name for {source.key}")
    taken = name in {study.name for study in reading.studies()}
    replacing = taken and name_box.checkbox(
        "Replace the study of that name", help="The old one can be read until the new one is ready."
    )
    atlas = atlas_box.selectbox("Regions", list(ATLASES), format_func=ATLASES.__getitem__)
    return {"name": name, "replace": replacing, "model": _model(model_box), "atlas": atlas}


def _model(place: DeltaGenerator) -> str:
    installed = installed_aliases()
    chosen = place.selectbox("Model", [*installed, OTHER], format_func=lambda name: ALIASES.get(name, name))
    if chosen != OTHER:
        return str(chosen)
    return str(place.text_input(MODEL if access.names_files() else HUB_MODEL)).strip()


def _more_of_the_corpus(
    source: CorpusSource, separator: str | None, shown: Preview, columns: dict[str, Any], place: DeltaGenerator
) -> dict[str, Any]:
    """What is seldom needed; the categories are counted on the way, and told in their place."""
    title, id_ = _optional_column("Titles", shown.columns), _optional_column("Ids", shown.columns)
    others = [name for name in shown.columns if name not in columns.values()]
    crossed = st.selectbox("Labels crossed with", others, index=None, placeholder="nothing")
    group = st.selectbox("What belongs together", others, index=None, placeholder="nothing", help=GROUP)
    label = columns["label"] if crossed is None else (columns["label"], crossed)
    form = {"separator": separator, **_forms()}
    names = _tell_counts(source, CorpusOptions(columns["text"], label, title, id_, group, **form), place)
    kept = () if form["top"] else st.multiselect("Only these categories", names, placeholder="all")
    return {
        **form,
        "label": label,
        "title": title,
        "id": id_,
        "group": group,
        "categories": tuple(kept) or None,
        "match": st.selectbox("Alike in each category", get_args(Match), index=None, placeholder="nothing", help=MATCH),
        "limit": st.number_input("A sample of so many documents", 1, None, None, placeholder="all"),
    }


def _forms() -> dict[str, Any]:
    """How labels become categories."""
    return {
        "bins": st.number_input("Labels that are numbers become so many bins", 2, None, None, placeholder="no bins"),
        "top": st.number_input("Only so many of the most frequent categories", 2, None, None, placeholder="all"),
    }


def _optional_column(title: str, columns: Sequence[str]) -> str | None:
    """A column, "" for none, or None for what its name tells."""
    named = {"": "none"} | {name: name for name in columns if name}
    chosen: str | None = st.selectbox(
        title, list(named), index=None, format_func=named.__getitem__, placeholder="guessed by name"
    )
    return chosen


def _tell_counts(source: CorpusSource, options: CorpusOptions, place: DeltaGenerator) -> list[str]:
    """Tells the categories with their documents and what is left out, or why it is no corpus; gives their names."""
    with place:
        try:
            counts = corpus_source.counted(source, options)
        except MriError as error:
            show_error(error)
            return []
        for line in counts.lines:
            st.text(line)
        show_frame(pd.DataFrame(counts.categories, columns=["category", "documents"]))
    return [name for name, _ in counts.categories]


def _reading() -> dict[str, Any]:
    """How the model reads a text."""
    return {
        "pooling": st.selectbox("A text's tokens become a row by", get_args(Pooling)),
        "site": st.selectbox("Read in each block", get_args(Site)),
        "max_length": st.number_input("Tokens a text is cut to", 1, None, None, placeholder="what the model takes"),
        "template": st.text_input("A prompt around each text, with {text} in it") or None,
        "chat": st.checkbox("As a user's message in the model's chat template"),
        "revision": st.text_input("Revision of a model on the hub") or None,
    }


def _regions(atlas: str) -> dict[str, Any]:
    """The choices that a kind of atlas has, and what is random."""
    common = {
        "seed": st.number_input("Seed of everything random", 0, 2**32 - 1, 0),
        "controls": st.checkbox("Hold the findings against controls", help=CONTROLS),
    }
    if atlas == "clusters":
        return {**common, "clusters": st.number_input("Clusters", 1, None, None, placeholder="by the corpus")}
    reducer = st.selectbox("Reduced by", list(REDUCERS))
    if atlas == "grid":
        return {**common, "reducer": reducer, "resolution": st.number_input("Bins of each axis", 1, 1000, 10)}
    count = st.number_input("Components of each layer", 1, None, None, placeholder="10")
    return {**common, "reducer": reducer, "components": count}


main()
