"""Review packs: out as a protected workbook, back with its conflicts told, once however often it is imported."""

import io
import re
import zipfile
from html import escape, unescape
from typing import Any

import openpyxl
import pytest

from connectors.store.desk.batches import NewBatch
from connectors.store.desk.filter import Case, Filter
from connectors.store.state import Store
from tests.reports.desk.firm import Opened

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sent(client: Any, size: int = 10) -> Any:
    """A new pack, as openpyxl reads it: the page lists it at once, and its download begins there."""
    page = client.get(client.post("/packs", data={"size": size}).headers["location"]).text
    (address,) = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', page)
    assert f'<a href="{address}" download>Pack' in page
    answer = client.get(address)
    assert answer.headers["content-type"] == XLSX
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def back(client: Any, book: Any, **told: str) -> Any:
    file = io.BytesIO()
    book.save(file)
    return client.post("/packs/import", data=told, files={"file": ("pack.xlsx", file.getvalue(), XLSX)})


def test_the_workbook_is_locked_but_for_the_answers(desk: Opened) -> None:
    """Both records of each case, a list of answers, room for a comment, instructions; and nothing runs as a formula."""
    book = sent(desk.client(), 5)
    assert book.sheetnames == ["Instructions", "Cases", "goldseam"]
    sheet = book["Cases"]
    assert all(one.protection.sheet for one in book)
    assert book["goldseam"].sheet_state == "veryHidden"
    open_cells = {cell.coordinate for row in sheet for cell in row if not cell.protection.locked}
    assert open_cells == {f"{column}{row}" for column in "BC" for row in range(2, 12, 2)}
    assert not book["Instructions"]["B4"].protection.locked
    lists = sheet.data_validations.dataValidation
    assert {one.formula1 for one in lists} == {'"same,different,related,skip"'}
    assert {str(one.sqref) for one in lists} == {f"B{row}" for row in range(2, 12, 2)}
    cases = desk.store.queue(Filter(), 5)
    assert [sheet.cell(row, 4).value for row in range(2, 12)] == [row[s] for row in cases for s in ("left", "right")]
    names = {row[4].value for row in sheet.iter_rows(min_row=2)}
    assert {desk.service.records([cases[0]["left"]])[cases[0]["left"]].name} & names or None not in names
    assert not [cell for row in sheet for cell in row if cell.data_type == "f"]


def test_answers_come_back_once_and_every_other_row_is_told(desk: Opened) -> None:
    """Good rows in one act on behalf of their reader; conflicts with sheet, row and remedy; a second import is none."""
    client = desk.client()
    book, cases = sent(client), desk.store.queue(Filter(), 10)
    sheet = book["Cases"]
    for n, answer in enumerate(("different", "related", "skip", "same", "maybe", "different")):
        sheet.cell(2 + 2 * n, 2).value = answer
    sheet["C2"], sheet["C6"], sheet["D12"] = "rang both", "cannot tell", "sales:another"
    book["Instructions"]["B4"] = "Eleni"
    desk.store.decide("different", cases[3]["left"], cases[3]["right"], user="stavros")
    page = back(client, book).text
    assert "answers of Eleni taken in" in page
    for told in ("Cases, row 8", "by stavros on", "Cases, row 10", "&#39;maybe&#39; is no answer", "Cases, row 12",
                 "not those that were sent", "5 not answered"):  # fmt: skip
        assert told in page.replace("\xa0", " "), told
    made = [d for d in desk.store.decisions().to_pylist() if d["user"] == "stella"]
    assert [(d["kind"], d["reason"]) for d in made] == [
        ("different", "on behalf of Eleni: rang both"), ("related", "on behalf of Eleni"),
    ]  # fmt: skip
    said = [act["text"] for act in desk.store.acts(action="comment")]
    assert said == ["Eleni: cannot tell"]
    before = len(desk.store.acts(limit=500)), desk.store.last_decision()
    again = back(client, book).text
    assert "Nothing was decided" in again
    assert (len(desk.store.acts(limit=500)), desk.store.last_decision()) == before
    desk.store.undo_act(desk.store.acts(action="pack")[0]["seq"], "stella")
    assert [d["user"] for d in desk.store.decisions().to_pylist()] == ["stavros"]


def rows_of(page: str, title: str) -> list[str]:
    """The rows of the table under a title."""
    return re.findall('<tr><th scope="row".*?</tr>', page.partition(f"<h2>{title}</h2>")[2].partition("</table>")[0])


def test_each_row_of_a_pack_names_its_customers_and_leads_to_its_case(desk: Opened) -> None:
    """What was taken in with its answer and comment, and what was not, with where it stands in the file; customers that
    are not among one's own are not named.
    """
    client = desk.client()
    book, cases = sent(client), desk.store.queue(Filter(), 10)
    book["Cases"]["B2"], book["Cases"]["C2"], book["Cases"]["B4"] = "related", "neighbours", "same"
    desk.store.decide("different", cases[1]["left"], cases[1]["right"], user="stavros")
    page = back(client, book, name="Eleni").text
    for title, row, told in (
        ("Taken in", cases[0], ("related, two customers", "neighbours")),
        ("Not taken in", cases[1], ("Cases, row 4", "by stavros on")),
    ):
        (said,) = rows_of(page, title)
        names = desk.service.names([row["left"], row["right"]])
        for word in (*told, *(f"<bdi>{escape(name)}</bdi>" for name in names.values())):
            assert word in said, (title, word)
        address = re.search(r'href="(/case\?[^"]+)"', said)
        assert address
        assert client.get(unescape(address[1])).status_code == 200
    desk.store.change_user("stavros", limits='{"departments": ["nobody\'s"]}')
    theirs = rows_of(back(desk.client("stavros"), book).text, "Not taken in")
    assert ["Customers that are not among yours" in said and "<bdi>" not in said for said in theirs] == [True, True]


def test_contradictions_are_left_out_and_told(desk: Opened) -> None:
    """An answer that earlier decisions exclude is not taken in; the others are."""
    client = desk.client()
    book, cases = sent(client, 2), desk.store.queue(Filter(), 2)
    for end in ("left", "right"):
        desk.store.decide("same", cases[0][end], "sales:middle", user="stavros")
    book["Cases"]["B2"], book["Cases"]["B4"] = "different", "different"
    page = back(client, book, name="Eleni").text
    assert "sales:middle" in page
    mine = [d for d in desk.store.decisions().to_pylist() if d["user"] == "stella"]
    assert len(mine) == 1


def test_who_was_quicker_is_told(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody decides while an import writes is told as what was decided before: who, and where in the file."""
    client = desk.client()
    book, cases, take = sent(client, 3), desk.store.queue(Filter(), 3), Store.decide_pack

    def overtaken(store: Store, *args: Any) -> int:
        for case, kind in zip(cases, ("same", "different"), strict=False):
            desk.store.decide(kind, case["left"], case["right"], user="stavros")
        return take(store, *args)

    monkeypatch.setattr(Store, "decide_pack", overtaken)
    book["Cases"]["B2"], book["Cases"]["B4"], book["Cases"]["B6"] = "different", "different", "related"
    page = back(client, book, name="Eleni").text.replace("\xa0", " ")
    assert "1 <span>answer of Eleni taken in" in page
    assert "1 decided so already" in page
    assert "Cases, row 2" in page
    assert "&#39;same&#39; by stavros on" in page
    assert "Cases, row 4" not in page


@pytest.mark.parametrize("what", ["text", "zip", "another", "token", "bomb"])
def test_what_is_no_pack_is_refused_in_words(desk: Opened, what: str) -> None:
    """A file of another kind, a workbook of somebody else's, a changed token, a bomb: nothing is decided."""
    client, data = desk.client(), b"no workbook at all"
    if what in ("zip", "bomb"):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b"0" * (310_000_000 if what == "bomb" else 10))
        data = file.getvalue()
    if what in ("another", "token"):
        book = sent(client, 1) if what == "token" else openpyxl.Workbook()
        if what == "token":
            book["goldseam"]["A1"] = "guessed"
        file = io.BytesIO()
        book.save(file)
        data = file.getvalue()
    answer = client.post("/packs/import", files={"file": ("pack.xlsx", data, XLSX)})
    assert answer.status_code == 422
    assert 'class="problem"' in answer.text
    assert desk.store.decisions().num_rows == 0


def test_who_may_what(desk: Opened) -> None:
    """A pack is fetched by who made it or a lead, and answers to cases outside one's limits are not taken in."""
    book = sent(desk.client("stella"), 2)
    assert desk.client("stavros").get("/packs/1.xlsx").status_code == 403
    assert desk.client("lena").get("/packs/1.xlsx").status_code == 200
    assert desk.client("vera").get("/packs/1.xlsx").status_code == 403
    desk.store.change_user("stavros", limits='{"departments": ["nobody\'s"]}')
    book["Cases"]["B2"] = "same"
    assert "not in yours" in back(desk.client("stavros"), book).text
    assert desk.store.decisions().num_rows == 0


def test_batches_and_packs_are_numbered_each_for_themselves(desk: Opened) -> None:
    """The first pack is Pack 1, however many batches were made before it; the file says so too."""
    client = desk.client()
    batch = NewBatch("stella", "", "different", 0.9, 2)
    for _ in range(2):
        desk.store.make_batch(batch, [Case.of(row) for row in desk.store.queue(Filter(), 5)])
    told = client.post("/packs", data={"size": 2})
    page = client.get(told.headers["location"]).text
    assert "Pack 1 is made" in page
    (made,) = desk.store.batches("pack")
    assert (made["seq"], made["number"]) == (3, 1)
    assert "review-pack-1.xlsx" in client.get("/packs/3.xlsx").headers["content-disposition"]
    assert [b["number"] for b in desk.store.batches("batch")] == [2, 1]
    assert "is made" not in client.get("/packs").text
    assert "is made" not in desk.client("stavros").get(told.headers["location"]).text
