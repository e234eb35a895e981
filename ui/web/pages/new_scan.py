"""The page New scan: a corpus is uploaded or named, previewed, and scanned in a process of its own."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ingest.corpus.corpus import CorpusOptions
from ingest.corpus.formats.opening import DECOMPRESSED, format_suffix
from ingest.corpus.formats.sources import SEPARATED, SUFFIXES
from ingest.corpus.preview import Preview
from ingest.model.source import installed_aliases
from ingest.request import OPTIONS, Request
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.errors import MriError
from mri_core.records.graph import GIVEN, Study
from mri_core.records.ids import suggest_study_name
from mri_core.store import locate
from ui.jobs import access
from ui.jobs.scans import start
from ui.web.plain import show_error
from ui.web.state import reading
from ui.web.widgets import corpus_source, option_fields
from ui.web.widgets.corpus_source import CorpusSource
from ui.web.widgets.frames import show_frame
from ui.web.widgets.job_cards import show_jobs
from ui.wording.ingest_arguments import ingest_arguments

FILES = [suffix[1:] for suffix in (*SUFFIXES, *DECOMPRESSED)]
SEPARATORS = ("comma", "semicolon", "tab", "pipe")
UPLOAD = "A file with a text and a label in each row"
UPLOADED = (
    "An uploaded file is deleted after the scan. mri probe then works from the stored activations, without the bag of "
    "words."
)
BY_PATH = " Name the file by its path if its texts are to be read again."
OF_THEIR_TEXT = "that of their text"
HUB = "Or a dataset of the Hugging Face hub, by its name"
PLACE = "Or a file, a folder of texts or of tables, or a dataset of the Hugging Face hub, by its name"
OTHER_MODEL, HUB_MODEL = "Folder, .gguf file, or name on the Hugging Face hub", "Name on the Hugging Face hub"
ALIASES = {"minilm": "minilm: an encoder of 6 layers", "smollm2": "smollm2: a decoder of 30 layers"}
OTHER = "another"
NONE = "no column"
AS_THERE = "Nothing is fitted. What is left as it is under the model is as in the scan of {}."
SECOND_LABEL = "Second label column"


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
    show_jobs()
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
        rows.text("Choose the text column and a column of labels.")
        return None
    of_tokens = columns["unit"] == "token"
    choices = columns | _main_choices(source, shown, columns["unit"])
    with st.expander("More options"):
        of_corpus, of_model, of_regions = st.columns(3)
        with of_corpus:
            choices |= _more_of_the_corpus(source, separator, shown, columns, counts)
        with of_model:
            choices |= _reading(of_tokens=of_tokens)
        with of_regions:
            choices |= _regions(choices["atlas"], columns["unit"], frozen=choices["atlas_of"] is not None)
            choices["keep_documents"] = option_fields.number("keep_documents", columns["unit"])
        if choices["atlas_of"] is not None:
            st.text(AS_THERE.format(choices["atlas_of"]))
    return Request(corpus=source.name, **choices)


def _separator(source: CorpusSource) -> str | None:
    """The separator of the fields of CSV or TSV; None where the first rows show it, or there is none.

    It is asked for before the file is read: with a wrong one there may be no rows to show.
    """
    if format_suffix(Path(source.name)) not in SEPARATED:
        return None
    place, _ = st.columns([2, 5])
    with place:
        chosen: str | None = option_fields.pick("separator", SEPARATORS, key=f"separator of {source.key}")
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
    """What is placed, and the columns of texts and of labels, once they are chosen."""
    text_box, label_box, unit_box = st.columns([2, 2, 3])
    with unit_box:
        unit = option_fields.pick("unit")
    of_tokens = _labels_of_tokens(shown) if unit == "token" else {}
    with text_box:
        text = _column("text", shown, shown.text)
    label = None
    if of_tokens.get("tags") is None:
        with label_box:
            label = _column("label", shown, shown.label)
    complete = text and (label or of_tokens.get("tags"))
    return {"unit": unit, "text": text, "label": label, **of_tokens} if complete else None


def _column(name: str, shown: Preview, guess: str | None) -> str | None:
    """A column that must be chosen."""
    index = None if guess is None else shown.columns.index(guess)
    chosen: str | None = option_fields.pick(name, shown.columns, index=index, placeholder="Choose a column")
    return chosen


def _labels_of_tokens(shown: Preview) -> dict[str, Any]:
    """The column of the tokens' labels, in place of the texts', and how these are read."""
    tags_box, pieces_box, untagged_box = st.columns([2, 2, 3])
    with tags_box:
        named = {"": OF_THEIR_TEXT} | {column: column for column in shown.columns if column}
        suggested = list(named).index(shown.tags or "")
        tags = option_fields.pick("tags", list(named), index=suggested, format_func=named.__getitem__)
    if not tags:
        return {}
    with pieces_box:
        subtokens = option_fields.pick("subtokens")
    with untagged_box:
        return {"tags": tags, "subtokens": subtokens, "untagged": option_fields.tick("untagged")}


def _main_choices(source: CorpusSource, shown: Preview, unit: str) -> dict[str, Any]:
    """Name, model and atlas."""
    studies = reading.studies()
    name_box, model_box, atlas_box = st.columns(3)
    with name_box:
        suggestion = suggest_study_name(Path(shown.name).stem)
        name = option_fields.line("name", value=suggestion, key=f"name for {source.key}") or ""
        replacing = name in {study.name for study in studies} and option_fields.tick("replace")
    with atlas_box:
        frozen = _frozen([study for study in studies if study.unit == unit], unit)
        atlas = _atlas(frozen, unit)
        align = frozen is not None and unit == "document" and option_fields.tick("align")
    with model_box:
        model = _model(frozen)
    atlas_of = None if frozen is None else frozen.name
    of_atlas = {"atlas": atlas, "atlas_of": atlas_of, "align": align}
    return {"name": name, "replace": replacing, "model": model, **of_atlas}


def _frozen(studies: Sequence[Study], unit: str) -> Study | None:
    """The study in whose atlas documents, or tokens, are placed; None where one is fitted to them."""
    known = {study.name: study for study in studies if study.atlas_hash is not None}
    if not known:
        return None
    name = option_fields.pick("atlas_of", list(known), unit)
    return None if name is None else known[name]


def _atlas(frozen: Study | None, unit: str) -> str:
    """The kind of atlas that is fitted; of a frozen one its kind is shown, and nothing is chosen."""
    if frozen is None:
        holding = [name for name in OPTIONS["atlas"].choices if ATLAS_KINDS[name].traits.holds_documents]
        offered: dict[str, Any] = {} if unit == "document" else {"values": holding, "key": "atlas of tokens"}
        return str(option_fields.pick("atlas", format_func=_described, **offered))
    option_fields.pick("atlas", [frozen.atlas], format_func=_described, index=0, disabled=True, key="atlas, frozen")
    return str(OPTIONS["atlas"].default)


def _described(atlas: str) -> str:
    """What the regions of a kind of atlas are; of one that cannot be imported, its name."""
    try:
        return ATLAS_KINDS[atlas].described
    except MriError:
        return atlas


def _model(frozen: Study | None) -> str:
    """The model to scan; where none is named, a frozen atlas is read by the model of its study."""
    names = [*installed_aliases(), OTHER]
    told = dict(ALIASES)
    if frozen is not None:  # the default alias is no name: it stands for the model of the study
        names.remove(OPTIONS["model"].default)
        if frozen.site != GIVEN:
            names.insert(0, OPTIONS["model"].default)
            told[OPTIONS["model"].default] = f"that of {frozen.name}"
    key = f"model for {frozen.name if frozen else 'an atlas of its own'}"
    chosen = option_fields.pick("model", names, index=0, format_func=lambda name: told.get(name, name), key=key)
    if chosen != OTHER:
        return str(chosen)
    return str(st.text_input(OTHER_MODEL if access.names_files() else HUB_MODEL)).strip()


def _more_of_the_corpus(
    source: CorpusSource, separator: str | None, shown: Preview, columns: dict[str, Any], place: DeltaGenerator
) -> dict[str, Any]:
    """What is seldom needed; the categories are counted on the way, and shown in their place."""
    title, id_ = (_optional_column(name, shown.columns, columns["unit"]) for name in ("title", "id"))
    taken = {columns.get(use) for use in ("text", "label", "tags")}
    others = [name for name in shown.columns if name not in taken]
    of_texts = columns["label"] is not None
    label = _crossed(columns["label"], others) if of_texts else None
    group = option_fields.pick("group", others, columns["unit"])
    form: dict[str, Any] = {"separator": separator, "bins": option_fields.number("bins") if of_texts else None}
    form |= {"top": option_fields.number("top")}
    of_tokens = {name: columns[name] for name in ("unit", "tags", "untagged") if name in columns}
    names = _show_counts(source, CorpusOptions(columns["text"], label, title, id_, group, **form, **of_tokens), place)
    chosen = () if form["top"] else option_fields.pick_several("categories", names)
    return {
        **form,
        "label": label,
        "title": title,
        "id": id_,
        "group": group,
        "categories": tuple(chosen) or None,
        "match": option_fields.pick("match") if of_texts else None,
        "limit": option_fields.number("limit", columns["unit"]),
        **(_holdout() if columns["unit"] == "document" else {}),
    }


def _crossed(label: str, others: Sequence[str]) -> str | tuple[str, str]:
    """The label column, with a second one that it is crossed with if one is chosen."""
    crossed = st.selectbox(SECOND_LABEL, others, index=None, placeholder=NONE, help=OPTIONS["label"].help)
    return label if crossed is None else (label, crossed)


def _holdout() -> dict[str, Any]:
    """The share that is held out, and, where there is one, which part is scanned."""
    share = option_fields.share("holdout")
    return {"holdout": share, "held_out": share is not None and option_fields.tick("held_out")}


def _optional_column(name: str, columns: Sequence[str], unit: str) -> str | None:
    """A column, "" for none, or None for the one that its name suggests."""
    named = {"": NONE} | {column: column for column in columns if column}
    chosen: str | None = option_fields.pick(name, list(named), unit, format_func=named.__getitem__)
    return chosen


def _show_counts(source: CorpusSource, options: CorpusOptions, place: DeltaGenerator) -> list[str]:
    """Shows the categories with their documents and what is left out, or why it is no corpus; gives their names."""
    with place:
        try:
            counts = corpus_source.counted(source, options)
        except MriError as error:
            show_error(error)
            return []
        for line in counts.lines:
            st.text(line)
        counted = "texts" if options.unit == "token" else "documents"
        show_frame(pd.DataFrame(counts.categories, columns=["category", counted if options.tags is None else "words"]))
    return [name for name, _ in counts.categories]


def _reading(*, of_tokens: bool) -> dict[str, Any]:
    """How the model reads a text; a token has a row of its own, and nothing is pooled."""
    return {
        **({} if of_tokens else {"pooling": option_fields.pick("pooling")}),
        "site": option_fields.pick("site"),
        "max_length": option_fields.number("max_length"),
        "template": option_fields.line("template"),
        "chat": option_fields.tick("chat"),
        "revision": option_fields.line("revision"),
    }


def _regions(atlas: str, unit: str, *, frozen: bool) -> dict[str, Any]:
    """The choices that a kind of atlas has, and what is random; a frozen atlas leaves nothing to choose."""
    common = {"seed": option_fields.number("seed"), "controls": option_fields.tick("controls")}
    if not frozen:
        common["fit_on"] = option_fields.number("fit_on", unit)
    own = [] if frozen else [name for name in ATLAS_KINDS[atlas].options if OPTIONS[name].group == "atlas"]
    return common | {name: option_fields.of_its_kind(name, unit) for name in own}


main()
