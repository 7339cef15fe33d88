"""Opens the addresses of messages that are about to be sent.

Guarantees that one broken seal stops one message, while a key that is not there stops all of them before any is sent.
The cipher is `account_sealer`.
"""

from policy_match.notices.deliveries import MessageToSend
from policy_match.notices.sealing import AddressSealer
from policy_match.storage.account_sealer import BrokenSeal


class AddressOpener:
    """Opens addresses by the keys of one sealer."""

    def __init__(self, sealer: AddressSealer) -> None:
        self._sealer = sealer

    def __call__(self, message: MessageToSend, /) -> str | None:
        """Return the address; `None` when its seal is broken. Raises `UnknownSealingKey`."""
        try:
            return self._sealer.open_address(message.address, message.recipient)
        except BrokenSeal:
            return None
