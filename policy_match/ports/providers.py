"""Providers of OpenID Connect, as services need them.

Guarantees that services see only what was verified, or an error that says whose fault it is. The implementation, with
the protocol in it, is `web.identity.openid`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from policy_match.errors import InputError
from policy_match.identity.providers import ProviderTerms, Vouched


class ProviderDown(InputError):
    """The provider does not answer, or not as one."""

    code = "sign-in.provider-down"
    exit_code = 3
    http_status = 503
    retry_helps = True
    english = "the provider {provider} does not answer as it should; try again later, or sign in another way"
    chinese = "统一身份认证服务 {provider} 暂无法使用；请稍后重试或换用其他登录方式"


class ProviderRefused(InputError):
    """The provider vouches for nobody: what it was shown is over, used, or not its own."""

    code = "sign-in.provider-refused"
    exit_code = 4
    http_status = 401
    english = "the provider {provider} did not confirm the sign-in; begin it again"
    chinese = "统一身份认证服务 {provider} 未确认本次登录；请重新发起登录"


class NotVouched(InputError):
    """What came as the provider's word is not: another's signature, another's audience, another time."""

    code = "sign-in.not-vouched"
    exit_code = 4
    http_status = 401
    english = "what came from the provider {provider} cannot be believed ({why}); begin the sign-in again"
    chinese = "来自统一身份认证服务 {provider} 的信息不可信（{why}）；请重新发起登录"


@dataclass(frozen=True, kw_only=True, slots=True)
class LogOut:
    """A provider's word that somebody was logged out: of one session of its own, or a person of all."""

    subject: str
    provider_session: str
    token_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LogOutForm:
    """What a browser posts to the provider so that it logs the person out too."""

    address: str
    fields: dict[str, str] = field(repr=False)


class IdentityProvider(Protocol):
    """One provider. Every call asks it within a stated time, outside any transaction."""

    @property
    def terms(self) -> ProviderTerms:
        """What it is trusted for."""

    def sign_in_address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Return where a browser is sent to sign in. Raises `ProviderDown`."""

    def vouched(self, *, code: str, nonce: str, verifier: str) -> Vouched:
        """Return for whom a code stands. Raises `ProviderDown`, `ProviderRefused`, `NotVouched`."""

    def renewed(self, before: Vouched) -> Vouched:
        """Return the same person, vouched for anew. Raises `ProviderDown`, `ProviderRefused`, `NotVouched`."""

    def log_out_form(self, id_token: str) -> LogOutForm | None:
        """Return what logs the person out there too; `None` where that cannot be. Raises `ProviderDown`."""

    def log_out(self, token: str) -> LogOut:
        """Return whom a log-out token means. Raises `ProviderDown`, `NotVouched`."""
