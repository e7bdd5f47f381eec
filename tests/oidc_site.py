"""What Django serves for tests.oidc_provider: its addresses, and what a token says of somebody."""

from typing import Any

from django.contrib.auth.views import LoginView
from django.urls import include, path
from oauth2_provider.oauth2_validators import OAuth2Validator

urlpatterns = [path("o/", include("oauth2_provider.urls")), path("login", LoginView.as_view())]


class Validator(OAuth2Validator):  # type: ignore[misc]
    """Puts name, mail and groups into the token itself."""

    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        user = request.user
        return {
            "preferred_username": user.username, "email": user.email, "email_verified": True,
            "groups": [group.name for group in user.groups.all()],
        }  # fmt: skip
