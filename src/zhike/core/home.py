"""The product's home: one folder with the embedded database, the analytical copy of the facts, files and the secret."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def path() -> Path:
    """`ZHIKE_HOME`, or `~/.zhike`. Created on first use, readable by its owner alone."""
    home = Path(os.environ.get("ZHIKE_HOME") or "~/.zhike").expanduser().absolute()
    if not home.exists():
        home.mkdir(parents=True, mode=0o700)
    return home


def folder(name: str) -> Path:
    place = path() / name
    place.mkdir(parents=True, exist_ok=True)
    return place


def secret_key() -> str:
    """The signing key of this installation, made once."""
    file = path() / "secret_key"
    if not file.exists():
        fresh = path() / f"secret_key.{secrets.token_hex(4)}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        with suppress(FileExistsError):  # the first of two simultaneous starts wins
            os.link(fresh, file)
        fresh.unlink()
    return file.read_text()
