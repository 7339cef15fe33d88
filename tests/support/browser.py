"""A real browser on the real pages: Chromium without a window, in the sizes of a desk and of a phone.

Guarantees that a page that breaks a rule of the browser (a script error, a refused style, a file that is not there)
fails its test, and that what was seen is kept as a picture below `build/screenshots`.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, expect
from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

from tests.support.waiting import until

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Chromium without what draws windows is a fifth faster; the others do as well."""
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
MOST_MS = 30_000
SERIOUS = ("serious", "critical")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def program() -> str:
    """Return the path of the browser. Without one the test skips, but in CI it fails."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        missing = "no Chromium is here: make browser installs it on Debian"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    return path


def launch(playwright: Playwright) -> Browser:
    """Return the browser, opened. What a test expects may take as long as what it does: machines are shared."""
    expect.set_options(timeout=MOST_MS)
    # As root there is no sandbox to be had; the pages are our own.
    return playwright.chromium.launch(executable_path=program(), args=["--no-sandbox"] if os.geteuid() == 0 else [])


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an application on loopback and yield its address.

    Answers are read whole before they are sent: the server forgets to close what it sends to a page that was left.
    """

    def whole(environ: "WSGIEnvironment", start: "StartResponse") -> Sequence[bytes]:
        with closing(ClosingIterator(app(environ, start))) as answer:
            return [b"".join(answer)]

    server = make_server("127.0.0.1", 0, whole, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def opened(browser: Browser, address: str, size: str = "desk", language: str = "zh-CN") -> Iterator[Page]:
    """Yield a page of a new browser without cookies; fails when the browser complained of anything."""
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        locale=language,
        is_mobile=size == "phone",
        has_touch=size == "phone",
    )
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            complaints.append(message.text)

    def miss(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left before a file of it had come
            complaints.append(f"{request.url}: {request.failure}")

    page = context.new_page()
    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", miss)
    try:
        yield page
    finally:
        context.close()
    assert not complaints, "\n".join(complaints)


def drawn(page: Page, charts: int) -> None:
    """Wait until so many charts are there, each with its picture."""
    pictures = page.locator("img.chart")
    expect(pictures).to_have_count(charts)
    whole = "all => all.every(each => each.complete && each.naturalWidth > 0)"
    until(lambda: pictures.evaluate_all(whole), "every chart is drawn")


def seen(page: Page, name: str) -> None:
    """Keep a picture of the whole page, and check it: nothing serious against WCAG 2.2 AA, nothing too wide."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
    found = list(checked(page))
    assert found == [], f"{name}: {found}"


def checked(page: Page, rules: Sequence[str] | None = None) -> Iterator[str]:
    """Yield what is serious against WCAG 2.2 AA, or against some rules of axe alone, and by how much it is too wide."""
    if rules is None or rules:
        only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": LEVELS}
        # What passed is not told node by node, and no style sheet is loaded again: both only cost time.
        options = {"runOnly": only, "resultTypes": ["violations"], "preload": False, "iframes": False}
        for each in Axe().run(page, options=options).response["violations"]:
            if each["impact"] in SERIOUS:
                yield f"{each['id']}: {[node['html'][:200] for node in each['nodes']][:3]}"
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        yield f"{wide} pixels too wide for {page.evaluate('document.documentElement.clientWidth')}"
