"""Signing in with the firm's account, against a small provider of OpenID Connect that is served here."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.reports.desk.firm import Opened

CLIENT, SECRET = "the desk", "hush: & hush"
ROLES = {"goldseam-leads": "lead", "goldseam-stewards": "steward"}


class Provider:
    """Discovery, keys and tokens; `claims` are what it says of whoever signs in, `key` is what it signs with."""

    def __init__(self) -> None:
        self.key = self.published = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self.claims: dict[str, Any] = {}
        self.header = {"alg": "RS256", "kid": "1"}
        self.asked: dict[str, str] = {}
        self.issuer = ""

    def answer(self, path: str) -> dict[str, Any]:
        """What stands at an address."""
        if path == "/keys":
            return {"keys": [self.published.as_dict(private=False)]}
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }  # fmt: skip

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """For the code, if it is the right client who knows the verifier of the challenge."""
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().strip("=")
        )
        user = base64.b64encode(b"the%20desk:hush%3A%20%26%20hush").decode()
        if challenge != self.asked["code_challenge"] or form["code"] != "worth a token" or (
            authorization != f"Basic {user}" or form["redirect_uri"] != self.asked["redirect_uri"]
        ):  # fmt: skip
            return None
        now = int(time.time())
        said = {"iss": self.issuer, "sub": "17", "aud": CLIENT, "iat": now, "exp": now + 300,
                "nonce": self.asked["nonce"], **self.claims}  # fmt: skip
        token = jwt.encode(self.header, said, self.key, algorithms=["RS256", "HS256", "none"])
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": token}


def handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Served(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.say(provider.answer(self.path))

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(text).items()}
            self.say(provider.token(form, self.headers.get("authorization", "")))

        def say(self, told: dict[str, Any] | None) -> None:
            self.send_response(400 if told is None else 200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(told or {"error": "invalid_grant"}).encode())

        def log_message(self, *_: object) -> None:
            pass

    return Served


@pytest.fixture
def provider(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider, and a desk that believes it."""
    made = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(made))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    made.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("FIRMS_SECRET", SECRET)
    trust(desk, made)
    yield made
    server.shutdown()
    server.server_close()


def trust(desk: Opened, provider: Provider, **more: Any) -> None:
    desk.set(sign_on={"issuer": provider.issuer, "client_id": CLIENT, "secret": "env:FIRMS_SECRET", **more})


def begun(desk: Opened, provider: Provider) -> TestClient:
    """A browser that was sent to the provider."""
    client = desk.client(None)
    to = urlsplit(client.get("/sign-on?then=/queue?text=a").headers["location"])
    provider.asked = {name: values[0] for name, values in parse_qs(to.query).items()}
    assert f"{to.scheme}://{to.netloc}{to.path}" == f"{provider.issuer}/authorize"
    return client


def signed_on(desk: Opened, provider: Provider, **claims: Any) -> tuple[TestClient, Any]:
    """A browser that comes back from the provider, and what it is answered."""
    provider.claims = claims
    client = begun(desk, provider)
    return client, client.get("/sign-on/back", params={"code": "worth a token", "state": provider.asked["state"]})


def test_a_known_account_signs_in(desk: Opened, provider: Provider) -> None:
    """By a verified address the first time, by its own number from then on, whatever its address is; to the page
    that was asked for.
    """
    desk.store.change_user("stella", email="Stella@firm.example")
    assert "Sign in with your firm" in desk.client(None).get("/sign-in").text
    client, answer = signed_on(desk, provider, email="stella@firm.example", email_verified=True)
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue?text=a")
    assert provider.asked["code_challenge_method"] == "S256"
    assert provider.asked["redirect_uri"] == "https://desk.example/sign-on/back"
    assert "stella" in client.get("/queue").text
    user = desk.store.user_of_subject(f"{provider.issuer} 17")
    assert user is not None
    assert (user["name"], user["role"]) == ("stella", "steward")
    client, _ = signed_on(desk, provider, email="another@firm.example")
    assert "stella" in client.get("/queue").text
    desk.store.change_user("stella", active=False)
    assert signed_on(desk, provider)[1].status_code == 403


def test_a_password_that_serves_once_does_not_outlive_it(desk: Opened, provider: Provider) -> None:
    """The administrator knows it: who comes in by the firm's account first keeps none; one's own stays."""
    for name, once in (("stella", True), ("stavros", False)):
        desk.store.change_user(name, email=f"{name}@firm.example", once=once)
        claims = {"sub": name, "email": f"{name}@firm.example", "email_verified": True}
        assert signed_on(desk, provider, **claims)[1].status_code == 303
        user = desk.store.user(name)
        assert user is not None
        assert (user["once"], user["password"] is None) == (False, once)


def test_a_provider_may_not_name_anybody_anyhow(desk: Opened, provider: Provider) -> None:
    """A name that looks like another's is refused, with what is wrong with it; accents come as one letter."""
    trust(desk, provider, role_claim="groups", roles=ROLES)
    for name, said in (("stella\u200b", "cannot be seen"), ("STELLA", "already"), ("-", "a letter")):
        answer = signed_on(desk, provider, groups="goldseam-leads", preferred_username=name)[1]
        assert (answer.status_code, said in answer.text) == (409, True), name
    signed_on(desk, provider, groups="goldseam-leads", preferred_username="Ele\u0301ni")
    assert desk.store.user("El\u00e9ni") is not None


def test_an_unknown_account_is_let_in_by_a_role_alone(desk: Opened, provider: Provider) -> None:
    """Not by an address that nobody verified; with a role of the provider as a new user, whose role follows the
    provider's.
    """
    desk.store.change_user("stella", email="stella@firm.example")
    for claims in ({"email": "stella@firm.example"}, {"email": "stella@firm.example", "email_verified": "true"}, {}):
        refused = signed_on(desk, provider, **claims)[1]
        assert refused.status_code == 403
        assert "ask an administrator to add you" in refused.text
    trust(desk, provider, role_claim="realm_access.roles", roles=ROLES)
    groups = {"preferred_username": "maria", "realm_access": {"roles": ["x", "goldseam-stewards", "goldseam-leads"]}}
    assert signed_on(desk, provider, **groups)[1].status_code == 303
    assert desk.store.user("maria")["role"] == "lead"  # type: ignore[index]
    groups["realm_access"] = {"roles": ["goldseam-stewards"]}
    assert signed_on(desk, provider, **groups)[1].status_code == 303
    assert desk.store.user("maria")["role"] == "steward"  # type: ignore[index]
    assert "no role at this desk" in signed_on(desk, provider, preferred_username="maria")[1].text
    taken = signed_on(desk, provider, sub="18", **groups)[1]
    assert taken.status_code == 409
    assert "already who is not you" in taken.text


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "somebody else"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"aud": [CLIENT, "x"]},
    ],
)
def test_a_token_for_somebody_else_is_no_proof(desk: Opened, provider: Provider, claims: dict[str, Any]) -> None:
    """Made for another asking, another client, by another provider, or long ago."""
    refused = signed_on(desk, provider, email="stella@firm.example", email_verified=True, **claims)[1]
    assert (refused.status_code, "could not be proved" in refused.text) == (403, True)
    assert "goldseam" not in refused.cookies


def test_a_token_that_the_provider_did_not_sign_is_no_proof(desk: Opened, provider: Provider) -> None:
    """Another's key, no signature, or one made with what everybody may read."""
    desk.store.change_user("stella", email="stella@firm.example")
    provider.key = RSAKey.generate_key(2048, {"kid": "1"})
    said = {"email": "stella@firm.example", "email_verified": True}
    assert signed_on(desk, provider, **said)[1].status_code == 403
    provider.key = OctKey.generate_key(256, {"kid": "1"})  # type: ignore[assignment]
    provider.header = {"alg": "HS256", "kid": "1"}
    assert signed_on(desk, provider, **said)[1].status_code == 403
    provider.header = {"alg": "none", "kid": "1"}
    assert signed_on(desk, provider, **said)[1].status_code == 403
    provider.header, provider.key = {"alg": "RS256", "kid": "1"}, provider.published
    assert signed_on(desk, provider, **said)[1].status_code == 303


def test_an_answer_belongs_to_the_browser_that_asked(desk: Opened, provider: Provider) -> None:
    """Another browser, another state, a wrong code, no code: nobody is signed in, and words say what to do."""
    begun(desk, provider)
    back = {"code": "worth a token", "state": provider.asked["state"]}
    other = desk.client(None)
    for cookie in (None, "bm8gYW5zd2Vy", "not even base64"):
        if cookie:
            other.cookies.set("goldseam_sign_on", cookie)
        assert other.get("/sign-on/back", params=back).status_code == 403
    for change, status in (({"state": "guessed"}, 403), ({"code": "stolen"}, 502), ({"code": ""}, 403)):
        client = begun(desk, provider)
        answer = client.get("/sign-on/back", params={**back, "state": provider.asked["state"], **change})
        assert (answer.status_code, "Begin again" in answer.text) == (status, True)
        assert client.get("/queue").status_code == 303


def test_what_is_not_set_up_is_told(desk: Opened, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """No provider, one that calls itself otherwise or is not there, and a secret that nobody set."""
    monkeypatch.delenv("FIRMS_SECRET")
    assert "FIRMS_SECRET" in signed_on(desk, provider)[1].text
    issuer, provider.issuer = provider.issuer, "https://evil.example"
    desk.set(sign_on={"issuer": issuer + "/", "client_id": CLIENT})
    assert "calls itself https://evil.example" in desk.client(None).get("/sign-on").text
    desk.set(sign_on={"issuer": "http://127.0.0.1:9", "client_id": CLIENT})
    assert "cannot be reached" in desk.client(None).get("/sign-on").text
    desk.set()
    assert desk.client(None).get("/sign-on").status_code == 404
    for wrong in ({"issuer": "http://firm.example"}, {"issuer": "https://firm.example", "secret": "hush"}):
        with pytest.raises(ValueError, match=r"https://|env:NAME"):
            desk.set(sign_on={"client_id": CLIENT, **wrong})
