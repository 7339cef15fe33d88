"""Source files that are sent, and the snapshots and sweeps that are made of them."""

import hashlib
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policy_match.storage.unit_of_work import Database
from tests.functional.region import MAPPING
from tests.support.api import ApiClient, TestDesk, client_of, staff
from tests.support.cases import OUTSIDER, MovableClock, chosen, uscc, write_policies
from tests.support.requests import do_requests

CSV = "text/csv"
ANY = "application/octet-stream"
HEADER = "uscc,企业名称,参保人数,缴费,留存\n"
FIRMS = f"{uscc(1)},示例1有限公司,10,2000,5000\n{OUTSIDER},局外有限公司,0,0,0\n"


class RegistryDesk(TestDesk):
    """The application with one mapping, in a folder of the test."""

    def __init__(self, database: Database, folder: Path) -> None:
        rules = write_policies(folder / "rules", chosen("direct"))
        super().__init__(database, rules, MovableClock(), folder)
        self.mappings = folder / "mappings"
        self.mappings.mkdir()
        (self.mappings / "registry.toml").write_text(MAPPING, encoding="utf-8")

    @property
    def mappings_folder(self) -> Path:
        """Where the mapping is."""
        return self.mappings


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> RegistryDesk:
    return RegistryDesk(database, tmp_path)


@pytest.fixture
def clerk(desk: RegistryDesk) -> ApiClient:
    return client_of(desk, staff("clerk"))


def sent(client: ApiClient, content: bytes, media_type: str = CSV) -> tuple[str, int]:
    """Send a file; return its digest and the status of the answer."""
    digest = hashlib.sha256(content).hexdigest()
    return digest, client.upload("PUT", f"/uploads/{digest}", content, media_type).status_code


def parquet() -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.table({"uscc": [str(uscc(1))]}), written)
    return written.getvalue()


def packed(*names: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ((HEADER + FIRMS).encode(), "csv"),
        ((HEADER + FIRMS).encode("gb18030"), "csv"),
        (parquet(), "parquet"),
        (packed("xl/workbook.xml"), "xlsx"),
    ],
)
def test_a_file_is_what_its_content_is(clerk: ApiClient, content: bytes, kind: str) -> None:
    digest, status = sent(clerk, content, ANY)
    assert status == 200
    found = clerk.get(f"/uploads/{digest}").get_json()
    assert (found["kind"], found["size_bytes"], found["by"]) == (kind, len(content), "wang.fang")
    assert [each["digest"] for each in clerk.pages("/uploads")] == [digest]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PAR1 is how it begins",
        packed("readme.txt"),
        b"PK\x03\x04 no archive",
        b"uscc\n\x00\x01",
        b"\xff\xfeu\x00",
    ],
    ids=["empty", "no-parquet", "no-workbook", "no-archive", "bytes", "utf-16"],
)
def test_what_no_import_reads_is_refused_and_not_kept(desk: RegistryDesk, clerk: ApiClient, content: bytes) -> None:
    digest, status = sent(clerk, content, CSV)
    assert status == 422
    assert clerk.get(f"/uploads/{digest}").status_code == 404
    assert list((desk.config.data_dir / "uploads").glob("*")) == []


def test_another_content_than_the_address_says_is_refused(desk: RegistryDesk, clerk: ApiClient) -> None:
    answer = clerk.upload("PUT", f"/uploads/{'0' * 64}", HEADER.encode(), CSV)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "upload.digest")
    assert list((desk.config.data_dir / "uploads").glob("*")) == []


def test_another_media_type_is_refused(clerk: ApiClient) -> None:
    assert sent(clerk, HEADER.encode(), "text/html")[1] == 415


@pytest.mark.parametrize("name", ["x", "..%2F..%2Fetc%2Fpasswd", "0" * 63, "A" * 64])
def test_a_name_that_is_no_digest_is_not_found(clerk: ApiClient, name: str) -> None:
    assert clerk.upload("PUT", f"/uploads/{name}", HEADER.encode(), CSV).status_code == 404


def test_sending_the_same_again_changes_nothing(clerk: ApiClient) -> None:
    first, again = sent(clerk, HEADER.encode()), sent(clerk, HEADER.encode())
    assert first == again
    assert len(clerk.pages("/uploads")) == 1


def test_files_become_a_snapshot_and_the_snapshot_a_sweep(desk: RegistryDesk, clerk: ApiClient, tmp_path: Path) -> None:
    assert clerk.get("/mappings").get_json() == {"items": ["registry"]}
    digest, _ = sent(clerk, (HEADER + FIRMS + "no code,x,1,1,1\n").encode())
    wanted = {"sources": [{"mapping": "registry", "upload": digest}], "as_of": "2025-06-30"}
    number = clerk.post("/requests/imports", wanted).get_json()["request_id"]
    assert do_requests(desk, desk.database, tmp_path / "rules") == {"done": 1}
    made = clerk.get(f"/requests/{number}").get_json()["result"]
    assert made["rows"] == {"firm": 2}
    assert made["rows_refused"] == 1
    snapshot = made["snapshot_id"]
    assert clerk.pages("/snapshots") == [{"snapshot_id": snapshot}]
    shown = clerk.get(f"/snapshots/{snapshot}").get_json()
    assert [each["sha256"] for each in shown["inputs"]] == [digest]
    assert [(each["grain"], each["rows"]) for each in shown["tables"]] == [("firm", 2)]
    assert clerk.get(f"/snapshots/{snapshot}/soundness").get_json()["sound"]
    report = clerk.get(f"/snapshots/{snapshot}/quality")
    assert (report.mimetype, report.get_json()["snapshot"]) == ("application/json", snapshot)
    clerk.post("/requests/imports", wanted)
    number = clerk.post("/requests/sweeps", {"snapshot_id": snapshot, "as_of": "2025-06-30"}).get_json()["request_id"]
    assert do_requests(desk, desk.database, tmp_path / "rules") == {"done": 2}
    assert len(clerk.pages("/snapshots")) == 1
    kept = clerk.get(f"/requests/{number}").get_json()["result"]
    assert (kept["eligible"], kept["amount_fen"]) == (1, 100_000)
    assert [each["sweep_id"] for each in clerk.pages("/sweeps")] == [kept["sweep_id"]]


def test_a_policy_that_fits_everybody_waits_for_a_person(desk: RegistryDesk, clerk: ApiClient, tmp_path: Path) -> None:
    digest, _ = sent(clerk, (HEADER + FIRMS.splitlines(keepends=True)[0]).encode())
    wanted = {"sources": [{"mapping": "registry", "upload": digest}], "as_of": "2025-06-30"}
    clerk.post("/requests/imports", wanted)
    do_requests(desk, desk.database, tmp_path / "rules")
    (snapshot,) = clerk.pages("/snapshots")
    asked = {**snapshot, "as_of": "2025-06-30"}
    number = clerk.post("/requests/sweeps", asked).get_json()["request_id"]
    assert do_requests(desk, desk.database, tmp_path / "rules") == {"failed": 1}
    assert clerk.get(f"/requests/{number}").get_json()["code"] == "sweep-unconfirmed-match"
    word = clerk.post("/match-confirmations", {"policy_id": "direct", "as_of": "2025-06-30", "matches": "all"})
    assert (word.status_code, word.get_json()["by"]) == (200, "wang.fang")
    clerk.post("/requests/sweeps", asked)
    assert do_requests(desk, desk.database, tmp_path / "rules") == {"done": 1}


def test_a_changed_snapshot_is_not_sound(desk: RegistryDesk, clerk: ApiClient, tmp_path: Path) -> None:
    digest, _ = sent(clerk, (HEADER + FIRMS).encode())
    wanted = {"sources": [{"mapping": "registry", "upload": digest}], "as_of": "2025-06-30"}
    clerk.post("/requests/imports", wanted)
    do_requests(desk, desk.database, tmp_path / "rules")
    (snapshot,) = clerk.pages("/snapshots")
    (table,) = (desk.snapshots_folder / snapshot["snapshot_id"]).glob("*.parquet")
    table.chmod(0o644)
    table.write_bytes(table.read_bytes() + b"x")
    answer = clerk.get(f"/snapshots/{snapshot['snapshot_id']}/soundness")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "snapshot.damaged")


@pytest.mark.parametrize("path", ["/snapshots/" + "0" * 64, "/snapshots/" + "0" * 64 + "/quality", "/snapshots/..%2Fx"])
def test_a_snapshot_that_there_is_not_is_not_found(clerk: ApiClient, path: str) -> None:
    assert clerk.get(path).status_code == 404


def test_prior_aid_comes_from_a_file(desk: RegistryDesk, clerk: ApiClient, tmp_path: Path) -> None:
    lines = (
        f"source,reference,uscc,matter,paid_on,amount_yuan\n市科技局,1,{uscc(1)},equipment,2025-01-31,500\nx,2,,,,\n"
    )
    digest, _ = sent(clerk, lines.encode())
    numbers = [clerk.post("/requests/prior-aid", {"upload": digest}).get_json()["request_id"] for _ in range(2)]
    assert do_requests(desk, desk.database, tmp_path / "rules") == {"done": 2}
    first, again = (clerk.get(f"/requests/{number}").get_json()["result"] for number in numbers)
    assert (first["added"], first["known"]) == (1, 0)
    assert first["refused_lines"] == [{"line": 3, "because": "empty"}]
    assert (again["added"], again["known"]) == (0, 1)
    table, _ = sent(clerk, parquet())
    clerk.post("/requests/prior-aid", {"upload": table})
    assert do_requests(desk, desk.database, tmp_path / "rules") == {"failed": 1}
    assert clerk.post("/requests/prior-aid", {"upload": "0" * 64}).status_code == 404
