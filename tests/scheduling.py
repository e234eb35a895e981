"""Which worker runs which tests of `make test`: file by file, and all that need Neo4j on one."""

from __future__ import annotations

import re
from functools import cached_property

from xdist.scheduler import LoadFileScheduling

TESTED_ON_NEO4J = re.compile(r"\[(.*-)?neo4j[-\]]")  # in a test's name: its engine
STARTS_NEO4J = re.compile(r"\b(neo4j_server: Engine|other: Store)\b")  # in a module's text: a fixture that it asks for
NEO4J = "Neo4j"


class OneNeo4j(LoadFileScheduling):
    """Files go to whoever is free, but for those that need Neo4j: starting a server takes 20 processor seconds."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return NEO4J if file in self._on_neo4j else file

    @cached_property
    def _on_neo4j(self) -> set[str]:
        tests = {nodeid: nodeid.partition("::")[0] for nodeid in self.collection or ()}
        chosen = {file for nodeid, file in tests.items() if TESTED_ON_NEO4J.search(nodeid)}
        texts = {file: (self.config.rootpath / file).read_text(encoding="utf-8") for file in set(tests.values())}
        return chosen | {file for file, text in texts.items() if STARTS_NEO4J.search(text)}
