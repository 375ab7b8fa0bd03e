"""Names of what is read, apart from the reading: the web server shows them without loading the models."""

UNFAVOURABLE, FAVOURABLE = 40.0, 60.0  # of 100
LEVELS = ("calm", "soon", "now")


def tone_name(tone: float) -> str:
    return "unfavourable" if tone < UNFAVOURABLE else "favourable" if tone > FAVOURABLE else "neutral"
