"""The literature of the Methods paragraph: how it is cited, listed, and written as BibTeX."""

from __future__ import annotations

import re

import pytest

from ui.publishing.references import REFERENCES, Citations, bibliography


def test_one_two_three_and_more_authors_are_cited_as_papers_do() -> None:
    cited = [REFERENCES[key].cited for key in ("heyse2011", "benjamini1995", "zalesky2010", "winkler2014")]
    assert cited == [
        "Heyse 2011",
        "Benjamini and Hochberg 1995",
        "Zalesky, Fornito and Bullmore 2010",
        "Winkler et al. 2014",
    ]


def test_a_citation_is_collected_once_in_the_order_of_the_text() -> None:
    cite = Citations()
    assert cite("lin1991") == "(Lin 1991)"
    assert cite("kuhn1955", "lin1991") == "(Kuhn 1955; Lin 1991)"
    assert cite.keys == ["lin1991", "kuhn1955"]


@pytest.mark.parametrize("key", REFERENCES)
def test_every_entry_of_bibtex_is_whole(key: str) -> None:
    entry = REFERENCES[key].bibtex(key)
    assert entry.startswith(f"@{REFERENCES[key].kind}{{{key},\n  author = {{")
    assert entry.count("{") == entry.count("}")
    assert str(REFERENCES[key].year) in key
    assert re.search(r"(journal|booktitle|publisher|howpublished) = \{.", entry)


def test_a_bibliography_holds_what_was_asked_for() -> None:
    assert re.findall(r"^@\w+\{(\w+),", bibliography(["holm1979", "sun2024"]), re.MULTILINE) == ["holm1979", "sun2024"]
