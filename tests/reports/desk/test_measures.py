"""Known pairs among the others, and what people are told of their own work."""

import re

import pytest

from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case
from reports.desk.pages import case as pages
from tests.reports.desk.firm import Opened
from tests.reports.desk.test_colleagues import address, answered


@pytest.fixture
def known(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> Case:
    """A pair of which two people said that it is one customer; each case that is given now is a known one."""
    desk.set(second_reader_above=0)
    case = desk.case()
    for name in ("stavros", "lena"):
        assert answered(desk, desk.client(name), case, "same").status_code == 200
    desk.set(known_share=0.1)
    monkeypatch.setattr(pages.dice, "random", lambda: 0.0)
    return case


def shape(page: str, case: Case) -> str:
    """A page without what is a customer's, a number, or said of a field: what could tell it from another."""
    body = page.split("<main")[1].replace(case.left, "LEFT").replace(case.right, "RIGHT")
    tags = re.findall(r"<(?:form|input|button|dialog|section|details|h1|p|article)[^>]*>", body)
    return re.sub(r'value="[^"]*"|data-case="[^"]*"|data-address="[^"]*"|data-rest="[^"]*"', "", "\n".join(tags))


def test_a_known_pair_looks_like_any_other(desk: Opened, known: Case) -> None:
    """The same parts, the same form of address, nothing of the decision; on a second look and by its address too."""
    client = desk.client()
    page = client.get("/decide").text
    assert f'value="{known.left}"' in page
    assert "decided" not in page.split("<main")[1]
    homes = desk.store.homes_of([known.left, known.right])
    assert not any(home["golden_id"] in page for home in homes.values())
    assert "stavros decided" not in page
    assert f'value="{known.left}"' in client.get("/decide").text, "loaded again"
    assert client.get(address(known)).status_code == 200
    ordinary = desk.client("stavros")
    pages.dice.random = lambda: 1.0  # type: ignore[method-assign]
    other = desk.case()
    assert shape(ordinary.get("/decide").text, other) == shape(page, known)


def test_the_answer_to_a_known_pair_measures_and_decides_nothing(desk: Opened, known: Case) -> None:
    """It is kept beside what was expected; undo brings the case back; the person and the leads see the measure, and
    so few cases are told to be too few.
    """
    client, before = desk.client(), desk.store.decisions().num_rows
    client.get("/decide")
    number = answered(desk, client, known, "different").json()["act"]
    assert client.post(f"/acts/{number}/undo").status_code == 303
    assert f'value="{known.left}"' in client.get("/decide").text
    answered(desk, client, known, "different")
    act = desk.store.acts(user="stella", action="answer")[0]
    assert (act["purpose"], act["expected"], act["answer"]) == ("known", "same", "different")
    assert desk.store.decisions().num_rows == before
    assert f'value="{known.left}"' not in client.get("/decide").text, "nobody is shown a known pair twice"
    mine = client.get("/me").text
    assert "0 of 1\u00a0known case answered as it is known" in mine
    assert "too few to say" in mine
    listed = desk.client("lena").get("/people").text
    assert re.search(r"stella.*?0 of 1.*?too few to say", listed, re.S)
    assert client.get("/people").status_code == 403


def test_what_others_take_back_is_told_before_speed(desk: Opened) -> None:
    """Reversals stand on one's page, and time comes after them, from enough answers on."""
    cases = [desk.case(n) for n in range(31)]
    for n, case in enumerate(cases):
        act = Act("stella", "answer", case, (), answer="same", purpose="queue", seconds=1.5 + n / 10)
        desk.store.act(act)
    number = answered(desk, desk.client(), cases[0], "different").json()["act"]
    assert desk.client("lena").post(f"/acts/{number}/undo").status_code == 303
    page = desk.client().get("/me").text
    assert "1 of 1\u00a0decision was taken back" in page
    assert page.index("Agreement") < page.index("Reversals") < page.index("Speed")
    assert "3.0\u00a0s" in page
