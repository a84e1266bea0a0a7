"""What may be asked of the database, of a text that somebody sent."""


def askable(text: str) -> str:
    """Without U+0000: nothing that is stored holds it, and PostgreSQL takes no question for it."""
    return text.replace("\0", "")
