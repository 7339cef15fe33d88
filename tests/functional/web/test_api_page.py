"""The page of the API in a real browser, under the strict policy."""

import re
import subprocess
import tempfile

import pytest

from tests.support.browser import program
from tests.support.web_server import WebServer

ARGUMENTS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--enable-logging=stderr", "--v=0", "--virtual-time-budget=20000", "--dump-dom"),
)


def test_everything_that_the_page_takes_is_ours(web: WebServer) -> None:
    page = web.ask("/api/v1/docs").content.decode()
    taken = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(taken) >= 4
    assert all(each.startswith("/api/v1/") and web.ask(each).status == 200 for each in taken)
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert "style=" not in page


@pytest.mark.browser
def test_a_browser_draws_every_chapter_and_refuses_nothing(web: WebServer) -> None:
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [program(), *ARGUMENTS, f"--user-data-dir={profile}", f"http://127.0.0.1:{web.port}/api/v1/docs"],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    assert "opblock-tag" in done.stdout, done.stderr[-2000:]
    for tag in web.ask("/api/v1/openapi.json").json["tags"]:
        assert f'data-tag="{tag["name"]}"' in done.stdout
    assert "OAS 3.1" in done.stdout
    assert "Unable to render" not in done.stdout
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert complaints == []
