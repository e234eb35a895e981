"""Loading and deleting studies: ownership of a study, and making it visible atomically.

A study's node carries its state. `loading` and `deleting` studies are held by an owner that refreshes `updated_at`
with each batch, in the same transaction, so a process that lost the study to another can write no more. If the owner
is gone, the next process that needs the study or its name takes over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Literal

from mri_core.errors import StoreError, name_taken, names_lost
from mri_core.records.graph import Study
from mri_core.store import naming, schema
from mri_core.store.bolt.driver import Run, Transactions
from mri_core.store.bolt.failures import ConnectionLostError
from mri_core.store.owner import Owner
from mri_core.store.rows import Batch

POLL = 0.5  # seconds between two checks of a study that another process owns
# nodes in one transaction: a region may have many connections, an intervention many changes, a part of an atlas is long
DELETE_BATCH = {"Document": 1000, "Intervention": 100, "Region": 100, "AtlasPart": 50}
DELETE_BATCH_OTHERS = 1000

# A late write of a server that was given up finds the study ready, or its batches further on.
HOLD = """
MATCH (s:Study {llm_mri: true, id: $id}) SET s.updated_at = $now
WITH s WHERE s.owner = $owner AND s.status <> 'ready'
RETURN s.status AS status, coalesce(s.batches, 0) AS batches
"""

# A batch whose commit was interrupted may have arrived: its number, written with it, shows this on a retry.
COUNT = "MATCH (s:Study {llm_mri: true, id: $id}) SET s.batches = $number"

CLAIM = """
MERGE (s:Study {llm_mri: true, id: $id})
ON CREATE SET s += $properties
RETURN s.status AS status, s.owner AS owner, s.updated_at AS updated_at
"""

# The first SET takes the lock, so that of two processes that both saw the study abandoned only one gets it.
TAKE_OVER = """
MATCH (s:Study {llm_mri: true, id: $id}) SET s.taken_at = $now
WITH s WHERE s.status <> 'ready' AND ((s.owner = $seen_owner AND s.updated_at = $seen_at)
  OR (s.owner = $properties.owner AND s.batches IS NULL))
SET s += $properties REMOVE s.taken_at, s.batches
RETURN s.id AS id
"""

# Writing to all studies of the name makes two loads that end simultaneously conflict: one of them is retried.
SAME_NAME = """
MATCH (s:Study {llm_mri: true, name: $name}) SET s.updated_at = $now
RETURN s.id AS id, s.status AS status, s.owner AS owner
"""


def load(
    writer: Transactions,
    study: Study,
    batches: Iterable[Batch],
    *,
    replace: bool,
    progress: Callable[[int], None],
    notify: Callable[[str], None] | None,
    verify: Callable[[], None] = lambda: None,
    drop: Callable[[str], None] = lambda study_id: None,
) -> Literal["ready", "unchanged"]:
    """Write a study and make it visible; see `Store.load`. `progress` receives the number of rows written so far.

    `drop` is called with the id of each study that is removed, for what lies beside the store.
    """
    owner = Owner.of_this_process()
    _sweep(writer, study.name, study.id, owner, drop)
    if not _claim(writer, study, owner, notify):
        return "unchanged"
    try:
        _write(writer, study, batches, owner, progress)
        verify()
        replaced = _publish(writer, study, owner, replace)
    except ConnectionLostError:  # the store cannot be reached to release it
        raise
    except BaseException:
        _give_up(writer.at_once(), study.id, owner, drop)
        raise
    for old in replaced:
        _remove(writer, old, owner, drop)
    return "ready"


def delete(writer: Transactions, study: Study, drop: Callable[[str], None] = lambda study_id: None) -> int:
    """Remove every node of a study, and leftovers of its name; return their number. `drop` is that of `load`."""
    owner = Owner.of_this_process()
    found = writer.run(
        "MATCH (s:Study {llm_mri: true, id: $id}) "
        "SET s.status = 'deleting', s.owner = $owner, s.updated_at = $now RETURN s.id",
        id=study.id,
        owner=str(owner),
        now=_now(),
    )
    removed = _remove(writer, study.id, owner, drop) if found else 0
    _sweep(writer, study.name, study.id, owner, drop)
    return removed


def sweep(writer: Transactions, name: str, drop: Callable[[str], None] = lambda study_id: None) -> int:
    """Remove the nodes that failed loads left of a name, but not what another process owns; return their number.

    `drop` is that of `load`.
    """
    return _sweep(writer, name, None, Owner.of_this_process(), drop)


def _claim(writer: Transactions, study: Study, owner: Owner, notify: Callable[[str], None] | None) -> bool:
    """Wait until the study is ours to load (true), or ready (false)."""
    properties = _properties(study, owner)
    notified = False
    while True:
        properties["updated_at"] = _now()
        (found,) = _merge(writer, study.id, properties)
        if found["owner"] == str(owner) or _take_over(writer, study.id, found, properties):
            _empty(writer, study.id, owner)
            return True
        if found["status"] == "ready":
            return False
        if not notified and notify is not None:
            notify(f"Waiting for another process that is writing study {study.id} ({found['owner']})")
        notified = True
        time.sleep(POLL)


def _merge(writer: Transactions, study_id: str, properties: dict[str, Any]) -> list[dict[str, Any]]:
    try:
        return writer.run(CLAIM, id=study_id, properties=properties)
    except StoreError:  # if two create the node simultaneously, the unique constraint fails one: now it exists
        return writer.run(CLAIM, id=study_id, properties=properties)


def _take_over(writer: Transactions, study_id: str, found: dict[str, Any], properties: dict[str, Any]) -> bool:
    if not Owner.parse(found["owner"]).has_left(found["updated_at"]):
        return False
    seen = {"seen_owner": found["owner"], "seen_at": found["updated_at"]}
    return bool(writer.run(TAKE_OVER, id=study_id, now=_now(), properties=properties, **seen))


def _write(
    writer: Transactions, study: Study, batches: Iterable[Batch], owner: Owner, progress: Callable[[int], None]
) -> None:
    written = 0
    for number, batch in enumerate(batches, 1):

        def work(run: Run, number: int = number, batch: Batch = batch) -> None:
            held = _hold(run, study.id, owner)
            if held["status"] == "loading" and held["batches"] < number:
                run(COUNT, id=study.id, number=number)
                run(batch.statement, study=study.id, rows=batch.rows)

        writer.transact(work)
        written += batch.size
        progress(written)


def _publish(writer: Transactions, study: Study, owner: Owner, replace: bool) -> list[str]:
    """Make the study ready and those that it replaces invisible; return their ids."""

    def work(run: Run) -> list[str]:
        namesakes = {found["id"]: found for found in run(SAME_NAME, name=study.name, now=_now())}
        own = namesakes.pop(study.id, {})
        if (own.get("status"), own.get("owner")) != ("ready", str(owner)):  # else done before, but the answer was lost
            _hold(run, study.id, owner)
        others = namesakes.values()
        ready = [found["id"] for found in others if found["status"] == "ready"]
        if ready and not replace:
            raise name_taken(f"{study.name!r} became the study {ready[0]} meanwhile")
        if ready and run(naming.ANY, studies=ready):  # given while this one was scanned
            raise names_lost(study.name)
        run(
            "MATCH (s:Study {llm_mri: true}) WHERE s.id IN $ready SET s.status = 'deleting', s.owner = $owner",
            ready=ready,
            owner=str(owner),
        )
        run("MATCH (s:Study {llm_mri: true, id: $id}) SET s.status = 'ready' REMOVE s.taken_at, s.batches", id=study.id)
        # Studies that we took over for deletion in a try whose answer was lost.
        return ready + [f["id"] for f in others if (f["status"], f["owner"]) == ("deleting", str(owner))]

    return writer.transact(work)


def _sweep(writer: Transactions, name: str, spared: str | None, owner: Owner, drop: Callable[[str], None]) -> int:
    """Remove what killed processes left of the name, partly deleted or loaded studies, except for one id."""
    leftovers = writer.run(
        "MATCH (s:Study {llm_mri: true, name: $name}) WHERE s.status <> 'ready' AND ($id IS NULL OR s.id <> $id) "
        "RETURN s.id AS id, s.owner AS owner, s.updated_at AS updated_at",
        name=name,
        id=spared,
    )
    removed = 0
    for found in leftovers:
        state = {"status": "deleting", "owner": str(owner), "updated_at": _now()}
        if _take_over(writer, found["id"], found, state):
            removed += _remove(writer, found["id"], owner, drop)
    return removed


def _give_up(writer: Transactions, study_id: str, owner: Owner, drop: Callable[[str], None]) -> None:
    """Release a failed load, and remove it if the store still answers; errors are ignored for the original failure."""
    try:
        _release(writer, study_id, owner)
        found = {"owner": "", "updated_at": ""}
        state = {"status": "deleting", "owner": str(owner), "updated_at": _now()}
        if _take_over(writer, study_id, found, state):
            _remove(writer, study_id, owner, drop)
    except StoreError:
        return  # the next process that wants the name takes over


def _release(writer: Transactions, study_id: str, owner: Owner) -> None:
    writer.run(
        "MATCH (s:Study {llm_mri: true, id: $id, owner: $owner}) WHERE s.status <> 'ready' "
        "SET s.owner = '', s.updated_at = ''",
        id=study_id,
        owner=str(owner),
    )


def _remove(writer: Transactions, study_id: str, owner: Owner, drop: Callable[[str], None]) -> int:
    """Delete a study that we own, its own node last; return the number of nodes."""
    try:
        drop(study_id)
        removed = _empty(writer, study_id, owner)
        (last,) = writer.run(
            "MATCH (s:Study {llm_mri: true, id: $id, owner: $owner}) DETACH DELETE s RETURN count(*) AS n",
            id=study_id,
            owner=str(owner),
        )
    except BaseException:
        with suppress(StoreError):
            _release(writer.at_once(), study_id, owner)
        raise
    return removed + int(last["n"])


def _empty(writer: Transactions, study_id: str, owner: Owner) -> int:
    """Delete everything that a study owns, in batches; return the number of nodes."""
    return sum(_empty_label(writer, study_id, owner, label) for label in schema.OWNED)


def _empty_label(writer: Transactions, study_id: str, owner: Owner, label: str) -> int:
    limit = DELETE_BATCH.get(label, DELETE_BATCH_OTHERS)
    statement = (
        f"MATCH (n:{label} {{llm_mri: true, study: $id}}) WHERE n.id STARTS WITH $id + '/' "
        f"WITH n LIMIT {limit} DETACH DELETE n RETURN count(*) AS n"
    )

    def work(run: Run) -> int:
        held = _hold(run, study_id, owner)
        if held["status"] == "loading" and held["batches"]:  # it was empty, and is being filled
            return 0
        return int(run(statement, id=study_id)[0]["n"])

    removed = 0
    while batch := writer.transact(work):
        removed += batch
    return removed


def _hold(run: Run, study_id: str, owner: Owner) -> dict[str, Any]:
    """Refresh our ownership of a study, locked until this transaction ends; return its status and batches."""
    held = run(HOLD, id=study_id, owner=str(owner), now=_now())
    if not held:
        raise StoreError(
            "One process at a time writes a study",
            f"Another took {study_id} over, since this one had been inactive",
            "Run the same command again: it waits for the other or finds the study ready",
        )
    return held[0]


def _properties(study: Study, owner: Owner) -> dict[str, Any]:
    state = {**asdict(study), "status": "loading", "owner": str(owner), "updated_at": _now()}
    return {key: value for key, value in state.items() if value is not None}


def _now() -> str:
    return datetime.now(UTC).isoformat()
