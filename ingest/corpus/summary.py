"""The content of a corpus, and what was left out of it, as lines."""

from __future__ import annotations

from dataclasses import asdict

from ingest.corpus.corpus import Corpus, Skipped
from mri_core.numbers import how_many
from mri_core.records.crossed import CROSS


def corpus_lines(corpus: Corpus) -> list[str]:
    """The content of a corpus, as lines for the user."""
    named = {use: name for use, name in asdict(corpus.columns).items() if name and name is not True}
    known = {use: name if isinstance(name, str) else CROSS.join(name) for use, name in named.items()}
    columns = ", ".join(f"{use} from {name!r}" for use, name in known.items())
    rows = "" if corpus.rows == corpus.documents else f" of {corpus.rows} rows"
    head = f"{corpus.source}: {corpus.documents} documents{rows}, {len(corpus.categories)} categories; {columns}."
    if corpus.tags is not None:
        words = sum(count for _, count in corpus.tags)
        tagged = f"{words:,} words with {len(corpus.tags)} tags"
        head = f"{corpus.source}: {corpus.documents:,} texts{rows}, {tagged}; {columns}."
    return [head, *corpus.notes, *_skipped_lines(corpus.skipped), *corpus.warnings]


def _skipped_lines(skipped: Skipped) -> list[str]:
    left_out = {
        "without text": skipped.without_text,
        "without a label": skipped.without_label,
        "of other categories": skipped.other_categories,
        "to match lengths": skipped.unmatched_lengths,
        "over the limit": skipped.over_limit,
        "of the other part of the split": skipped.held_out,
    }
    return [f"Left out: {how_many(count, 'row')} {why}." for why, count in left_out.items() if count]
