"""A corpus: the labelled documents of a source, selected and counted once, then streamed any number of times."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field, replace
from itertools import repeat
from pathlib import Path
from typing import Literal

import numpy as np

from ingest.corpus.content import Content
from ingest.corpus.formats.cells import normal_label
from ingest.corpus.formats.columns import Columns, Record, read_records
from ingest.corpus.formats.sources import open_reader
from ingest.corpus.formats.tagged import scheme_of
from ingest.corpus.formats.token_columns import columns_of
from ingest.corpus.holdout import check_holdout, kept_part
from ingest.corpus.labels import (
    binned,
    form_notes,
    gap_warnings,
    is_gap,
    label_notes,
    label_warnings,
    most_frequent,
    refuse_no_categories,
)
from ingest.corpus.length_matching import match_lengths
from ingest.corpus.sampling import stratified_sample
from ingest.corpus.token_tags import Tags, chosen_tags, counted, refuse_labels_of_texts, refuse_no_tags
from mri_core.errors import CorpusError, UsageError, unknown_name
from mri_core.records.corpus import Document
from mri_core.records.graph import Unit

Match = Literal["length"]


@dataclass(frozen=True)
class CorpusOptions:
    """The user's options of a corpus.

    Attributes:
        text, label, title, id: columns; None guesses by name, "" as title or id wants none. Several labels are crossed.
        group: column of groups of dependent documents; None if documents are independent.
        limit: the size of a stratified sample; None keeps all documents.
        categories: keep these only; None keeps all.
        seed: of the sample.
        match: `length` keeps as many texts of each length in every category; None keeps them as they are.
        separator: of the fields of CSV or TSV; None finds it.
        bins: of labels that are numbers, by quantiles; None takes each label as a category.
        top: keep the so many most frequent categories only.
        holdout: share of the documents that is held out, before anything else is done with them; None holds out none.
        held_out: keep the documents that are held out, and leave the others out.
        unit: what is placed, documents or tokens.
        tags: column of the tokens' labels, whose texts have no category; `categories` and `top` are then of tags. None
            guesses by name, where there is no label column.
        untagged: words without a tag are a category.
    """

    text: str | None = None
    label: str | tuple[str, ...] | None = None
    title: str | None = None
    id: str | None = None
    group: str | None = None
    limit: int | None = None
    categories: tuple[str, ...] | None = None
    seed: int = 0
    match: Match | None = None
    separator: str | None = None
    bins: int | None = None
    top: int | None = None
    holdout: float | None = None
    held_out: bool = False
    unit: Unit = "document"
    tags: str | None = None
    untagged: bool = False


PLAIN = CorpusOptions()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Rows that are left out of the corpus: two kinds of gaps, and three choices of the user."""

    without_text: int = 0
    without_label: int = 0
    other_categories: int = 0
    over_limit: int = 0
    unmatched_lengths: int = 0
    held_out: int = 0


@dataclass(frozen=True)
class Corpus:
    """The chosen documents of a source. Iterating reads the source again, one document at a time.

    Attributes:
        source: its name without the user's folders.
        columns: the columns read, guessed or named.
        categories: names in order, with their documents; the only one is "" where tokens have labels of their own.
        documents: how many there are.
        content_hash: SHA-256 of category, text, title, source id, any group and any labels of tokens of every document
            in order.
        skipped: rows left out.
        notes: the reader's remarks on the source, a sentence each.
        warnings: one line each, for the user to see.
        revision: the commit of a hub dataset, else "".
        lengths: (documents,) characters of each text, in order.
        labels: (documents,) index of each one's category, in order.
        tags: labels of tokens that are categories, by name, with the words of each; those of a part are its
            whole's. Documents have spans with other labels, too. None if tokens have no labels of their own.
    """

    source: str
    columns: Columns
    categories: tuple[tuple[str, int], ...]
    documents: int
    content_hash: str
    skipped: Skipped = Skipped()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    revision: str = ""
    tags: Tags | None = None
    lengths: np.ndarray = field(kw_only=True, repr=False, compare=False)
    labels: np.ndarray = field(kw_only=True, repr=False, compare=False)
    _read: Callable[[], Iterator[Document]] = field(kw_only=True, repr=False, compare=False)
    _documents_hash: str = field(kw_only=True, repr=False)

    @property
    def documents_hash(self) -> str:
        """The hash of the documents alone, which that of given activations includes, if anything tells them apart."""
        known = (self.columns.text, self.columns.id, self.columns.title)
        return self.content_hash if known == (None, None, None) else self._documents_hash

    @property
    def rows(self) -> int:
        """Number of rows in the source: the documents and what was left out."""
        return self.documents + sum(astuple(self.skipped))

    def __iter__(self) -> Iterator[Document]:
        """The documents in order.

        Raises:
            CorpusError: they differ from those counted when the corpus was opened.
        """
        seen = Content()
        for document in self._read():
            if document.ordinal == self.documents:
                raise self._changed()
            seen.add(document)
            yield document
        if seen.hexdigest() != self._documents_hash:
            raise self._changed()

    def _changed(self) -> CorpusError:
        return CorpusError("A corpus stays as it is while it is read", f"{self.source} changed", "Start again")


def open_corpus(source: str | Path, options: CorpusOptions = PLAIN) -> Corpus:
    """Reads a source once (twice for a sample, once more for tags of words) to count, check and hash its documents.

    White space around labels and ids is removed; texts are unchanged. Rows without text or label are
    skipped and counted. `ingest.corpus.formats.sources.open_reader` says what a source can be.

    Raises:
        CorpusError: the source cannot be read as a corpus of at least two categories with distinct ids, or no lengths
            match.
        UsageError: a named column or category is not there, or the limit is too small.
    """
    _check(options)
    reader = open_reader(source, options.separator)
    named = {name: getattr(options, name) for name in ("text", "label", "title", "id", "group")}
    columns = columns_of(reader, options.unit, options.tags, **named)
    if columns.tags is not None:
        refuse_labels_of_texts(options.bins, options.match)
    scheme = None if columns.tags is None else scheme_of(reader, columns.tags)

    def complete(skipped: Counter[str]) -> Iterator[Record]:
        for record in read_records(reader, columns, scheme):
            if not record.text:
                skipped["text"] += 1
            elif not record.category and record.spans is None:
                skipped["label"] += 1
            else:
                yield record

    records = complete if options.bins is None else binned(complete, options.bins)
    if options.top is not None and columns.tags is None:
        options = replace(options, categories=most_frequent(records, options.top))
    revision = getattr(reader, "revision", "")
    return build_corpus(reader.name, columns, records, options, revision=revision, notes=reader.notes)


def _check(options: CorpusOptions) -> None:
    for name, value, least in (("limit", options.limit, 1), ("bins", options.bins, 2), ("top", options.top, 2)):
        if value is not None and value < least:
            raise UsageError(f"--{name} is a whole number from {least}", f"It is {value}")
    if options.top is not None and options.categories:
        raise UsageError("Categories are named or counted", "There are --categories and --top", "Leave one out")
    if options.bins is not None and not isinstance(options.label, str | None):
        raise UsageError("--bins is of one column of numbers", "Here labels are crossed", "Name one with --label")
    check_holdout(options.holdout, options.held_out)


def build_corpus(
    source: str,
    columns: Columns,
    records: Callable[[Counter[str]], Iterator[Record]],
    options: CorpusOptions = PLAIN,
    revision: str = "",
    notes: tuple[str, ...] = (),
) -> Corpus:
    """A corpus of records that can be read again and again; `records` counts what it skips in its argument.

    Raises:
        CorpusError: there are no two categories, labels are no categories, two records have the same id, or no lengths
            match.
        UsageError: a named category is not there, or the limit is too small.
    """
    named = tuple(map(normal_label, options.categories or ()))
    tagged = columns.tags is not None
    asked, options = options, replace(options, categories=None if tagged else named or None)
    scan = _scan(records, options)
    _refuse_unknown_categories(scan, options)
    counts = {name: scan.counts[name] for name in sorted(options.categories or scan.counts)}
    _refuse_too_little(source, counts, scan.skipped, least=1 if tagged else 2)
    if not tagged:
        refuse_no_categories(source, counts)
    _refuse_duplicate_ids(records, scan)
    available, content = sum(counts.values()), scan.content
    sample, matched = _sample(content, counts, options)
    chosen = available if sample is None else sum(map(sum, sample.values()))
    if options.holdout is not None:
        everyone = _documents(records(Counter()), counts, sample)
        sample = kept_part(everyone, counts, sample, options.holdout, options.held_out, options.seed)
    if sample is not None:
        counts = {name: sum(sample[name]) for name in counts}

    def read() -> Iterator[Document]:
        return _documents(records(Counter()), counts, sample)

    if sample is not None:
        content = _content_of(read())
    documents = sum(counts.values())
    tags = _tags(source, scan.content, content, asked) if tagged else None
    named_counts = counts if tags is None else dict(tags)
    return Corpus(
        source=source,
        columns=columns,
        categories=tuple(counts.items()),
        documents=documents,
        content_hash=content.hexdigest(),
        skipped=_skipped(scan, available, matched, chosen, documents),
        notes=(*notes, *form_notes(scan.written), *label_notes(named_counts, asked.bins, asked.top)),
        warnings=(*label_warnings(named_counts, "words" if tagged else "documents"), *gap_warnings(scan.gaps)),
        revision=revision,
        tags=tags,
        lengths=np.frombuffer(content.lengths, dtype=np.uint32),
        labels=content.labels(list(counts)),
        _read=read,
        _documents_hash=content.hexdigest(),
    )


def _tags(source: str, whole: Content, scanned: Content, options: CorpusOptions) -> Tags:
    """The labels of tokens that are categories, with the words of each in the documents that are scanned."""
    chosen = chosen_tags(counted(whole.tags, source, options.untagged), options.categories, options.top)
    there = counted(scanned.tags, source, options.untagged)
    tags = tuple((name, count) for name, count in sorted(there.items()) if name in chosen)
    refuse_no_tags(source, tags)
    return tags


def _skipped(scan: _Scan, available: int, matched: int, chosen: int, documents: int) -> Skipped:
    """Rows left out by categories, matching of lengths, the limit, and what is held out."""
    return Skipped(
        without_text=scan.skipped["text"],
        without_label=scan.skipped["label"],
        other_categories=scan.counts.total() - available,
        over_limit=matched - chosen,
        unmatched_lengths=available - matched,
        held_out=chosen - documents,
    )


@dataclass(frozen=True)
class _Scan:
    """The result of one pass over the records: eight bytes for each id, eight for each text."""

    counts: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    ids: array[int] = field(default_factory=lambda: array("q"))
    content: Content = field(default_factory=Content)
    written: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    gaps: Counter[str] = field(default_factory=Counter)  # texts that only hold a word for a missing value


def _scan(records: Callable[[Counter[str]], Iterator[Record]], options: CorpusOptions) -> _Scan:
    scan = _Scan()
    for record in records(scan.skipped):
        scan.counts[record.category] += 1
        if options.categories and record.category not in options.categories:
            continue
        scan.content.add(record)
        if record.text is not None and is_gap(record.text):
            scan.gaps[record.text.strip()] += 1
        if not record.written.isascii():
            scan.written[record.category].add(record.written.strip())
        if record.source_id is not None:
            scan.ids.append(hash(record.source_id))
    return scan


def _sample(
    content: Content, counts: Mapping[str, int], options: CorpusOptions
) -> tuple[Mapping[str, bytes] | None, int]:
    """The selected documents of each category, None for all; and the number that match, whatever the limit."""
    available, limit = sum(counts.values()), options.limit
    if options.match is not None:
        lengths = np.frombuffer(content.lengths, dtype=np.uint32)
        return match_lengths(lengths, content.labels(list(counts)), list(counts), limit, options.seed)
    if limit is not None and limit < available:
        return stratified_sample(counts, limit, options.seed), available
    return None, available


def _documents(
    records: Iterable[Record], categories: Iterable[str], sample: Mapping[str, bytes] | None
) -> Iterator[Document]:
    turns = {name: repeat(1) if sample is None else iter(sample[name]) for name in categories}
    ordinal = 0
    for record in records:
        if record.category in turns and next(turns[record.category], 0):
            _, category, text, title, source_id, group, _, spans = record
            yield Document(ordinal, category, text, title, source_id, group, spans)
            ordinal += 1


def _content_of(documents: Iterable[Document]) -> Content:
    content = Content()
    for document in documents:
        content.add(document)
    return content


def _refuse_unknown_categories(scan: _Scan, options: CorpusOptions) -> None:
    for name in options.categories or ():
        if name not in scan.counts:
            raise unknown_name("category", name, scan.counts)


def _refuse_too_little(source: str, counts: Mapping[str, int], skipped: Counter[str], least: int) -> None:
    if len(counts) >= least:
        return
    if counts:
        rule, fact = "A corpus has at least two categories", f"{source} has one, {next(iter(counts))!r}"
        raise CorpusError(rule, fact, "Name another column with --label, or more with --categories")
    if skipped["label"]:
        raise CorpusError("A corpus has labelled documents", f"No row of {source} has a text and a label")
    fact = f"All {skipped['text']} texts of {source} are empty" if skipped["text"] else f"{source} has no rows"
    raise CorpusError("A corpus has documents", fact)


def _refuse_duplicate_ids(records: Callable[[Counter[str]], Iterator[Record]], scan: _Scan) -> None:
    """Ids with equal hashes are read again, so that no hash collision is mistaken for a duplicate."""
    hashes = np.sort(np.frombuffer(scan.ids, dtype=np.int64))
    suspects = set(hashes[1:][hashes[1:] == hashes[:-1]].tolist())
    if not suspects:
        return
    places: dict[str, str] = {}
    for record in records(Counter()):
        source_id = record.source_id
        if source_id is None or hash(source_id) not in suspects:
            continue
        if source_id in places:
            fact = f"{source_id!r} stands on {places[source_id]} and on {record.place}"
            raise CorpusError("Ids must differ", fact, "Name another column with --id, or none with --id ''")
        places[source_id] = record.place
