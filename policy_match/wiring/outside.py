"""Wires what reaches people and systems outside: identity providers, banks, messengers, receivers of events.

Guarantees that settings which do not fit are one clear error, and that nobody outside is asked while wiring.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from pathlib import Path

from connectors.notification_channels import open_channel as open_notification_channel
from connectors.notification_channels import promises_once
from connectors.payment_channels import open_channel
from connectors.payment_channels.folder_bank import FolderBank
from connectors.payment_channels.folder_inbox import FolderInbox
from connectors.webhooks.courier import Courier, make_courier
from policy_match.cases.defects import CalendarFileWrong
from policy_match.cases.working_days import WorkingDays, parse_working_days
from policy_match.config import VariableNotSet
from policy_match.errors import InputError, all_of
from policy_match.events.cloud_event import SOURCE
from policy_match.identity.providers import ProviderTerms
from policy_match.identity.rules import IdentityRules
from policy_match.notice_settings import NoticeSettings, NoticeSettingsUnfit, ProviderSettings
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.payment_settings import PaymentSettingsUnfit
from policy_match.ports.notices import NotificationChannel
from policy_match.ports.payments import Bank, BankInbox, PaymentChannel
from policy_match.services.identity_desk import IdentityDesk
from policy_match.services.passwords import Passwords
from policy_match.services.prepare_notices import Wording
from policy_match.services.send_webhooks import Office
from policy_match.storage.address_opener import AddressOpener
from policy_match.storage.notice_templates import load_templates
from policy_match.web.identity.openid import OpenIdProvider
from policy_match.web.identity.places import Places
from policy_match.web_settings import WebSettingsUnfit
from policy_match.wiring.parts import Parts


class Outside(Parts):
    """Identity, banks, notification channels and webhooks, as they are set."""

    @cached_property
    def identity(self) -> IdentityDesk:
        """What signing in works with. Raises an `InputError` for settings that do not fit."""
        return IdentityDesk(rules=self.identity_rules, sealer=self.account_sealer, passwords=Passwords())

    @property
    def identity_rules(self) -> IdentityRules:
        """How people sign in. Raises an `InputError` for settings that do not fit."""
        return self.config.web.identity

    @cached_property
    def identity_providers(self) -> Mapping[str, OpenIdProvider]:
        """The providers of OpenID Connect by name; none is asked yet. Raises `VariableNotSet` for a secret."""
        web = self.config.web
        # The rest of the threads goes on with pages while a provider is slow.
        places = Places(max(1, web.server.threads // 2))
        made = all_of(partial(self._identity_provider, each, places) for each in web.identity.providers)
        return {each.terms.name: each for each in made}

    def _identity_provider(self, terms: ProviderTerms, places: Places) -> OpenIdProvider:
        asked_by = f"{_name(self.config.web_file)}: [identity] {terms.name}"
        return OpenIdProvider(
            terms,
            secret=self.config.variable(terms.client_secret_env, asked_by=asked_by),
            address=self.identity_rules.address,
            clock=self.clock,
            places=places,
        )

    @cached_property
    def courier(self) -> Courier:
        """What carries messages to receivers. Raises a `WebSettingsUnfit`, or `SeveralMistakes` of it."""
        hooks = self.config.web.webhooks
        try:
            return make_courier(hooks.allowed, ca_file=hooks.ca_file, timeout_seconds=hooks.timeout_seconds)
        except OSError:
            problem, problem_zh = "[webhooks] `ca_file` holds no certificates", "[webhooks] 的“ca_file”中没有证书"
            raise WebSettingsUnfit(file=_name(self.config.web_file), problem=problem, problem_zh=problem_zh) from None

    @cached_property
    def webhook_office(self) -> Office:
        """With what events are told and sent. Raises a `WebSettingsUnfit`, or `SeveralMistakes` of it."""
        web = self.config.web
        return Office(
            courier=self.courier,
            sealer=self.account_sealer,
            allowed=web.webhooks.allowed,
            source=web.server.public_url or SOURCE,
        )

    @cached_property
    def address_opener(self) -> AddressOpener:
        """What opens the addresses of messages that are about to be sent."""
        return AddressOpener(self.account_sealer)

    @cached_property
    def working_days(self) -> WorkingDays:
        """The calendar of working days, with the overrides that are set.

        Raises `CalendarFileWrong`, `SeveralMistakes` for more than one mistake.
        """
        path = self.config.workdays_file
        if path is None:
            return WorkingDays()
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            kind = type(error).__name__
            raise CalendarFileWrong(
                file=str(path), detail=f"cannot be read: {kind}", detail_zh=f"无法读取：{kind}"
            ) from None
        return WorkingDays(overrides=parse_working_days(text, str(path)), file=str(path))

    @cached_property
    def wording(self) -> Wording:
        """By what notices are written: templates, language, calendar. Raises an `InputError` for a wrong template."""
        settings = None if self.config.notices_file is None else self.config.notices
        return Wording(
            templates=load_templates(None if settings is None else settings.templates),
            calendar=self.working_days,
            language="zh" if settings is None else settings.language,
            cut_off=None if self.config.payments_file is None else self.config.payments.cut_off_in,
        )

    def channel(self, name: str, settings: Mapping[str, str]) -> PaymentChannel:
        """Return a payment channel."""
        return open_channel(name, settings)

    @cached_property
    def payment_channel(self) -> PaymentChannel:
        """The channel of the payment settings. Raises an `InputError` when there are none, or they do not fit."""
        settings = self.config.payments
        try:
            return self.channel(settings.channel, settings.settings)
        except InputError as mistake:
            raise PaymentSettingsUnfit(
                file=_name(self.config.payments_file),
                problem=mistake.message("en"),
                problem_zh=mistake.message("zh"),
            ) from None

    @cached_property
    def bank(self) -> Bank:
        """The outbox of the payment settings, from which the bank's own client carries files on."""
        return FolderBank(self.config.payments.outbox)

    @property
    def bank_inbox(self) -> BankInbox | None:
        """The inbox of the payment settings, if they name one."""
        folder = self.config.payments.inbox
        return None if folder is None else FolderInbox(folder)

    @property
    def has_payments(self) -> bool:
        """Whether it is set how money is paid."""
        return self.config.payments_file is not None

    def payment_cut_off(self, year: int) -> date:
        """Return the last day of a year on which orders are made."""
        return self.config.payments.cut_off_in(year)

    @cached_property
    def notice_settings(self) -> NoticeSettings:
        """How notices reach people. Raises an `InputError` when it is not set, or does not fit."""
        return self.config.notices

    @property
    def has_channels(self) -> bool:
        """Whether it is set how notices reach people."""
        return self.config.notices_file is not None

    @property
    def delivery_rules(self) -> DeliveryRules:
        """The rules of the notice settings. Raises an `InputError` when they are not set, or do not fit."""
        return self.notice_settings.rules

    @cached_property
    def notification_channels(self) -> Sequence[NotificationChannel]:
        """The channel of each provider of the notice settings, in their order; none is connected yet.

        Raises an `InputError` for settings that do not fit, and for a variable that is not set.
        """
        return all_of(partial(self._notification_channel, each) for each in self.notice_settings.providers)

    def _notification_channel(self, provider: ProviderSettings) -> NotificationChannel:
        file = _name(self.config.notices_file)
        try:
            return open_notification_channel(
                provider.connector,
                channel=provider.channel,
                provider=provider.name,
                values=provider.settings,
                secret=partial(self.config.variable, asked_by=f"{file}: {provider.name}"),
                clock=self.clock,
                folder=self.notice_settings.folder,
            )
        except VariableNotSet:
            raise
        except InputError as mistake:
            raise NoticeSettingsUnfit(
                file=file, problem=mistake.message("en"), problem_zh=mistake.message("zh")
            ) from None

    @cached_property
    def promising_providers(self) -> frozenset[str]:
        """The providers of the notice settings that never make a second message of one; none without settings."""
        if self.config.notices_file is None:
            return frozenset()
        return frozenset(each.name for each in self.notice_settings.providers if promises_once(each.connector))


def _name(file: Path | None) -> str:
    """Return how messages call a file, whose settings were read."""
    assert file is not None, "settings come from a file"
    return file.name
