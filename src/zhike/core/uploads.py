"""How an upload arrives: on the disk, never in memory."""

from contextlib import suppress

from django.core.files.uploadhandler import TemporaryFileUploadHandler


class TidyUpload(TemporaryFileUploadHandler):
    """Django leaves a file that the disk had no room for open until it is collected, which keeps the disk full."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        try:
            return super().receive_data_chunk(raw_data, start)
        except OSError:
            with suppress(OSError):  # what it still holds cannot be written either; the file goes all the same
                self.file.close()
            raise
