"""What must not lie on a disk is read from memory, by a path, and only what is a table is given."""

import pytest

from policy_match.storage.upload_folder import UploadUnfit, in_memory


def test_content_is_read_by_its_path_and_lies_on_no_disk() -> None:
    with in_memory(b"uscc,number\n1,2\n") as path:
        assert path.suffix == ".csv"
        assert path.read_bytes() == b"uscc,number\n1,2\n"
        assert [each.is_symlink() for each in path.parent.iterdir()] == [True]
        assert str(path.readlink()).startswith("/proc/self/fd/")
    assert not path.parent.exists()


@pytest.mark.parametrize("content", [b"", b"PAR1 but damaged", b"PK\x03\x04 but damaged"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(UploadUnfit), in_memory(content):
        pass
