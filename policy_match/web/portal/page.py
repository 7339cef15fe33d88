"""A page: where it is, who it is for, what is filled in on it, and the function that makes it.

Guarantees that pages and the table of access speak of the same ids. A handler's annotations are its contract: `path`
and `query` are models of `web.models.Query`, `form` is one of `portal.forms.Form`; it returns a `View` or a `Redirect`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, get_type_hints

from pydantic import BaseModel

from policy_match.cases.words import Words
from policy_match.web.operation import File

PARAMETER = re.compile(r"{(\w+)}")

Handler = Callable[..., Any]


class Door(StrEnum):
    """Whose portal a page belongs to."""

    PUBLIC = "public"
    ENTERPRISE = "enterprise"
    BUREAU = "bureau"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class View:
    """A page to show: a template below `templates/` and what it is given.

    `leads_out` is the address to which a form of the page is posted, of whoever signed out here, at another service.
    """

    template: str
    given: Mapping[str, Any] = field(default_factory=dict)
    leads_out: str = ""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where to go after something was done; `done` is a code of `portal.done.DONE`, shown there once."""

    path: str
    done: str = ""


Shown = View | Redirect | File


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page that can be taken away as a file: its name, and the operation of the API that lists it.

    `rows` is the field of the answer that holds them. `words` say what it is where a page has several.
    """

    name: str
    handler: Handler
    rows: str = "items"
    words: Words | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page. Who may use it is said by the table of access for the operation that it is `like`.

    A page that `changes` takes a form, and when that is refused `again` names the page to show again. One that
    `collects` fills tables of its own, which are gone with its transaction: that one is not read only.
    """

    id: str
    door: Door
    path: str
    title: Words
    handler: Handler
    like: str
    changes: bool = False
    again: str = ""
    path_model: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    form: type[BaseModel] | None = None
    nav: bool = False
    uploads: bool = False
    collects: bool = False
    tables: Sequence[Table] = ()

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return not self.changes


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one door, collected by its decorators."""

    door: Door
    pages: list[Page] = field(default_factory=list)

    def shows(
        self,
        path: str,
        zh: str,
        en: str,
        *,
        like: str,
        nav: bool = False,
        collects: bool = False,
        tables: Sequence[Table] = (),
    ) -> Callable[[Handler], Handler]:
        """Make a function the handler of a page that shows something; `nav` puts it into the door's menu."""
        return self._collect(path, Words(zh, en), like=like, nav=nav, collects=collects, tables=tables)

    def takes(
        self, path: str, zh: str, en: str, *, like: str, again: str, uploads: bool = False
    ) -> Callable[[Handler], Handler]:
        """Make a function the handler of a form; `again` is the page on which a refused form is shown again.

        A form that `uploads` has a field of `portal.forms.Attached` and may be as large as an upload of the API.
        """
        return self._collect(path, Words(zh, en), like=like, changes=True, again=again, uploads=uploads)

    def _collect(
        self,
        path: str,
        title: Words,
        *,
        like: str,
        changes: bool = False,
        again: str = "",
        nav: bool = False,
        uploads: bool = False,
        collects: bool = False,
        tables: Sequence[Table] = (),
    ) -> Callable[[Handler], Handler]:
        def collect(handler: Handler) -> Handler:
            hints = get_type_hints(handler)
            path_model = hints.get("path")
            names = set(PARAMETER.findall(path))
            assert names == set(path_model.model_fields if path_model else ()), f"{path} and its model differ"
            self.pages.append(
                Page(
                    id=f"{self.door}.{handler.__name__}",
                    door=self.door,
                    path=path,
                    title=title,
                    handler=handler,
                    like=like,
                    changes=changes,
                    again=f"{self.door}.{again}" if again else "",
                    path_model=path_model,
                    query=hints.get("query"),
                    form=hints.get("form"),
                    nav=nav,
                    uploads=uploads,
                    collects=collects,
                    tables=tuple(tables),
                )
            )
            return handler

        return collect
