"""What the terminal says of the person before it."""

import os


def language() -> str:
    """The language that it speaks, where that is one of ours; else nothing."""
    said = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return {"zh": "zh-hans", "en": "en"}.get(said[:2].lower(), "")
