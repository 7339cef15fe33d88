"""The last day of this year on which orders are made, for commands that work without payment settings too."""

from datetime import date

from policy_match.bootstrap import Application
from policy_match.cases.working_days import china_day


def cut_off_this_year(application: Application) -> date | None:
    """Return that day; `None` when nobody set how payments are made. Raises `PaymentSettingsUnfit`."""
    config = application.config
    if config.payments_file is None:
        return None
    return config.payments.cut_off_in(china_day(application.clock.now()).year)
