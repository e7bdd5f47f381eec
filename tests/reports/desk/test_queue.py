"""The queue as a page: filters, and views that are kept under a name."""

from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case, Filter
from tests.reports.desk.firm import Opened


def test_each_filter_leaves_what_it_says(desk: Opened) -> None:
    """The number on the page is that of the cases that are so, whatever the filter, and each of them is shown so."""
    client, rows = desk.client("stella"), desk.store.queue(Filter(), 500)
    given = Case(*(rows[3][n] for n in ("kind", "left", "right")))
    desk.store.act(Act("lena", "assign", given, other="stella"))
    source = rows[0]["left"].partition(":")[0]
    for query, which in (
        (f"source={source}", lambda r: f"|{source}|" in r["sources"]),
        (f"relation={rows[0]['relation']}", lambda r: r["relation"] == rows[0]["relation"]),
        ("assignee=stella", lambda r: Case(r["kind"], r["left"], r["right"]) == given),
        ("assignee=-", lambda r: Case(r["kind"], r["left"], r["right"]) != given),
        ("least=0.5&most=0.9", lambda r: 0.5 <= r["match_probability"] <= 0.9),
        ("before=2020-01-01", lambda _: False),
    ):
        many = sum(map(which, rows))
        assert f"<h1>{many} <span>" in client.get(f"/queue?{query}").text, query
    for wrong in ("before=2026-02-31", "before=soon", "least=much"):
        assert client.get(f"/queue?{wrong}").status_code == 422, wrong
    assert client.get("/history?day=2026-02-31").status_code == 422
    assert desk.client("ada").get("/audit?day=2026-02-31").status_code == 422


def test_views_are_kept_under_a_name(desk: Opened) -> None:
    """One's own, and by a lead everybody's; what is no filter is not kept, and nobody takes another's away."""
    stella, stavros, lena = (desk.client(name) for name in ("stella", "stavros", "lena"))
    relation = desk.store.queue(Filter(), 1)[0]["relation"]
    query = f"relation={relation}"
    kept = stella.post("/queue/views", data={"name": "Mine", "query": f"{query}&page=3&limits=x"})
    assert kept.headers["location"] == f"/queue?{query}"
    assert stella.post("/queue/views", data={"name": "All", "query": query, "everybody": "true"}).status_code == 403
    assert stella.post("/queue/views", data={"name": "None", "query": "page=3"}).status_code == 422
    lena.post("/queue/views", data={"name": "All of us", "query": query, "everybody": "true"})
    views = {view["name"]: view["seq"] for view in desk.store.views("stella")}
    assert list(views) == ["All of us", "Mine"]
    assert f'<a href="/queue?{query}">Mine</a>' in stella.get("/queue").text
    assert "Mine" not in stavros.get("/queue").text
    assert "All of us" in stavros.get("/queue").text
    assert stavros.post(f"/queue/views/{views['Mine']}/drop").status_code == 404
    assert stavros.post(f"/queue/views/{views['All of us']}/drop").status_code == 403
    stella.post(f"/queue/views/{views['Mine']}/drop")
    lena.post(f"/queue/views/{views['All of us']}/drop")
    assert desk.store.views("stella") == []


def test_a_viewer_cannot_find_out_what_is_masked(desk: Opened) -> None:
    """The queue's search looks through all values, so it is for those who see them all."""
    client = desk.client("vera")
    assert 'name="text"' not in client.get("/queue").text.split("<main")[1]
    refused = client.get("/queue?text=anna")
    assert (refused.status_code, "Under Customers" in refused.text) == (403, True)
