"""What is sent that is too much, too large a number, or no text of ours: told in words, and never held in memory."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError, Lock
from typing import Any

import pytest
from argon2.exceptions import VerifyMismatchError

from connectors.store.desk import passwords
from connectors.store.desk.audit import Noted
from reports.desk.access import Refused
from reports.desk.bodies import MOST, UPLOADS
from reports.desk.sign_on import Asked, claims
from rules.desk import SignOn
from tests.reports.desk.firm import Opened

FORM = {"content-type": "application/x-www-form-urlencoded"}


def streamed(count: int) -> Iterator[bytes]:
    """Megabytes of a form, of which the length is not told."""
    for _ in range(count):
        yield b"a" * 1_000_000


def test_a_body_is_bounded_before_anybody_is_signed_in(desk: Opened) -> None:
    """By the length that is told and by the bytes that come; a pack may be larger than a form; headers as ever."""
    client = desk.client(None)
    for path, most in (("/sign-in", MOST), ("/case/answer", MOST), ("/packs/import", UPLOADS["/packs/import"])):
        told = client.post(path, content=b"a", headers={**FORM, "content-length": str(most + 1)})
        came = client.post(path, content=streamed(most // 1_000_000 + 1), headers=FORM)
        for answer in (told, came):
            assert answer.status_code == 413, path
            assert f"At most {most // 1_000_000} MB" in answer.text
            assert answer.headers["x-frame-options"] == "DENY"
    file = {"file": ("pack.xlsx", b"0" * 2_000_000)}
    assert desk.client().post("/packs/import", files=file).status_code == 422, "no pack, but not too much"


def test_attempts_at_the_same_time_count(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve wrong passwords for one name at once: five are tried, the others are told to wait."""
    together = Barrier(12)

    def wrong(*_: object) -> bool:
        with suppress(BrokenBarrierError):
            together.wait(0.3)  # as long as Argon2 takes: all that were let in meet here
        return False

    monkeypatch.setattr(passwords, "right", wrong)
    client = desk.client(None)
    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(client.post, "/sign-in", data={"name": "stella", "password": "guess"}) for _ in range(12)]
        found = sorted(one.result().status_code for one in asked)
    assert found == [401] * 5 + [429] * 7


class Slow:
    """Argon2 as far as it matters here: it takes a while, in which it holds much memory."""

    def __init__(self) -> None:
        self.lock, self.running, self.most = Lock(), 0, 0

    def verify(self, *_: object) -> bool:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(0.05)
        with self.lock:
            self.running -= 1
        raise VerifyMismatchError


def test_few_passwords_are_proved_at_once(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 64 MB: two at once, the others wait; who would wait too long is told, and has not failed."""
    slow, client = Slow(), desk.client(None)
    monkeypatch.setattr(passwords, "_hasher", lambda: slow)
    monkeypatch.setattr(passwords, "_nobodys", lambda: "nobody's")

    def all_at_once(name: str) -> list[Any]:
        with ThreadPoolExecutor(8) as pool:
            told = ({"name": f"{name}{n}", "password": "guess"} for n in range(8))
            return list(pool.map(lambda one: client.post("/sign-in", data=one), told))

    assert [answer.status_code for answer in all_at_once("nobody")] == [401] * 8
    assert slow.most == 2
    monkeypatch.setattr(passwords, "WAIT", 0.01)
    with passwords._turn(), passwords._turn():  # two people whose passwords take long
        refused = all_at_once("somebody")
        with pytest.raises(passwords.Busy):
            passwords.digest("a new one is digested in turn as well")
    assert [answer.status_code for answer in refused] == [429] * 8
    assert all("Try again in a few seconds" in answer.text for answer in refused)
    noted = desk.store.noted(Noted(action="sign-in refused"))
    assert len(noted) == 2 * 8, "of a name and of an address each, and none of who was told to wait"


def test_numbers_and_days_beyond_all_are_told(desk: Opened) -> None:
    """A number that no database counts to, the last of all days, a case of keys that are none: nothing breaks."""
    client, far = desk.client("lena"), 2**63
    for path in (f"/packs/{far}.xlsx", f"/batches/{far}", f"/batches/-{far * 2}", f"/batches/{far}/decide",
                 f"/quarantine?did={far}", f"/quarantine/lists?did={far}", "/history?day=9999-12-31"):  # fmt: skip
        assert client.get(path).status_code in (404, 422), path
    for path in (f"/acts/{far}/undo", f"/decisions/{far}/undo", f"/queue/views/{far}/drop", f"/batches/{far}/accept",
                 f"/batches/{far}/more", f"/batches/{far}/give-up"):  # fmt: skip
        assert client.post(path).status_code == 422, path
    assert client.get("/golden?case=a&left=b&right=c").status_code == 404
    assert client.get("/history?day=9999-12-30").status_code == 200
    assert desk.client("ada").get(f"/audit?before={10**23}").status_code == 422
    answer = {"case": desk.case().kind, "left": desk.case().left, "right": desk.case().right, "answer": "same"}
    assert "load it again" in client.post("/case/answer", data={**answer, "seen": 2**62}).text
    assert desk.store.acts() == []


def test_what_a_page_says_it_has_is_not_given_to_it(desk: Opened) -> None:
    """Lists of cases that somebody made up take none of them from the others."""
    every = ["\t".join(desk.case(n)) for n in range(6)]
    assert desk.client("stella").post("/decide/beat", data={"case": every, "open": every}).json() == {"lost": {}}
    shown = desk.client("stavros").get("/decide").text
    assert desk.case().left in shown
    assert desk.store.claim(desk.case(5), "stavros", 5) == "stavros"
    assert desk.store.claim(desk.case(1), "lena", 5) == "lena"


@pytest.mark.parametrize(
    ("text", "said"),
    [("x" * 900_000, "900,000 characters"), ("a\0b", "cannot be seen"), ("a\u202eb", "cannot be seen")],
)
def test_a_cell_is_corrected_to_what_people_can_type(desk: Opened, text: str, said: str) -> None:
    """Neither a book nor what nobody sees goes into a row of the quarantine: told in words, and nothing is recorded."""
    row = desk.store.quarantine_items().to_pylist()[0]
    told = {"key": f"{row['source']}:{row['record_id']}", f"cell.{next(iter(json.loads(row['raw'])))}": text}
    answer = desk.client("stella").post("/quarantine/correct", data=told)
    assert answer.status_code == 422
    assert said in answer.text.replace("\xa0", " ")
    assert desk.store.acts() == []


def test_a_token_in_other_letters_is_wrong_and_no_fault(desk: Opened) -> None:
    """Neither the token of a form nor the state of a sign-on has to be ASCII to be refused."""
    client = desk.client()
    del client.headers["x-csrf-token"]
    assert client.post("/sign-out", data={"csrf": "κλειδί"}).status_code == 403
    settings = SignOn(issuer="https://id.example", client_id="desk")
    with pytest.raises(Refused, match="not begun in this browser"):
        claims(settings, Asked.new("/"), "κατάσταση", "code", "https://desk.example/sign-on/back")


def test_what_is_no_key_of_a_record_is_told(desk: Opened) -> None:
    """Wherever one is read: in words, never as a fault of the desk."""
    known = desk.store.crosswalk().column("golden_id")[0].as_py()
    answer = desk.client("lena").post(
        f"/clusters/{known}/decide?left=abc&right=nan", data={"answer": "same", "seen": 0}
    )
    assert answer.status_code == 422
    assert "is no record key: write SOURCE:RECORD_ID" in answer.text
    assert desk.store.acts() == []


def test_a_form_with_a_nul_is_told_in_words(desk: Opened) -> None:
    """Not every database keeps one: neither a comment nor anything else comes that far."""
    case = desk.case()
    answer = desk.client().post("/case/comment", data={**case.asked(), "text": "a\0b"})
    assert answer.status_code == 422
    assert "a character that cannot be seen" in answer.text
    assert desk.store.acts() == []
