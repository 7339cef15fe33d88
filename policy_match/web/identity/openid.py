"""One provider of OpenID Connect: authorization code with PKCE, renewal, log-out by either side.

Guarantees that nothing is believed that the provider did not sign, for us, for this sign-in, now (OpenID Connect Core
1.0, 3.1.3.7). Authlib knows the protocol and is kept up with its drafts; joserfc, of the same author, the signatures.
"""

from collections.abc import Mapping
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests.exceptions import RequestException

from policy_match.identity.providers import ProviderTerms, Vouched
from policy_match.ports import Clock
from policy_match.ports.providers import LogOut, LogOutForm, NotVouched, ProviderDown, ProviderRefused
from policy_match.web.identity.bounded_http import BoundedAdapter
from policy_match.web.identity.fetched import Fetched
from policy_match.web.identity.places import Places

WELL_KNOWN = "/.well-known/openid-configuration"
SECONDS = 5.0
"""So long a provider may take for one answer."""

METADATA_SECONDS = 3600.0
KEYS_SECONDS = 600.0
NEW_KEYS_SECONDS = 30.0
"""An unknown key makes us look for new ones, this often at most."""

LEEWAY_SECONDS = 60
"""Clocks differ so much."""

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by a key that only the provider has: neither `none`, nor a secret that we share."""

LOG_OUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOG_OUT_MINUTES = 10
"""A log-out token is taken for so long (Back-Channel Logout 1.0, 2.6)."""


class OpenIdProvider:
    """What one provider says. Metadata and keys are asked for when they are first needed, and again now and then."""

    def __init__(
        self,
        terms: ProviderTerms,
        *,
        secret: str,
        address: str,
        clock: Clock,
        places: Places,
        seconds: float = SECONDS,
    ) -> None:
        """`address` is that of our service; `seconds` how long one answer may take; `places` are for all providers."""
        self.terms = terms
        self._secret, self._clock, self._places, self._seconds = secret, clock, places, seconds
        self._back_to = f"{address}/api/v1/sign-in/callback"
        self._signed_out = f"{address}/"
        self._metadata = Fetched(terms.name, self._ask_metadata, clock, places)
        self._keys = Fetched(terms.name, self._ask_keys, clock, places)

    def sign_in_address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Return where a browser is sent to sign in. Raises `ProviderDown`."""
        with self._client() as client:
            endpoint = self._endpoint("authorization_endpoint")
            address, _ = client.create_authorization_url(endpoint, state=state, nonce=nonce, code_verifier=verifier)
        found: str = address
        return found

    def vouched(self, *, code: str, nonce: str, verifier: str) -> Vouched:
        """Return for whom a code stands. Raises `ProviderDown`, `ProviderRefused`, `NotVouched`."""
        with self._places.one(self.terms.name):
            tokens = self._ask(grant_type="authorization_code", code=code, code_verifier=verifier)
            return self._believed(tokens, {"nonce": nonce})

    def renewed(self, before: Vouched) -> Vouched:
        """Return the same person, vouched for anew. Raises `ProviderDown`, `ProviderRefused`, `NotVouched`.

        A provider need not send another ID token (Core, 12.2); if it does, it must be of the same person.
        """
        with self._places.one(self.terms.name):
            tokens = self._ask(grant_type="refresh_token", refresh_token=before.refresh_token)
            given = {"refresh_token": before.refresh_token, **tokens}
            if "id_token" in given:
                found = self._believed(given, {})
                if found.subject != before.subject:
                    raise NotVouched(provider=self.terms.name, why="sub")
                return found
        return Vouched(
            issuer=before.issuer,
            subject=before.subject,
            claims={},
            provider_session=before.provider_session,
            id_token=before.id_token,
            refresh_token=_text(given, "refresh_token"),
            at=self._clock.now(),
        )

    def log_out_form(self, id_token: str) -> LogOutForm | None:
        """Return what logs the person out there too; `None` where that cannot be. Raises `ProviderDown`.

        RP-Initiated Logout 1.0, by POST: the token would stand in addresses and logs otherwise.
        """
        address = self._metadata.get(METADATA_SECONDS).get("end_session_endpoint")
        if not isinstance(address, str):
            return None
        fields = {
            "id_token_hint": id_token,
            "client_id": self.terms.client_id,
            "post_logout_redirect_uri": self._signed_out,
        }
        return LogOutForm(address=address, fields=fields)

    def log_out(self, token: str) -> LogOut:
        """Return whom a log-out token means. Raises `ProviderDown`, `NotVouched`. Back-Channel Logout 1.0, 2.6."""
        header, claims = self._verified(token)
        registry = jwt.JWTClaimsRegistry(
            now=self._now(),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.terms.issuer},
            aud={"essential": True, "value": self.terms.client_id},
            iat={"essential": True},
            jti={"essential": True},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise NotVouched(provider=self.terms.name, why=_why(error)) from None
        subject, session = _text(claims, "sub"), _text(claims, "sid")
        events = claims.get("events")
        is_log_out = isinstance(events, dict) and isinstance(events.get(LOG_OUT_EVENT), dict)
        issued = claims["iat"]
        is_fresh = isinstance(issued, int) and self._now() - issued <= LOG_OUT_MINUTES * 60 + LEEWAY_SECONDS
        is_typed = header.get("typ") in (None, "JWT", "logout+jwt")
        if not is_log_out or not is_fresh or not is_typed or "nonce" in claims or not (subject or session):
            raise NotVouched(provider=self.terms.name, why="events")
        return LogOut(subject=subject, provider_session=session, token_id=_text(claims, "jti"), at=self._clock.now())

    def _ask(self, **given: str) -> Mapping[str, Any]:
        """Ask the token endpoint. Raises `ProviderDown`, `ProviderRefused`."""
        endpoint = self._endpoint("token_endpoint")
        try:
            with self._client() as client:
                found = client.fetch_token(endpoint, **given)
        except OAuthError:
            raise ProviderRefused(provider=self.terms.name) from None
        except (RequestException, ValueError):
            raise ProviderDown(provider=self.terms.name) from None
        return dict(found)

    def _believed(self, tokens: Mapping[str, Any], expected: Mapping[str, str]) -> Vouched:
        """Return what an ID token says, verified. Raises `ProviderDown`, `NotVouched`."""
        token = _text(tokens, "id_token")
        header, claims = self._verified(token)
        checked = CodeIDToken(
            claims,
            header,
            options={
                "iss": {"essential": True, "value": self.terms.issuer},
                "aud": {"essential": True, "value": self.terms.client_id},
                "sub": {"essential": True},
                "exp": {"essential": True},
                "iat": {"essential": True},
            },
            params={"client_id": self.terms.client_id, "access_token": tokens.get("access_token"), **expected},
        )
        try:
            checked.validate(now=self._now(), leeway=LEEWAY_SECONDS)
        except JoseError as error:
            raise NotVouched(provider=self.terms.name, why=_why(error)) from None
        subject = _text(claims, "sub")
        if not 0 < len(subject) <= 255:
            raise NotVouched(provider=self.terms.name, why="sub")
        return Vouched(
            issuer=self.terms.issuer,
            subject=subject,
            claims=claims,
            provider_session=_text(claims, "sid"),
            id_token=token,
            refresh_token=_text(tokens, "refresh_token"),
            at=self._clock.now(),
        )

    def _verified(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return header and claims of a token that the provider signed. Raises `ProviderDown`, `NotVouched`."""
        for newest in (False, True):
            keys = self._keys.get(NEW_KEYS_SECONDS if newest else KEYS_SECONDS)
            try:
                found = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
            except (JoseError, ValueError) as error:
                # A key that we do not know may be a new one: look once more.
                if newest or not token:
                    raise NotVouched(provider=self.terms.name, why=_why(error)) from None
            else:
                return dict(found.header), dict(found.claims)
        raise AssertionError("the second look returns or raises")

    def _ask_keys(self) -> KeySet:
        found = self._get(self._endpoint("jwks_uri"))
        try:
            return KeySet.import_key_set({"keys": [each for each in found["keys"] if each.get("use") != "enc"]})
        except (JoseError, KeyError, TypeError, AttributeError, ValueError):
            raise ProviderDown(provider=self.terms.name) from None

    def _ask_metadata(self) -> Mapping[str, Any]:
        found = self._get(self.terms.issuer.rstrip("/") + WELL_KNOWN)
        if found.get("issuer") != self.terms.issuer:
            raise ProviderDown(provider=self.terms.name)
        return found

    def _endpoint(self, name: str) -> str:
        found = self._metadata.get(METADATA_SECONDS).get(name)
        if not isinstance(found, str):
            raise ProviderDown(provider=self.terms.name)
        return found

    def _get(self, address: str) -> dict[str, Any]:
        try:
            with self._client() as client:
                answer = client.get(address, withhold_token=True, allow_redirects=False)
                answer.raise_for_status()
                found = answer.json()
        except (RequestException, ValueError):
            raise ProviderDown(provider=self.terms.name) from None
        if not isinstance(found, dict):
            raise ProviderDown(provider=self.terms.name)
        return found

    def _client(self) -> OAuth2Session:
        held = self._metadata.latest
        methods = ["client_secret_basic"] if held is None else held.get("token_endpoint_auth_methods_supported")
        by_post = isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods
        client = OAuth2Session(
            self.terms.client_id,
            self._secret,
            token_endpoint_auth_method="client_secret_post" if by_post else "client_secret_basic",
            scope=" ".join(self.terms.scopes),
            redirect_uri=self._back_to,
            code_challenge_method="S256",
        )
        client.trust_env = False
        for scheme in ("https://", "http://"):
            client.mount(scheme, BoundedAdapter(self._clock, self._seconds))
        return client

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _why(error: Exception) -> str:
    """Return what is wrong in one word that holds nothing of the token."""
    return getattr(error, "error", None) or type(error).__name__
