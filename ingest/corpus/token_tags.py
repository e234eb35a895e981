"""The labels of a corpus' tokens: which of them are categories, and whether they can be."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.corpus.formats.cells import normal_label
from ingest.corpus.labels import FEW, MANY, MOST
from mri_core.errors import CorpusError, UsageError, unknown_name
from mri_core.records.corpus import UNTAGGED

Tags = tuple[tuple[str, int], ...]


def refuse_labels_of_texts(bins: int | None, match: str | None) -> None:
    """Raises `UsageError` for options of a text's category, which texts with tagged tokens have not."""
    flags = [flag for flag, value in (("--bins", bins), ("--match", match)) if value is not None]
    if flags:
        fact = f"There {'is' if len(flags) == 1 else 'are'} {' and '.join(flags)}, and tokens have tags"
        raise UsageError("Tokens have the category of their text or a tag of their own", fact, "Name it with --label")


def counted(found: Mapping[str, int], source: str, untagged: bool) -> dict[str, int]:
    """The words of each tag, and those without one where they are a category.

    Args:
        found: the same by label, "" for those without.
        source: the corpus' name.
        untagged: words without a tag are a category.

    Raises:
        CorpusError: a tag has the name of that category.
    """
    if untagged and UNTAGGED in found:
        fact, remedy = f"{source} has a tag of this name", "Rename it, or leave out --untagged"
        raise CorpusError(f"Words without a tag are the category {UNTAGGED!r}", fact, remedy)
    without = {UNTAGGED: found[""]} if untagged and "" in found else {}
    return {name: count for name, count in found.items() if name} | without


def chosen_tags(counts: Mapping[str, int], categories: tuple[str, ...] | None, top: int | None) -> frozenset[str]:
    """The tags that are categories.

    Args:
        counts: words of each tag in the whole corpus.
        categories: named by the user; None for all.
        top: so many of the most frequent; of equally frequent ones, those whose names come first.

    Raises:
        UsageError: there is none of a name.
    """
    named = frozenset(map(normal_label, categories or ()))
    for name in sorted(named):
        if name not in counts:
            raise unknown_name("tag", name, counts)
    if top is not None:
        return frozenset(sorted(counts, key=lambda name: (-counts[name], name))[:top])
    return named or frozenset(counts)


def refuse_no_tags(source: str, tags: Tags) -> None:
    """Raises `CorpusError` if tags are no categories: under two, or too many.

    Args:
        source: the corpus' name.
        tags: that are categories.
    """
    names = [name for name, _ in tags]
    if not names:
        raise CorpusError("Labels of tokens are those of some", f"No word of {source} has a tag", "Name another --tags")
    if len(names) < 2:
        fact = f"The tokens of {source} have one, {names[0]!r}"
        remedy = "Name another column with --tags, or make words without a tag a category with --untagged"
        raise CorpusError("A corpus has at least two categories", fact, remedy)
    words = sum(count for _, count in tags)
    if len(names) > MOST or (len(names) > MANY and words < FEW * len(names)):
        fact = f"{source} has {len(names):,} different tags of {words:,} words"
        remedy = "Keep the N most frequent with --top N, some with --categories, or name another column with --tags"
        raise CorpusError("Tags are categories, of several words each", fact, remedy)
