"""How a firm is told: through which channels, in which order and language, at which addresses, and of what."""

from typing import Annotated, Literal

from pydantic import Field

from policy_match.notices.model import Channel
from policy_match.notices.subscriptions import Subscription
from policy_match.web.api.v1 import firm_inbox
from policy_match.web.api.v1.firm_inbox import Wish
from policy_match.web.call import Call
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, View
from policy_match.web.portal.saying import Saying

PAGES = Pages(Door.ENTERPRISE)

CHOICES = tuple(each for each in Channel if each is not Channel.INBOX)
PLACES = ("first", "second", "third")
"""So many channels are asked for on the page; the API takes all."""


class WishForm(Form):
    """Channels in order, none for the inbox alone, the language of messages, and what is wanted of what may be left."""

    first: Channel | None = None
    second: Channel | None = None
    third: Channel | None = None
    language: Literal["zh", "en"] = "zh"
    wanted: Annotated[list[Subscription], Field(max_length=len(Subscription), default_factory=list)]


@PAGES.shows("/enterprise/preferences", "通知设置", "Notice settings", like="show_firm_preference", nav=True)
def show_preferences(call: Call) -> View:
    """Show how the firm is told, and ask how it wants to be."""
    say = Saying(call.language)
    wish = firm_inbox.show_firm_preference(call)
    return View(
        "enterprise/preferences.html",
        {
            "wish": wish,
            "wanted": dict(zip(PLACES, wish.channels, strict=False)),
            "contacts": firm_inbox.list_firm_contacts(call).items,
            "options": [(each.value, say.word(each)) for each in CHOICES],
            "news": [(each.value, say.word(each), each not in wish.unwanted) for each in Subscription],
        },
    )


@PAGES.takes(
    "/enterprise/preferences", "通知设置", "Notice settings", like="set_firm_preference", again="show_preferences"
)
def set_preferences(call: Call, form: WishForm) -> Redirect:
    """Keep the wish."""
    channels = [each for each in (form.first, form.second, form.third) if each is not None]
    unwanted = [each for each in Subscription if each not in form.wanted]
    firm_inbox.set_firm_preference(call, Wish(channels=channels, language=form.language, unwanted=unwanted))
    return Redirect("/enterprise/preferences", "wish-kept")
