"""How documents were chosen, in sentences for a paper, in the order in which a corpus applies its options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mri_core.numbers import how_many


def chosen(documents: int, report: Mapping[str, Any], options: Mapping[str, Any], *, grouped: bool) -> Iterator[str]:
    """Which documents of a corpus a study is of, where these are not all.

    Args:
        documents: of the study.
        report: the scan's, whose `skipped` counts what each step left out.
        options: of the scan.
        grouped: whether groups are held out whole.
    """
    skipped = report.get("skipped", {})
    gaps = skipped.get("without_text", 0) + skipped.get("without_label", 0)
    if gaps:
        yield f"{how_many(gaps, 'row')} without a text or a label {'was' if gaps == 1 else 'were'} left out."
    if options.get("bins"):
        yield "Labels are numbers; their quantiles are the categories."
    if told := _of_categories(skipped.get("other_categories", 0), options):
        yield told
    left = documents + sum(skipped.get(name, 0) for name in ("unmatched_lengths", "over_limit", "held_out"))
    taken = left
    if unmatched := skipped.get("unmatched_lengths", 0):
        taken -= unmatched
        yield (
            f"Of {how_many(left, 'document')} {taken:,} match in length: of each bin of lengths as many were drawn "
            "from every category."
        )
    if over := skipped.get("over_limit", 0):
        before, taken = taken, taken - over
        yield f"Of {before:,} {'of these' if unmatched else 'documents'} {taken:,} were drawn, stratified by category."
    if skipped.get("held_out"):
        yield _held_out(documents, taken, options, grouped=grouped, anew=taken == left)


def _of_categories(others: int, options: Mapping[str, Any]) -> str:
    """That categories were chosen, and how many rows of others there are."""
    if not others:
        return ""
    if options.get("top"):
        return f"{how_many(others, 'row')} of other labels than the {options['top']} most frequent were left out."
    return f"{how_many(others, 'row')} of other categories were left out."


def _held_out(documents: int, taken: int, options: Mapping[str, Any], *, grouped: bool, anew: bool) -> str:
    """What became of the documents left: a seeded split of them by category."""
    of = f"Of {how_many(taken, 'document')}" if anew else f"Of these {how_many(taken, 'document')}"
    whole = ", groups whole" if grouped else ""
    split = f"(a seeded split by category{whole}; {options['holdout']:.0%} asked for)"
    if options.get("held_out"):
        return f"{of} those {documents:,} were scanned that had been held out of another study {split}."
    return f"{of} {taken - documents:,} were held out before anything was fitted {split}."
