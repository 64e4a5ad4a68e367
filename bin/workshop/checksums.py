"""Checksums that tell whether a set-up step has to be done again."""

import hashlib
from pathlib import Path


def of_texts(*texts):
    """A short checksum of some texts."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:10]


def of_files(paths):
    """A short checksum of names and contents."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path).encode())
        try:
            digest.update(Path(path).read_bytes())
        except FileNotFoundError:
            continue  # deleted while we read: the next checksum differs anyway
    return digest.hexdigest()[:10]
