"""`mri store copy`, between a folder and a server."""

from __future__ import annotations

import pytest

from mri_core.store.store import Store
from tests.command import Mri
from tests.engines import Engine
from tests.planted import planted_graph

pytestmark = pytest.mark.engine


@pytest.mark.slow
def test_studies_are_copied_by_the_command(embedded_store: Engine, neo4j_server: Engine, mri: Mri) -> None:
    with Store(embedded_store.connect) as store, Store(neo4j_server.connect) as server:
        for name in ("one", "two"):
            store.write(planted_graph(f"command-{name}"))
        places = (embedded_store.location, neo4j_server.location)
        result = mri("store", "copy", *places, "--study", "command-one", **neo4j_server.environment).done()
        assert "command-one (command-one-00000000): copied, checksum " in result.out
        assert "command-two" not in {study.name for study in server.studies()}
        result = mri("store", "copy", *places, "--quiet", **neo4j_server.environment).done()
        assert "command-one (command-one-00000000): is there already" in result.out
        assert "command-two (command-two-00000000): copied" in result.out
        store.delete(store.study("command-two"))
        mri("store", "copy", places[1], places[0], "--study", "command-two", **neo4j_server.environment).done()
        assert "command-two" in mri("studies").done().out
        refused = mri("store", "copy", *places, "--study", "command-tow", **neo4j_server.environment)
        assert "command-two" in refused.refusal()
        assert "another store" in mri("store", "copy", places[0], places[0]).refusal()
        for place in (store, server):
            for study in place.studies():
                if study.name.startswith("command-"):
                    place.delete(study)
