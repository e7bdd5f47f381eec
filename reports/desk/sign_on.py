"""Signing in with the firm's account: OpenID Connect Core 1.0, authorisation code with PKCE (RFC 7636).

The answer of the provider is believed only where it comes back to the browser that asked (`state`), was made for this
asking (`nonce`, `code_verifier`), is signed with a key that the provider publishes, and names this desk and it.
"""

import base64
import hmac
import json
import os
import secrets
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote, urlsplit

from httpx import Client, HTTPError

from reports.desk.access import Refused
from rules.desk import SignOn

if TYPE_CHECKING:
    from joserfc.jwk import KeySetSerialization

WAIT: Final = 10.0
"""Seconds for an answer of the provider."""
KEPT: Final = 300
"""Seconds for which it is believed what the provider said of itself."""
CLOCKS: Final = 60
"""Seconds by which the two clocks may differ."""
BASIC: Final = "client_secret_basic"
SIGNED: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that only the provider can make: neither none nor one with a shared secret."""


@dataclass(frozen=True)
class Asked:
    """What a browser keeps between asking and being answered."""

    state: str
    nonce: str
    verifier: str
    then: str

    @classmethod
    def new(cls, then: str) -> "Asked":
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), then)

    def kept(self) -> str:
        """As the value of a cookie."""
        return base64.urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()

    @classmethod
    def read(cls, text: str) -> "Asked | None":
        """None where it is nothing that `kept` made."""
        try:
            return cls(**{name: str(v) for name, v in json.loads(base64.urlsafe_b64decode(text)).items()})
        except (ValueError, TypeError, AttributeError):
            return None


def leads_to(settings: SignOn, asked: Asked, back: str) -> str:
    """The provider's address at which somebody proves who they are; `back`: where it sends them then."""
    from authlib.common.urls import add_params_to_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    provider = _provider(settings)
    told = {
        "response_type": "code", "client_id": settings.client_id, "redirect_uri": back, "scope": settings.scope,
        "state": asked.state, "nonce": asked.nonce,
        "code_challenge": create_s256_code_challenge(asked.verifier), "code_challenge_method": "S256",
    }  # fmt: skip
    return str(add_params_to_uri(provider["authorization_endpoint"], list(told.items())))


def claims(settings: SignOn, asked: Asked | None, state: str, code: str, back: str) -> dict[str, Any]:
    """What the provider says of whoever came back with a code. Raises Refused."""
    if asked is None or not state or not hmac.compare_digest(asked.state.encode(), state.encode()):
        raise Refused(403, "This sign-in was not begun in this browser, or took too long. Begin again")
    provider = _provider(settings)
    with Client(timeout=WAIT) as web:
        told = _token(web, settings, provider, asked, code, back)
        keys = _asked(web, "GET", provider["jwks_uri"])
    return _verified(settings, provider, keys, told, asked.nonce)


def ends_at(settings: SignOn) -> str:
    """Where somebody ends the session that they have at the provider (OpenID Connect RP-Initiated Logout 1.0); it asks
    them whether they want to. Empty: it has no such address, or cannot be asked.
    """
    from authlib.common.urls import add_params_to_uri

    with suppress(Refused):
        address = str(_provider(settings).get("end_session_endpoint", ""))
        if urlsplit(address).scheme in ("https", urlsplit(settings.issuer).scheme):
            return str(add_params_to_uri(address, [("client_id", settings.client_id)]))
    return ""


def _provider(settings: SignOn) -> dict[str, Any]:
    """What a provider says of itself (OpenID Connect Discovery 1.0), asked every few minutes at most."""
    found = _discovered(settings.issuer, int(time.monotonic() // KEPT))
    if found.get("issuer") != settings.issuer:
        raise Refused(502, f"The provider calls itself {found.get('issuer')}: write that as desk.sign_on.issuer")
    return found


@lru_cache(maxsize=4)
def _discovered(issuer: str, _: int) -> dict[str, Any]:
    with Client(timeout=WAIT) as web:
        return _asked(web, "GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")


def _token(
    web: Client, settings: SignOn, provider: dict[str, Any], asked: Asked, code: str, back: str
) -> dict[str, Any]:
    """The code for the tokens, by whoever knows the verifier and the client's secret (if it has one)."""
    told = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": asked.verifier,
        "client_id": settings.client_id,
    }  # fmt: skip
    secret = _secret(settings)
    by_form = BASIC not in provider.get("token_endpoint_auth_methods_supported", [BASIC])
    auth = (quote(settings.client_id, safe=""), quote(secret, safe="")) if secret and not by_form else None
    return _asked(
        web, "POST", provider["token_endpoint"], auth=auth,
        data=told | ({"client_secret": secret} if secret and by_form else {}),
    )  # fmt: skip


def _asked(web: Client, method: str, address: str, **more: Any) -> dict[str, Any]:
    """What the provider answers. Raises Refused where it does not."""
    try:
        answer = web.request(method, address, **more)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
    except (HTTPError, ValueError) as error:
        what = "refused this sign-in" if method == "POST" else "cannot be reached"
        raise Refused(502, f"Your firm's sign-in {what}. Begin again, or ask an administrator") from error
    return told


def _verified(
    settings: SignOn, provider: dict[str, Any], keys: dict[str, Any], told: dict[str, Any], nonce: str
) -> dict[str, Any]:
    """The claims of an ID token (OpenID Connect Core 1.0, 3.1.3.7)."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet
    from joserfc.jws import JWSRegistry

    signed = [name for name in provider.get("id_token_signing_alg_values_supported", ["RS256"]) if name in SIGNED]
    try:
        registry = JWSRegistry(algorithms=signed, strict_check_header=False)
        token = jwt.decode(
            str(told.get("id_token", "")), KeySet.import_key_set(cast("KeySetSerialization", keys)), registry=registry
        )
        essential = {"iss": settings.issuer, "aud": settings.client_id}
        found = CodeIDToken(
            token.claims, token.header, {n: {"essential": True, "value": v} for n, v in essential.items()},
            {"nonce": nonce, "client_id": settings.client_id, "access_token": told.get("access_token")},
        )  # fmt: skip
        found.validate(leeway=CLOCKS)
    except (JoseError, ValueError) as error:
        raise Refused(403, "The answer of your firm's sign-in could not be proved. Begin again") from error
    return dict(found)


def _secret(settings: SignOn) -> str:
    """The client's secret, out of the environment."""
    name = settings.secret.removeprefix("env:")
    if name and name not in os.environ:
        raise Refused(500, f"The desk lacks the environment variable {name}: ask whoever serves it to set it")
    return os.environ.get(name, "")
