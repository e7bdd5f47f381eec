"""A real provider of OpenID Connect to sign in with: Django OAuth Toolkit, served as a process of its own.

    python -m tests.oidc_provider PORT BACK FOLDER

It knows one client (CLIENT, SECRET), which must use PKCE, and PEOPLE, who sign in with a name and a password.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

CLIENT, SECRET, PASSWORD = "the desk", "hush: & hush", "a bowl of the firm"
PEOPLE: Final = {"maria": ["goldseam-stewards"], "nikos": ["warehouse"]}
"""Name and groups; the firm's own mail proves who they are."""
LOGIN: Final = """<!DOCTYPE html><html lang="en"><title>The firm</title><form method="post">{% csrf_token %}
{{ form.username }}{{ form.password }}<input type="hidden" name="next" value="{{ next }}">
<button>Sign in</button></form>"""
HOST: Final = "localhost"
"""Another site than 127.0.0.1, as a firm's provider is another than its desk."""
SITE: Final = "tests.oidc_site"
ROOT: Final = Path(__file__).parent.parent
START_SECONDS: Final = 60


@contextmanager
def provider(back: str, port: int, folder: Path) -> Iterator[str]:
    """The issuer's address, served until the block ends; `back`: where the client may send people."""
    command = [sys.executable, "-m", "tests.oidc_provider", str(port), back, str(folder)]
    issuer = f"http://{HOST}:{port}/o"
    with (
        (folder / "provider.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT) as process,
    ):
        try:
            _wait(f"{issuer}/.well-known/openid-configuration", process)
            yield issuer
        finally:
            process.terminate()


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with urlopen(address):  # noqa: S310 - our own server
                return
        except URLError:
            time.sleep(0.05)
    raise RuntimeError(f"no provider at {address}: see provider.log")


def main(port: str, back: str, folder: str) -> None:
    """Serve."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.configure(**_settings(f"http://{HOST}:{port}/o", Path(folder)))
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    _people(back)
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    server = ThreadedWSGIServer(("127.0.0.1", int(port)), WSGIRequestHandler, allow_reuse_address=True)
    server.set_app(get_wsgi_application())
    server.serve_forever()


def _settings(issuer: str, folder: Path) -> dict[str, Any]:
    apps = ("django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider")
    middle = ("sessions.middleware.SessionMiddleware", "auth.middleware.AuthenticationMiddleware")
    return {
        "DEBUG": True, "SECRET_KEY": "of a test", "ALLOWED_HOSTS": [HOST], "ROOT_URLCONF": SITE,
        "INSTALLED_APPS": apps, "MIGRATION_MODULES": {app.rpartition(".")[2]: None for app in apps},
        "MIDDLEWARE": [f"django.contrib.{name}" for name in middle], "LOGIN_URL": "/login",
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "provider.db")}},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField", "USE_TZ": True,
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "TEMPLATES": [{
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"loaders": [
                ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN}),
                "django.template.loaders.app_directories.Loader",
            ]},
        }],
        "OAUTH2_PROVIDER": {
            "OIDC_ENABLED": True, "OIDC_ISS_ENDPOINT": issuer, "OIDC_RSA_PRIVATE_KEY": _key(), "PKCE_REQUIRED": True,
            "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
            "SCOPES": {"openid": "who", "profile": "name", "email": "mail"},
            "OAUTH2_VALIDATOR_CLASS": f"{SITE}.Validator",
        },
    }  # fmt: skip


def _key() -> str:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _people(back: str) -> None:
    from django.contrib.auth.models import Group, User
    from oauth2_provider.models import Application

    for name, groups in PEOPLE.items():
        user = User.objects.create_user(name, f"{name}@firm.example", PASSWORD)
        user.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
    Application.objects.create(
        client_id=CLIENT, client_secret=SECRET, client_type="confidential", redirect_uris=back, algorithm="RS256",
        authorization_grant_type="authorization-code", skip_authorization=True, name="Goldseam",
    )  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
