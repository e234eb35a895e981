"""The arithmetic of a plan: ten million texts through a model of 80 blocks of 8,192 columns. Nothing is measured.

    python benchmarks/ten_million.py
    python benchmarks/ten_million.py --tokens 400 --workers 128 --utilisation 0.3

Prints the table of docs/scale.md ("A plan for ten million texts") with these assumptions, or with others.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields
from typing import NamedTuple

HOUR = 3600


class Line(NamedTuple):
    """A row of the table: what, how it is computed, and the result with its unit."""

    what: str
    computed: str
    result: str


@dataclass(frozen=True)
class Plan:
    """What is assumed; the docs say where each number is from.

    Attributes:
        documents: texts of the corpus.
        tokens: of a text, on average.
        blocks: of the model.
        width: of its residual stream.
        parameters: that a token is multiplied with.
        flops: of a card a second, dense bfloat16 products, at its peak.
        utilisation: share of that peak that a worker reaches.
        workers: each with one card that computes at a time.
        price: of a card with all of the model, in dollars an hour.
        sample: documents that the atlas is fitted to.
        regions: of a layer, at most.
        categories: of the corpus.
        stored: documents that the graph holds.
        embedded, neo4j: relationships that a store loads in a second.
    """

    documents: int = 10_000_000
    tokens: int = 256
    blocks: int = 80
    width: int = 8_192
    parameters: float = 70e9
    flops: float = 989e12
    utilisation: float = 0.4
    workers: int = 64
    price: float = 4.0
    sample: int = 200_000
    regions: int = 24
    categories: int = 10
    stored: int = 50_000
    embedded: int = 61_700
    neo4j: int = 66_300

    @property
    def layers(self) -> int:
        """The embedding and each block."""
        return self.blocks + 1

    @property
    def numbers(self) -> int:
        """That a text's rows hold."""
        return self.layers * self.width

    @property
    def rate(self) -> float:
        """Tokens that a worker reads in a second: two operations for each parameter."""
        return self.flops * self.utilisation / (2 * self.parameters)

    @property
    def hours(self) -> float:
        """Of all workers at once."""
        return self.documents * self.tokens / (self.rate * self.workers) / HOUR

    @property
    def texts_a_second(self) -> float:
        """By all workers."""
        return self.rate * self.workers / self.tokens

    @property
    def connections(self) -> int:
        """At most: each region with each of the next layer, for each category."""
        return self.blocks * self.regions**2 * self.categories

    def relationships(self, documents: int) -> int:
        """Of so many documents in the graph: a region in each layer and a category, and all connections."""
        return documents * (self.layers + 1) + self.connections

    def lines(self) -> list[Line]:
        """The rows of the table."""
        text, every, row = self.layers * 2, self.documents * self.tokens, self.numbers * 4
        of_all, of_some = self.relationships(self.documents), self.relationships(self.stored)
        return [
            Line(
                "rows of all texts, float16",
                f"{self.documents:,} × {self.layers} × {self.width:,} × 2 B",
                f"{self.documents * self.numbers * 2 / 1e12:.1f} TB",
            ),
            Line("codes of all texts", f"{self.documents:,} × {self.layers} × 2 B", _gb(self.documents * text)),
            Line(
                "rows of the sample, float32",
                f"{self.sample:,} × {self.layers} × {self.width:,} × 4 B",
                _gb(self.sample * row),
            ),
            Line(
                "one layer of the sample", f"{self.sample:,} × {self.width:,} × 4 B", _gb(self.sample * self.width * 4)
            ),
            Line("weights, bfloat16", f"{self.parameters / 1e9:g} × 10⁹ × 2 B", _gb(2 * self.parameters)),
            Line("tokens", f"{self.documents:,} × {self.tokens}", f"{every / 1e9:.2f} × 10⁹"),
            Line(
                "tokens a second of a worker",
                f"{self.flops / 1e12:g} × 10¹² × {self.utilisation:g} / (2 × {self.parameters / 1e9:g} × 10⁹)",
                f"{self.rate:,.0f}",
            ),
            Line(
                f"hours of {self.workers} workers",
                f"{every / 1e9:.2f} × 10⁹ / ({self.rate:,.0f} × {self.workers}) / {HOUR:,}",
                f"{self.hours:.1f} h",
            ),
            Line(
                "cost",
                f"{self.workers} × {self.hours:.1f} h × ${self.price:g}",
                f"${self.workers * self.hours * self.price:,.0f}",
            ),
            Line(
                "rows to the driver, if they left the workers",
                f"{self.texts_a_second:,.0f} texts/s × {self.layers} × {self.width:,} × 4 B",
                f"{self.texts_a_second * row / 1e9:.1f} GB/s",
            ),
            Line(
                "codes to the driver",
                f"{self.texts_a_second:,.0f} texts/s × {self.layers} × 2 B",
                f"{self.texts_a_second * text / 1e3:.0f} kB/s",
            ),
            Line(
                "connections, at most",
                f"{self.blocks} × {self.regions}² × {self.categories} categories",
                f"{self.connections:,}",
            ),
            Line(
                "relationships with all documents",
                f"{self.documents:,} × ({self.layers} + 1) + {self.connections:,}",
                f"{of_all / 1e6:,.0f} million",
            ),
            Line(
                "loading them, Neo4j and embedded",
                f"at {self.neo4j:,}/s and {self.embedded:,}/s",
                f"{of_all / self.neo4j / HOUR:.1f} and {of_all / self.embedded / HOUR:.1f} h",
            ),
            Line(
                f"relationships with {self.stored:,} documents",
                f"{self.stored:,} × ({self.layers} + 1) + {self.connections:,}",
                f"{of_some / 1e6:.1f} million",
            ),
            Line(
                "loading them, Neo4j and embedded",
                f"at {self.neo4j:,}/s and {self.embedded:,}/s",
                f"{of_some / self.neo4j:.0f} and {of_some / self.embedded:.0f} s",
            ),
        ]


def _gb(size: float) -> str:
    return f"{size / 1e9:,.1f} GB"


def table(plan: Plan) -> str:
    """The rows as Markdown."""
    return "\n".join(f"| {line.what} | {line.computed} | {line.result} |" for line in plan.lines())


def main() -> None:
    """Print the table with the assumptions that are given."""
    parser = argparse.ArgumentParser(description=__doc__)
    for field in fields(Plan):
        parser.add_argument(f"--{field.name}", type=type(field.default), default=field.default)
    print(table(Plan(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
