"""What a file is by which a firm proves what it says: PDF, JPEG or PNG, by its first bytes.

Guarantees that no name and no header of a sender decides. Nothing is opened, drawn or run; keeping files is `storage`.
"""

from collections.abc import Mapping
from enum import StrEnum

from policy_match.errors import InputError

MOST_EVIDENCE_BYTES = 10 << 20
"""So large one file may be: a photograph of a telephone, or some fifty scanned pages."""

MOST_EVIDENCE_FILES = 200
"""So many files one firm may have sent."""


class EvidenceKind(StrEnum):
    """The kinds of files that are taken; the value is the suffix."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"


SIGNATURES: Mapping[EvidenceKind, bytes] = {
    EvidenceKind.PDF: b"%PDF-",
    EvidenceKind.JPEG: b"\xff\xd8\xff",
    EvidenceKind.PNG: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
}
"""How each begins: ISO 32000-2 7.5.2, ITU-T T.81 annex B, ISO/IEC 15948 5.2 and 5.6."""


class EvidenceUnfit(InputError):
    """Not a file that proves anything to whoever reads it."""

    code = "evidence.kind"
    english = "the file is not PDF, JPEG or PNG by its content; scan or photograph the document and send that"
    chinese = "文件内容不是 PDF、JPEG 或 PNG；请将材料扫描或拍照后上传"


class EvidenceTooLarge(InputError):
    """More than one file may have."""

    code = "evidence.size"
    http_status = 413
    english = "the file is larger than {most_megabytes} MB; send a smaller scan"
    chinese = "文件超过 {most_megabytes} MB；请压缩后上传"

    def __init__(self) -> None:
        super().__init__(most_megabytes=MOST_EVIDENCE_BYTES >> 20)


def evidence_kind(start: bytes) -> EvidenceKind:
    """Return what a file is by its beginning. Raises `EvidenceUnfit`."""
    for kind, signature in SIGNATURES.items():
        if start.startswith(signature):
            return kind
    raise EvidenceUnfit
