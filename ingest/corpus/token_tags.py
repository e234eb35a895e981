"""The labels of a corpus' tokens: which of them are categories, and whether they can be."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping

from ingest.corpus.formats.cells import normal_label
from ingest.corpus.labels import FEW, MANY, MOST
from mri_core.errors import CorpusError, UsageError, unknown_name

UNTAGGED = "untagged"  # the category of words without a tag
Tags = tuple[tuple[str, int], ...]


def refuse_labels_of_texts(bins: int | None, match: str | None) -> None:
    """Raises `UsageError` for options of a text's category, which texts with tagged tokens have not."""
    flags = [flag for flag, value in (("--bins", bins), ("--match", match)) if value is not None]
    if flags:
        fact = f"There {'is' if len(flags) == 1 else 'are'} {' and '.join(flags)}, and tokens have tags"
        raise UsageError("Tokens have the category of their text or a tag of their own", fact, "Name it with --label")


def chosen_tags(
    found: Mapping[str | None, int], categories: tuple[str, ...] | None, top: int | None
) -> tuple[str, ...] | None:
    """The tags that are categories; None for all.

    Args:
        found: words or pieces of each tag in the whole corpus.
        categories: named by the user.
        top: so many of the most frequent; of equally frequent ones, those whose names come first.

    Raises:
        UsageError: there is none of a name.
    """
    counts = {name: count for name, count in found.items() if name is not None}
    chosen = tuple(map(normal_label, categories or ()))
    for name in chosen:
        if name not in counts:
            raise unknown_name("tag", name, counts)
    if top is not None:
        chosen = tuple(sorted(counts, key=lambda name: (-counts[name], name))[:top])
    return chosen if chosen and set(chosen) != counts.keys() else None


def tags_of(found: Counter[str | None], chosen: tuple[str, ...] | None) -> Tags:
    """The tags that are categories in order, with the words or pieces of each.

    Args:
        found: words or pieces of each tag, in the documents that are scanned.
        chosen: of the tags; None for all.
    """
    names = found.keys() if chosen is None else found.keys() & set(chosen)
    return tuple((name, found[name]) for name in sorted(name for name in names if name is not None))


def hash_with_choice(content: str, chosen: tuple[str, ...] | None, untagged: bool) -> str:
    """The hash of a corpus of which some tags, or words without one, are categories.

    Args:
        content: its hash with all tags.
        chosen: tags that are categories; None for all.
        untagged: words without a tag are one.
    """
    if chosen is None and not untagged:
        return content
    choice = json.dumps([None if chosen is None else sorted(chosen), untagged], ensure_ascii=True)
    return hashlib.sha256(f"{content} {choice}".encode()).hexdigest()


def refuse_no_tags(source: str, tags: Tags, untagged: bool) -> None:
    """Raises `CorpusError` if tags are no categories: under two, or too many.

    Args:
        source: the corpus' name.
        tags: that are categories.
        untagged: words without a tag are another one.
    """
    names = [name for name, _ in tags]
    if untagged and UNTAGGED in names:
        fact, remedy = f"{source} has a tag of this name", "Rename it, or leave out --untagged"
        raise CorpusError(f"Words without a tag are the category {UNTAGGED!r}", fact, remedy)
    if not names:
        raise CorpusError("Labels of tokens are those of some", f"No word of {source} has a tag", "Name another --tags")
    if len(names) + untagged < 2:
        fact = f"The tokens of {source} have one, {names[0]!r}"
        remedy = "Name another column with --tags, or make words without a tag a category with --untagged"
        raise CorpusError("A corpus has at least two categories", fact, remedy)
    words = sum(count for _, count in tags)
    if len(names) > MOST or (len(names) > MANY and words < FEW * len(names)):
        fact = f"{source} has {len(names):,} different tags of {words:,} words"
        remedy = "Keep the N most frequent with --top N, some with --categories, or name another column with --tags"
        raise CorpusError("Tags are categories, of several words each", fact, remedy)
