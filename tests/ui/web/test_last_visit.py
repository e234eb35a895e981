"""What the page shows while an embedded engine starts: what it saw at its last visit, until the engine tells more."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st

from mri_core.errors import StoreError
from mri_core.records.graph import Study
from mri_core.records.table import Table
from mri_core.store import VARIABLE
from mri_core.store.embedded import folder, lifecycle
from mri_core.store.store import Store
from tests.engines import Engine
from tests.planted import planted_graph
from tests.ui.evidence import weighed
from tests.ui.page import opened, start, words
from ui.jobs import access
from ui.web.state import answers, last_visit, reading
from ui.web.state.last_visit import LAST, Seen
from ui.web.warm_up import read_ahead, take_up

TABLE = Table(("region", "keywords", "share"), (("R1", ["a", "line\nbreak"], 1 / 3), ("R2", [], None)), True)
ASKED = {"limit": 3, "category": None}
NAME = "page-seen"
NOTE = "The store is starting: this is what it held at the last visit."


@pytest.fixture(autouse=True)
def nothing_was_seen() -> Iterator[None]:
    yield
    LAST.drop()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A store's folder whose engine never ran, with something that was seen of it."""
    folder.make(tmp_path)
    last_visit.save(tmp_path, seen())
    return tmp_path


def seen(*studies: Study) -> Seen:
    """Two studies, and an answer about the first."""
    known = studies or (planted_graph("new").study, planted_graph("old", seed=1).study)
    return Seen(known, ("One cannot be read.",), {last_visit.question("regions", ASKED): last_visit.answer(TABLE)})


def test_what_was_seen_is_told_as_it_was_and_to_nobody_else(place: Path) -> None:
    found = last_visit.load(place)
    assert found == seen()
    assert found.answer(found.studies[0], "regions", dict(reversed(ASKED.items()))) == TABLE
    (file,) = place.glob(f"{folder.SEEN}*")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_study_is_found_by_its_name_before_it_is_by_its_id() -> None:
    first, second = seen().studies
    twins = seen(replace(first, id=second.name), second)
    assert twins.study(second.name) == second
    assert twins.study(first.name) == twins.studies[0]
    assert twins.study("none") is None


@pytest.mark.parametrize("change", [{"revision": 2}, {"created_at": "2028-01-01"}, {"id": "another"}], ids=str)
def test_an_answer_is_of_the_newest_study_as_it_was_in_everything(change: dict[str, object]) -> None:
    kept = seen()
    newest, older = kept.studies
    assert kept.answer(replace(newest, **change), "regions", ASKED) is None
    assert kept.answer(older, "regions", ASKED) is None
    assert kept.answer(newest, "regions", {**ASKED, "limit": 4}) is None
    assert kept.answer(newest, "layers", {}) is None


def test_whoever_asks_gets_an_answer_of_their_own() -> None:
    kept = seen()
    first = kept.answer(kept.studies[0], "regions", ASKED)
    assert first is not None
    first.rows[0][1].append("changed")
    assert kept.answer(kept.studies[0], "regions", ASKED) == TABLE


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def changed(file: Path) -> None:
    file.write_text(file.read_text("utf-8").replace('"new"', '"now"'), "utf-8")


def of_another_store(file: Path) -> None:
    (file.parent / folder.WRITER_SECRET).write_text("0" * 48)


def no_text(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\n\xff")


def strange_seal(file: Path) -> None:
    file.write_text("é\n{}", encoding="utf-8")


@pytest.mark.parametrize("damage", [cut_off, changed, of_another_store, no_text, strange_seal, Path.unlink])
def test_what_is_damaged_or_foreign_is_not_believed(place: Path, damage: Callable[[Path], None]) -> None:
    damage(place / folder.SEEN)
    assert last_visit.load(place) is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"made": {"questions": {"no-such": "0"}}}', "no JSON"])
def test_what_another_version_kept_in_another_form_is_not_believed(place: Path, text: str) -> None:
    folder.keep_seen(place, text)
    assert last_visit.load(place) is None


def test_what_another_version_or_another_question_gave_is_not_believed(
    place: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(last_visit, "version", lambda _: "0.0.1")
        assert last_visit.load(place) is None
    with monkeypatch.context() as patch:
        patch.setattr(last_visit, "SCHEMA_VERSION", 2)
        assert last_visit.load(place) is None
    questions = tmp_path_factory.mktemp("questions")
    (questions / "regions.cypher").write_text(
        (last_visit.OWN / "regions.cypher").read_text("utf-8") + "// new", "utf-8"
    )
    monkeypatch.setattr(last_visit, "OWN", questions)
    assert last_visit.load(place) is None


def test_what_takes_too_long_to_read_is_not_kept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.forget_seen(place)
    monkeypatch.setattr(last_visit, "MOST_KEPT", 100)
    last_visit.save(place, seen())
    assert last_visit.load(place) is None


@pytest.mark.engine
class TestAVisit:
    """A store of which a study was seen, and another folder of which the same was seen and whose engine has not run."""

    @pytest.fixture(scope="class")
    def visited(self, store: Store, page_store: Engine) -> Iterator[Seen]:
        """What the page saw of the session's store; its newest study has findings."""
        graph = weighed(NAME, 27)
        store.write(replace(graph, study=replace(graph.study, created_at="2028-01-01T00:00:00+00:00")))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(VARIABLE, page_store.location)
            read_ahead()
        found = last_visit.load(Path(page_store.location))
        assert found is not None
        yield found
        store.delete(found.studies[0])

    @pytest.fixture
    def asleep(self, visited: Seen, bare_folder: Path) -> Path:
        """The page begins with what was seen, in a store whose engine does not run and holds nothing."""
        folder.make(bare_folder)
        last_visit.save(bare_folder, visited)
        st.cache_data.clear()
        take_up()
        return bare_folder

    @pytest.mark.parametrize(
        ("file", "told"),
        [
            ("studies.py", "A click on a row opens the study."),
            ("overview.py", "connections differ between the categories"),
            ("scan.py", "How 60 documents of 3 categories go through"),
        ],
    )
    def test_the_first_views_are_drawn_without_the_engine_and_say_so(self, asleep: Path, file: str, told: str) -> None:
        page = opened(file, study=NAME)
        assert NOTE in page.caption[0].value
        assert told in words(page)
        assert not page.error
        assert not lifecycle.status(asleep).running

    def test_they_are_what_the_engine_tells(
        self, asleep: Path, visited: Seen, page_store: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = words(opened("scan.py", study=NAME))
        monkeypatch.setenv(VARIABLE, page_store.location)
        LAST.drop()
        page = opened("scan.py", study=NAME)
        assert words(page) == before
        assert NOTE not in page.caption[0].value

    def test_once_the_engine_has_answered_what_is_not_there_is_not_shown(self, asleep: Path) -> None:
        page = start()
        assert NAME in list(page.dataframe[0].value["name"])
        assert reading.wake() == []
        page.run()
        assert not page.dataframe
        assert "There is no study in this store yet." in words(page)
        assert all(NOTE not in caption.value for caption in page.caption)

    def test_what_compares_deletes_or_is_ones_own_asks_the_engine(self, asleep: Path, visited: Seen) -> None:
        newest = visited.studies[0]
        every = "MATCH (s:Study {llm_mri: true}) RETURN s.name AS name"
        assert answers.cypher(every, newest, timeout=60, max_rows=9).rows == ()
        assert reading.is_starting()
        with pytest.raises(reading.StudyGoneError):
            reading.compare(newest, ("animal", "plant"))
        with pytest.raises(reading.StudyGoneError):
            reading.ask(newest, "regions", limit=1)  # which no first view asks
        reading.delete(newest)
        assert not reading.is_starting()
        assert reading.studies() == []

    def test_an_engine_that_does_not_start_is_told_in_the_place_of_what_was_seen(self, asleep: Path) -> None:
        (asleep / "databases").write_text("no folder")
        page = start()
        assert not page.error
        with pytest.raises(StoreError, match="must start"):
            reading.wake()
        page.run()
        assert "The embedded engine must start" in words(page)
        assert not page.dataframe

    def test_whoever_is_not_signed_in_sees_nothing_of_it(self, asleep: Path) -> None:
        access.serve_with(access.Access(sign_in="token"))
        try:
            page = start()
        finally:
            access.serve_with(access.Access())
        assert [text.value for text in page.text] == ["Sign in first."]
        assert not page.caption
        assert not page.dataframe

    def test_of_a_server_nothing_is_kept_or_shown(self, visited: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(VARIABLE, "bolt://127.0.0.1:1")
        LAST.begin(visited)
        take_up()
        assert not reading.is_starting()

    def test_a_study_that_goes_while_the_page_looks_is_not_kept(
        self, visited: Seen, page_store: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(VARIABLE, page_store.location)
        ghost = replace(visited.studies[0], id="ghost", name="ghost")
        reading.keep([ghost, *visited.studies], {})
        assert last_visit.load(Path(page_store.location)) is None
        assert LAST.changed.is_set()
        read_ahead()
        assert last_visit.load(Path(page_store.location)) == visited

    def test_another_list_of_studies_is_read_ahead_again(
        self, visited: Seen, store: Store, page_store: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(VARIABLE, page_store.location)
        read_ahead()
        reading.studies()
        assert not LAST.changed.is_set()
        other = planted_graph("page-later", seed=5)
        store.write(other)
        try:
            reading.studies()
            assert LAST.changed.is_set()
        finally:
            store.delete(other.study)
            read_ahead()
