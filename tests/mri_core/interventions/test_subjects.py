"""Which documents a direction is made of and tried on."""

from __future__ import annotations

import numpy as np
import pytest

from mri_core.errors import UsageError
from mri_core.interventions.subjects import Asked, subject_of

# Documents in threes of layers: 40 in region 0, 40 in 1, 20 in 2; those of 0 go on to 5, but for a quarter to 6.
HERE = np.repeat([0, 1, 2], [40, 40, 20])
NEXT = np.where(HERE == 0, np.where(np.arange(100) % 4 == 0, 6, 5), HERE)
LAST = np.where(NEXT == 6, 9, NEXT)
CODES = np.stack([HERE, NEXT, LAST], axis=1)
FIRST = np.arange(100) % 2 == 0


def found(asked, most=200, codes=CODES, first=FIRST):
    return subject_of(asked, codes, first, most, 0, "L0/R0")


def test_a_direction_is_of_the_first_half_and_tried_on_texts_of_the_second():
    for operation, tried in (("add", HERE != 0), ("erase", HERE == 0)):
        subject = found(Asked(operation, 0, 0))
        assert subject.contrast.towards.tolist() == np.flatnonzero(FIRST & (HERE == 0)).tolist()
        assert subject.contrast.away.tolist() == np.flatnonzero(FIRST & (HERE != 0)).tolist()
        assert subject.texts.tolist() == np.flatnonzero(~FIRST & tried).tolist()
        assert subject.bystanders.tolist() == np.flatnonzero(~FIRST & ~tried).tolist()
        assert set(subject.pilot) <= set(np.flatnonzero(FIRST & tried))
        assert subject.known.tolist() == np.flatnonzero(FIRST).tolist()
        assert len(subject.regions) == 2


def test_the_path_is_where_most_documents_of_the_first_half_go():
    assert found(Asked("erase", 0, 0)).path == (5, 5)  # 0, 2, 4, …: a half of them to 6 would be a tie
    assert found(Asked("erase", 0, 0, towards=6)).path == (6, 9)
    assert found(Asked("erase", 0, 1)).path == (1, 1)
    assert found(Asked("erase", 1, 6), first=np.arange(100) % 8 < 4, codes=CODES).path == (9,)


def test_a_swap_moves_texts_of_the_region_or_into_the_first_region_of_a_connection():
    away = found(Asked("swap", 0, 0, other=1))
    assert set(HERE[away.texts]) == {0}
    assert set(HERE[away.contrast.towards]) == {1}
    assert set(HERE[away.contrast.away]) == {0}
    assert away.path == (1, 1)
    assert [set(HERE[one.towards]) for one in away.regions] == [{2}]  # the texts' own region is no other
    into = found(Asked("swap", 0, 0, towards=5, other=1))
    assert set(HERE[into.texts]) == {1}
    assert set(HERE[into.contrast.towards]) == {0}
    assert into.path == (5, 5)


def test_a_sample_of_many_texts_is_seeded():
    few = found(Asked("add", 0, 0), most=7)
    assert (len(few.texts), len(few.bystanders)) == (7, 2)
    assert few.texts.tolist() == found(Asked("add", 0, 0), most=7).texts.tolist()
    assert (np.diff(few.texts) > 0).all()


def test_regions_with_few_documents_in_a_half_are_refused():
    with pytest.raises(UsageError, match=r"5 documents on each side.*has 4 on the one side and 34"):
        found(Asked("erase", 0, 0), first=FIRST & ((HERE != 0) | (np.arange(100) < 8)) | (np.arange(100) > 92))
    with pytest.raises(UsageError, match="documents that take it"):
        found(Asked("erase", 0, 1, towards=5))
