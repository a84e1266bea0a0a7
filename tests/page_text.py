"""What a page says, as its reader sees it."""

from html import unescape


def text_of(response):
    body = b"".join(response) if response.streaming else response.content
    return unescape(body.decode())
