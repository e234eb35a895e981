"""A study at a glance: what was scanned, what was found first, how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from mri_core.records.graph import Study
from ui.publishing.card import card
from ui.reports.answers import Answers
from ui.reports.overview import Overview, in_words, overview
from ui.wording.terminal import fitted
from ui.wording.units import number_of

if TYPE_CHECKING:
    from jinja2 import Template

    from mri_core.store.store import Store

# A notebook must not take a text between dollars for a formula. Every value is escaped.
PAGE = """\
<div class="tex2jax_ignore mathjax_ignore" style="max-width: 60em">
<p><strong style="font-size: 1.2em">{{ study.name }}</strong> <code>{{ study.id }}</code></p>
<table>
{% for term, value in terms %}
<tr><th style="text-align: left">{{ term }}</th><td style="text-align: left">{{ value }}</td></tr>
{% endfor %}
</table>
<p>{{ first.found }}</p>
{% if first.told %}
<ol>
{% for one in first.told %}
<li>{{ one.sentence }}{% if one.text %}<br>{{ one.where }}<em>“{{ one.text }}”</em>{% endif %}</li>
{% endfor %}
</ol>
{% endif %}
<ul>
{% for term, value in first.trust.items() %}
<li><strong>{{ term }}</strong>: {{ value }}</li>
{% endfor %}
</ul>
</div>
"""


@dataclass(frozen=True)
class Glance:
    """A study at a glance.

    Attributes:
        study: itself.
        terms: what was scanned, term by term.
        first: what matters first of it.
    """

    study: Study
    terms: tuple[tuple[str, str], ...]
    first: Overview

    def as_html(self) -> str:
        """For a notebook."""
        return _template().render(study=self.study, terms=self.terms, first=self.first)

    def as_text(self) -> str:
        """For a terminal, as `mri show` prints it."""
        return fitted(in_words(self.first))


def glance(store: Store, of: Study) -> Glance:
    """A study at a glance.

    Args:
        store: that holds it.
        of: a ready study.
    """
    ask, held = Answers(store), store.measures(of)
    counts = {row["category"]: number_of(row) or 0 for row in ask(of, "categories").records()}
    return Glance(of, tuple(card(of, counts, held)), overview(of, ask, held, store.studies()))


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return made.from_string(PAGE)
