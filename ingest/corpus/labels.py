"""Whether labels are categories: too many, numbers, or spelling variants; and how to handle them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np

from ingest.corpus.formats.columns import Record
from mri_core.errors import SHOWN_NAMES, CorpusError

FEW = 5  # documents: a probe needs as many, a correlation one less
MANY = 30  # categories: so many may be small, as some of a long tail are
FEWEST_NUMBERS = 3  # of two, as 0 and 1, nothing need be said
MOST = 1000  # categories: each has connections of its own in every step
LONGEST_GAP = 9  # characters, white space included
MISSING = ("nan", "none", "null", "n/a", "na", "<na>", "-", "?")  # how tables write a missing label
SEVERAL = re.compile(r"\s*[;|]\s*")
INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")  # 1,019 may also be a decimal comma

Records = Callable[[Counter[str]], Iterator[Record]]


def number(label: str) -> float | None:
    """A label as a finite number, with a point or a decimal comma; None if it is none, or may be two."""
    if THOUSANDS.fullmatch(label):
        return None
    try:
        value = float(label.replace(",", ".") if DECIMAL_COMMA.fullmatch(label) else label)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def binned(records: Records, bins: int) -> Records:
    """Records whose categories are quantile bins of their labels, which are numbers.

    Edges are quantiles of the inverted empirical distribution, so each is one of the labels; equal labels share a bin,
    and where many are equal there are fewer bins. A bin is named by its place and its least and greatest label.

    Args:
        records: with a number for a category each.
        bins: at most so many.

    Raises:
        CorpusError: a label is no number, or all are the same.
    """
    found = [_number_of(record) for record in records(Counter())]
    if not found:
        return records
    if len(found) < FEW * bins and bins > MANY:
        fact = f"{len(found)} documents have {bins} bins"
        raise CorpusError(f"Bins hold {FEW} documents and more", fact, "Take fewer with --bins")
    values = np.unique(found)
    edges = np.unique(np.quantile(found, np.arange(1, bins) / bins, method="inverted_cdf"))
    edges = edges[edges < values[-1]]
    places = np.searchsorted(edges, values)
    if not len(edges):
        fact = f"Here more than {1 - 1 / bins:.0%} are {values[-1]:g}" if len(values) > 1 else "All labels are the same"
        remedy = "Leave --bins out" if len(values) <= bins else "Take more bins"
        raise CorpusError("Bins separate labels that differ", fact, remedy)
    names = [_bin_name(index, len(edges) + 1, values[places == index]) for index in range(len(edges) + 1)]

    def read(skipped: Counter[str]) -> Iterator[Record]:
        for record in records(skipped):
            yield record._replace(category=names[int(np.searchsorted(edges, _number_of(record)))])

    return read


def _number_of(record: Record) -> float:
    value = number(record.category)
    if value is None:
        remedy = "Write numbers with a point and without signs for thousands; a row with an empty label is left out"
        raise CorpusError(
            "--bins is of labels that are numbers", f"{record.place} has {record.category[:40]!r}", remedy
        )
    return value


def _bin_name(index: int, count: int, values: np.ndarray) -> str:
    low, high = (f"{value:.15g}" for value in (values[0], values[-1]))
    place = str(index + 1).zfill(len(str(count)))  # in the order of names bins are in order
    return f"{place}: {low}" if low == high else f"{place}: {low} to {high}"


def most_frequent(records: Records, count: int) -> tuple[str, ...]:
    """The names of the most frequent categories; of equally frequent ones, those whose names come first."""
    found = Counter(record.category for record in records(Counter()))
    return tuple(sorted(found, key=lambda name: (-found[name], name))[:count])


def refuse_no_categories(source: str, counts: Mapping[str, int]) -> None:
    """Raises `CorpusError` if labels are no categories: over `MANY` of fewer than `FEW` documents on average.

    Args:
        source: the corpus' name.
        counts: documents of each category that is read.
    """
    documents = sum(counts.values())
    if len(counts) <= MANY or (len(counts) <= MOST and documents >= FEW * len(counts)):
        return
    numbers = all(number(name) is not None for name in counts)
    fact = f"{source} has {len(counts):,} different labels of {documents:,} documents"
    remedy = "Keep the N most frequent with --top N, some with --categories, or name another column with --label"
    if numbers:
        fact += ", all of them numbers"
        remedy = "Group the numbers by quantiles with --bins N, or name another column with --label"
    elif lists := _lists(counts):
        fact += f"; some look like several labels in one cell, as {lists[0][:60]!r}"
        remedy = f"Repeat such a document once for each label, under one --group. {remedy}"
    raise CorpusError("Labels are categories, of several documents each", fact, remedy)


def form_notes(written: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Labels that were written in several Unicode forms and are one category, as a sentence.

    Args:
        written: for each category the forms in which its labels came.
    """
    merged = [name for name, forms in written.items() if len(forms) > 1]
    if not merged:
        return ()
    return (f"Written in more than one Unicode form, and taken for one category each: {_listed(merged)}.",)


def label_notes(counts: Mapping[str, int], bins: int | None, top: int | None) -> tuple[str, ...]:
    """How labels that are numbers or too many were handled, a sentence each.

    Args:
        counts: documents of each category.
        bins, top: as requested.
    """
    lines = []
    if bins is not None:
        lines.append(f"Labels are numbers, grouped by quantiles into {len(counts)} categories (--bins {bins}).")
    elif FEWEST_NUMBERS <= len(counts) <= MANY and all(number(name) is not None for name in counts):
        lines.append(f"The {len(counts)} labels are numbers, each taken for a category of its own, without order.")
    if top is not None:
        lines.append(f"Only the {len(counts)} most frequent labels are categories (--top {top}).")
    return tuple(lines)


def label_warnings(counts: Mapping[str, int], counted: str = "documents") -> tuple[str, ...]:
    """Doubts about categories, a sentence each: few documents, look-alikes, gaps, lists, numbers.

    Args:
        counts: documents of each category.
        counted: what is counted, where it is not documents.
    """
    lines = []
    few = [f"{name!r} ({documents})" for name, documents in counts.items() if documents < FEW]
    if few:
        more = f" and {len(few) - SHOWN_NAMES} more" if len(few) > SHOWN_NAMES else ""
        listed = ", ".join(few[:SHOWN_NAMES]) + more
        lines.append(f"Categories of fewer than {FEW} {counted}, too few to show anything: {listed}.")
    for alike in _look_alikes(counts):
        lines.append(f"Categories that differ only in case, spaces, invisible characters or zeros: {_listed(alike)}.")
    missing = list(filter(is_gap, counts))
    if missing:
        found = "Categories that look like missing labels, each taken for one category"
        lines.append(f"{found}: {_listed(missing)}. --categories leaves them out.")
    if lists := _lists(counts):
        lines.append(f"Labels that look like several in one cell, each taken for one category: {_listed(lists)}.")
    if len(counts) > MANY and all(number(name) is not None for name in counts):
        found = f"The {len(counts)} categories are numbers, each taken for a category of its own"
        lines.append(f"{found}; --bins N groups them by quantiles." if counted == "documents" else f"{found}.")
    return tuple(lines)


def is_gap(cell: str) -> bool:
    """Whether a cell only holds a word for a missing value."""
    return len(cell) < LONGEST_GAP and cell.strip().lower() in MISSING


def gap_warnings(gaps: Mapping[str, int]) -> tuple[str, ...]:
    """Texts that look like missing ones, as a sentence.

    Args:
        gaps: how many texts are each such word.
    """
    if not gaps:
        return ()
    listed = ", ".join(f"{count} {word!r}" for word, count in gaps.items())
    return (f"Texts that look like missing ones, read as they stand: {listed}.",)


def _look_alikes(counts: Iterable[str]) -> list[list[str]]:
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for name in counts:
        plain = INVISIBLE.sub("", unicodedata.normalize("NFKC", name))
        value = number(plain)  # 1 and 1.0
        alike[" ".join(plain.casefold().split()) if value is None else repr(value)].append(name)
    return [names for names in alike.values() if len(names) > 1]


def _lists(counts: Mapping[str, int]) -> list[str]:
    """Labels made of parts that other labels have as well, as `joy;anger` where there are `joy` and `anger;fear`."""
    parts = {name: frozenset(_parts(name)) for name in counts}
    holders = Counter(part for found in parts.values() for part in found)
    return [name for name, found in parts.items() if len(found) > 1 and all(holders[part] > 1 for part in found)]


def _parts(label: str) -> list[str]:
    """What a label lists, whether it is written as a list of Python or JSON or with `;` or `|` between."""
    if label[:1] + label[-1:] in ("[]", "()", "{}"):
        return [part.strip(" '\"") for part in label[1:-1].split(",")]
    return SEVERAL.split(label)


def _listed(names: Iterable[str]) -> str:
    known = [repr(name) for name in names]
    more = f" and {len(known) - SHOWN_NAMES} more" if len(known) > SHOWN_NAMES else ""
    return ", ".join(known[:SHOWN_NAMES]) + more
