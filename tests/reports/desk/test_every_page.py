"""Every page of the desk as anybody may come upon it: with eyes, without, on a tablet, and with hostile customers."""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from connectors import workspace as workspaces
from connectors.store import tables
from connectors.store.desk import passwords
from connectors.store.state import Store
from pipelines import init, runner
from pipelines.desk.service import DeskService
from tests.pipelines import judged
from tests.reports.desk.addresses import every_page
from tests.reports.desk.firm import PASSWORD, PEOPLE, Opened

SERIOUS = ("serious", "critical")
OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""Rules of axe-core that look at colours: what the others find is the same in light and in dark."""
TWO_ROWS = 100
"""Pixels."""
WORKED_THROUGH = ("/queue", "/quarantine", "/customers")
CUT_OFF = "(one => one.scrollWidth - one.clientWidth)(document.querySelector('.scroll'))"
"""Pixels of a list that stand outside its frame."""
PIECES = ("/decide/next",)
"""What is put into a page, and is none by itself."""


def is_page(page: Any, path: str) -> bool:
    """Whether an address leads to a page, and not to a file, another page, or a piece of one."""
    if path.split("?")[0] in PIECES:
        return False
    answer = page.request.get(path, max_redirects=0, headers={"accept": "text/html"})
    return answer.status == 200 and answer.headers["content-type"].startswith("text/html") and "<html" in answer.text()


@pytest.mark.browser
def test_every_page_can_be_used_by_everybody(desk: Opened, window: Callable[..., Any]) -> None:
    """axe-core (WCAG 2 A and AA) finds nothing serious on any page, in light and in dark; at 1280 px and on a tablet
    nothing is cut off: only tables scroll, inside their own frame, those that one works through all day not even there.
    Above a page stand two rows of links and fields at the most.
    """
    from axe_playwright_python.sync_playwright import Axe

    def serious(found: Any) -> list[Any]:
        told = [(v["id"], v["impact"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]]
        return [one for one in told if one[1] in SERIOUS]

    page, axe, looked_at = window("ada"), Axe(), 0
    for path in ["/sign-in", *every_page(desk)]:
        if not is_page(page, path):
            continue
        page.goto(path)
        assert serious(axe.run(page).response) == [], path
        page.emulate_media(color_scheme="dark")
        assert serious(page.evaluate("rules => axe.run({ runOnly: rules })", OF_COLOURS)) == [], (path, "dark")
        page.emulate_media(color_scheme="light")
        for width in (820, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            assert page.evaluate("document.querySelector('.bar')?.offsetHeight ?? 0") < TWO_ROWS, (path, width)
            if path in WORKED_THROUGH:
                assert page.evaluate(CUT_OFF) == 0, (path, width)
        looked_at += 1
    assert looked_at > 15


HOSTILE = '<img src=x onerror="document.title=`owned`"><script>document.title="owned"</script>'
FORMULA = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """A firm whose customers wrote HTML and formulas into every field."""
    root = tmp_path_factory.mktemp("hostile") / "firm"
    with judged.once(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("connectors.sources.places.chosen.PAUSE", 0.0)
        init.write(root)
        write(root)
        workspace = workspaces.read(root)
        assert runner.run(workspace).status == "published"
    with Store.open(workspace.database_url) as store:
        for name, role in PEOPLE.items():
            store.add_user(name, role, password=passwords.digest(PASSWORD))
        store.decide("different", "customers:1", "customers:4", user=HOSTILE, reason=HOSTILE)
        yield Opened(root, store, DeskService(workspace, store))


def write(root: Path) -> None:
    """Pairs that are alike but for a letter, so that some stand in the queue."""
    source = next((root / "sources").glob("*.yml"))
    source.write_text(
        "kind: csv\nlocation: inbox/customers.csv\nid: [no]\n"
        "columns: {no: customer_no, name: full_name, firm: organisation_name, mail: email, phone: phone,\n"
        "  street: address.street, city: address.city, day: birth_date, tax: tax_id, who: operator, dep: department}\n",
        "utf-8",
    )
    for other in (root / "inbox").iterdir():
        other.unlink()
    with (root / "inbox" / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["no", "name", "firm", "mail", "phone", "street", "city", "day", "tax", "who", "dep"])
        for n in range(1, 61):
            person = f"Anna {HOSTILE} Rossi{n // 2}{'x' if n % 2 else ''}"
            rows.writerow([n, person, "", f"anna{n // 2}@{HOSTILE}", FORMULA, f"{HOSTILE} 1", f"{HOSTILE}", FORMULA,
                           FORMULA, HOSTILE, HOSTILE])  # fmt: skip


def in_the_queue(store: Store, left: str, right: str) -> None:
    """Puts two records into the queue, as a publication does."""
    row = {"kind": "pair", "left": left, "right": right, "from_version": 1, "digest": "", "worth": 1.0}
    said = dict.fromkeys(("relation", "reason", "text", "sources", "departments", "languages", "countries"), HOSTILE)
    with store.writing() as connection:
        connection.execute(insert(tables.candidates).values(**row, **said, first_run="20260101T000000Z-0000"))


def test_what_customers_write_is_never_run(hostile: Opened) -> None:
    """HTML in any field is shown as text on every page; no page holds a script, an image or a handler of theirs."""
    in_the_queue(hostile.store, "customers:2", "customers:3")
    client, seen = hostile.client("ada"), []
    golden = hostile.store.homes_of(["customers:2"])["customers:2"]["golden_id"]
    for path in (*every_page(hostile), f"/customers/{golden}", "/customers?text=anna", "/queue?text=anna"):
        answer = client.get(path)
        if not answer.headers.get("content-type", "").startswith("text/html") or answer.status_code != 200:
            continue
        if "&lt;img" in answer.text or "&lt;script" in answer.text:
            seen.append(path.split("?")[0])
        assert "<img" not in answer.text, path
        assert not re.search(r"<script(?! src=\"/static/)", answer.text), path
        assert not re.search(r"<[^>]*\son\w+=", answer.text), path
    assert {"/queue", "/case", "/decide"} <= set(seen)
