"""Who is named in a text by @."""

from collections import Counter
from collections.abc import Iterable, Mapping

Person = tuple[int, str, str]  # id, name, sign-in name


def handles(people: Iterable[Person]) -> dict[int, str]:
    """What stands behind the @ for each: the name, and where several have it also the sign-in name."""
    known = list(people)
    times = Counter(name for _key, name, _username in known)
    return {key: name if times[name] == 1 else f"{name}({username})" for key, name, username in known}


def mentioned(text: str, called: Mapping[int, str]) -> list[int]:
    """Those whose handle follows an @, in the order of the text. The longest counts, so that 王磊磊 is not 王磊."""
    found: dict[int, None] = {}
    longest_first = sorted(called.items(), key=lambda one: -len(one[1]))
    for part in text.replace("＠", "@").split("@")[1:]:
        key = next((key for key, handle in longest_first if part.startswith(handle) and _ends(part, handle)), None)
        if key is not None:
            found[key] = None
    return list(found)


def _ends(part: str, handle: str) -> bool:
    """Chinese names stand without a space before what follows; in letters the word must end."""
    following = part[len(handle) : len(handle) + 1]
    return not (handle[-1].isascii() and handle[-1].isalnum() and following.isascii() and following.isalnum())
