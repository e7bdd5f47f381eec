"""The audit log: every look at a customer and every decision, for administrators."""

import csv
import io

from connectors.store.desk.filter import Filter
from tests.reports.desk.firm import Opened


def test_every_look_and_every_decision_is_on_record(desk: Opened) -> None:
    """Who saw a customer, as a page or in a case, who decided: found by the golden id; exported without formulas."""
    row = desk.store.queue(Filter(), 1)[0]
    golden_id = desk.store.homes_of([row["left"]])[row["left"]]["golden_id"]
    case = {"case": row["kind"], "left": row["left"], "right": row["right"]}
    stella, ada = desk.client("stella"), desk.client("ada")
    stella.get(f"/customers/{golden_id}")
    stella.get("/case", params=case)
    stella.post("/case/answer", data={**case, "answer": "same", "seen": "0"})
    desk.store.note("=1+1", "sign-in refused", "name =1+1")
    page = ada.get("/audit", params={"subject": golden_id}).text
    for action in ("customer seen", "case seen", "answered same"):
        assert f"<td>{action}</td>" in page, action
    assert "sign-in refused" not in page.partition("<tbody>")[2]
    assert "<td>case seen</td>" not in ada.get("/audit?user=lena").text
    assert desk.client("lena").get("/audit").status_code == 403
    answer = ada.get("/audit.csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [r["seq"] for r in rows] == [str(n + 1) for n in range(len(rows))]
    assert "'=1+1" in {r["user"] for r in rows}
    assert rows[-1]["action"] == "audit exported"
