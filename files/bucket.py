"""A bucket that speaks S3. A module of its own: its library is only loaded where a bucket is configured."""

from io import BytesIO
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from storages.backends.s3 import S3Storage

from files.storage import Source

GONE = {"404", "NoSuchKey", "NotFound"}


class Bucket(S3Storage):
    def __init__(self, **options: Any) -> None:
        # By the thread that asks: parts in flight on ten threads would be ten times the memory.
        super().__init__(transfer_config=TransferConfig(use_threads=False), **options)

    def open_at(self, key: str, start: int, length: int) -> Source:
        """Read as it comes: the library's own `open` would fetch the whole object first, for a single second of a video."""
        if not length:
            # There is no way to ask for no byte.
            return BytesIO()
        stored = self.bucket.Object(self._normalize_name(key))
        try:
            body: Any = stored.get(Range=f"bytes={start}-{start + length - 1}")["Body"]
        except ClientError as refused:
            if refused.response["Error"]["Code"] in GONE:
                raise FileNotFoundError(key) from None
            raise
        source: Source = body
        return source
