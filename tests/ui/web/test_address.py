"""What the page shows, in the address."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ui.drawing.scene import MEASURES
from ui.drawing.view import CONNECTIONS, GREATEST_Q, LEAST_STABILITY, MOST_FURTHER, ORDERS, SORTS, TABS, VALUES, View
from ui.web.state.address import read, write

views = st.builds(
    View,
    study=st.text(),
    tab=st.sampled_from(sorted(TABS)),
    category=st.text(),
    colour=st.text(),
    order=st.sampled_from(["", *ORDERS]),
    most_q=st.sampled_from(GREATEST_Q),
    least_stability=st.sampled_from(LEAST_STABILITY),
    measure=st.sampled_from(sorted(MEASURES)),
    connections=st.sampled_from(CONNECTIONS),
    first=st.none() | st.integers(0, 999),
    last=st.none() | st.integers(0, 999),
    stay=st.booleans(),
    region=st.text(),
    source=st.text(),
    target=st.text(),
    focus=st.booleans(),
    expanded=st.dictionaries(
        st.from_regex(r"\AL[0-9]/R[0-9]+(-[0-9]+)?\Z"), st.integers(1, MOST_FURTHER), max_size=50
    ).map(lambda counts: tuple(counts.items())),
    step=st.text(),
    value=st.sampled_from(sorted(VALUES)),
    versus=st.text(),
    sort=st.sampled_from(sorted(SORTS)),
    tried=st.text(),
    picked=st.text(),
)


@given(views)
def test_a_view_is_read_back_from_its_address(view: View) -> None:
    assert read(write(view)) == view


@given(st.dictionaries(st.sampled_from([*View.__dataclass_fields__, "other"]), st.text()))
def test_any_address_can_be_read(params: dict[str, str]) -> None:
    view = read(params)
    assert view.measure in MEASURES
    assert view.connections in CONNECTIONS
    assert view.order in ("", *ORDERS)
    assert view.most_q in GREATEST_Q
    assert view.least_stability in LEAST_STABILITY
    assert view.tab in TABS
    assert view.value in VALUES
    assert view.sort in SORTS


def test_the_address_of_the_default_view_is_empty() -> None:
    assert write(View()) == {}


def test_what_cannot_be_understood_is_as_if_it_were_not_there() -> None:
    assert (
        read({"tab": "Graph", "connections": "many", "measure": "beauty", "first": "-1", "stay": "perhaps"}) == View()
    )


def test_an_expanded_region_that_is_no_region_or_adds_nothing_is_left_out() -> None:
    assert read({"expanded": "L0/R1*10,L1/R2*many,L2/R3*0,*5,,L0/R2*999999"}).expanded == (
        ("L0/R1", 10),
        ("L0/R2", MOST_FURTHER),
    )


def test_expanding_adds_up_and_collapsing_takes_it_all_back() -> None:
    view = View().expand("L0/R1", 10).expand("L1/R1", 3).expand("L0/R1", 10)
    assert view.expanded == (("L0/R1", 20), ("L1/R1", 3))
    assert view.collapse("L0/R1") == View().expand("L1/R1", 3)
    assert len(View(expanded=tuple((f"L0/R{i}", 1) for i in range(50))).expand("L1/R1", 1).expanded) == 50


def test_picking_something_else_ends_the_focus() -> None:
    view = View(region="L0/R1", focus=True)
    assert view.on("L1/R1").focus
    assert not view.on(source="L0/R1", target="L1/R1").focus
