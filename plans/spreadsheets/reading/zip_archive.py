"""Zip archives, which workbooks and Word files are: unpacked under a ceiling, whatever they say about their size."""

import copy
import zlib
from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from plans.spreadsheets.reading.limits import DAMAGED, MEBIBYTE, Limits, UnreadableFile

MOST_PARTS = 5_000
CHUNK_BYTES = MEBIBYTE
ENCRYPTED = 0x1
TOO_LARGE = "The file unpacks to more than {} MB. Keep only its sheet of {}, and take out pictures."
TOO_MANY = f"The file is packed out of more than {MOST_PARTS:,} parts, and no workbook of {{}} is. Send another."
PASSWORD = "This file has a password. Remove it in Excel, then upload again."  # noqa: S105
ENTITIES = "The file defines XML entities, which no office program writes. Save it again with Excel or LibreOffice."


class Archive:
    """An archive whose parts have all been unpacked once, so that its size is known and not only claimed.

    Parts that `is_kept` names are held as bytes, until they are taken. Raises `UnreadableFile`.
    """

    def __init__(self, content: bytes, limits: Limits, is_kept: Callable[[str], bool]) -> None:
        """Unpack it."""
        self.limits = limits
        self.room_bytes = limits.max_unpacked_mb * MEBIBYTE
        self.parts: dict[str, bytes] = {}
        try:
            with ZipFile(BytesIO(content)) as file:
                self.names = file.namelist()
                if len(self.names) > MOST_PARTS:
                    raise UnreadableFile(TOO_MANY.format(limits.noun))
                if len(set(self.names)) < len(self.names):
                    raise UnreadableFile(DAMAGED)
                for part in file.infolist():
                    self._unpack(file, part, is_kept(part.filename))
        except (BadZipFile, EOFError, IndexError, NotImplementedError, OSError, ValueError, zlib.error) as error:
            raise UnreadableFile(DAMAGED) from error

    def take(self, name: str) -> bytes:
        """Return the XML of a part, and hold it no longer. Raises `UnreadableFile` for none, or none that is safe."""
        if name not in self.parts:
            raise UnreadableFile(DAMAGED)
        return _plain_xml(self.parts.pop(name))

    def check(self) -> None:
        """Raise `UnreadableFile` when any part that is held is not safe XML."""
        for data in self.parts.values():
            _plain_xml(data)

    def _unpack(self, file: ZipFile, part: ZipInfo, is_kept: bool) -> None:
        if part.flag_bits & ENCRYPTED:
            raise UnreadableFile(PASSWORD)
        if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise UnreadableFile(DAMAGED)
        # The library would stop at the size that the archive claims; a bomb claims little and holds much.
        honest = copy.copy(part)
        honest.file_size = self.room_bytes + 1
        honest.CRC = None  # type: ignore[assignment]  # so that none is checked
        kept, size_bytes = [], 0
        with file.open(honest) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                size_bytes += len(chunk)
                if size_bytes > self.room_bytes:
                    raise UnreadableFile(TOO_LARGE.format(self.limits.max_unpacked_mb, self.limits.noun))
                if is_kept:
                    kept.append(chunk)
        if size_bytes != part.file_size:
            raise UnreadableFile(DAMAGED)
        self.room_bytes -= size_bytes
        if is_kept:
            self.parts[part.filename] = b"".join(kept)


def _plain_xml(data: bytes) -> bytes:
    """Return XML that defines nothing of its own. Raise `UnreadableFile` for other XML, and for XML that hides it."""
    if b"\x00" in data[:1024]:
        raise UnreadableFile(DAMAGED)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise UnreadableFile(ENTITIES)
    return data
