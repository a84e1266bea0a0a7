"""Why a call was denied, in words for the key's owner, and what to do about it.

The names are those that `apikeys.verify` and `dynamic.listener.gate` give; the wire tells less.
"""

from apikeys.denials import COUNTED

WORDS = {
    "wrong secret": (
        "The secret was not this key’s.",
        "Somebody has, or guessed, the key's public part. If your own caller sent it, give it the "
        "whole key anew; if not, there is nothing to do: the call was refused.",
    ),
    "revoked": (
        "The key had been revoked.",
        "Give the caller another key.",
    ),
    "expired": (
        "The key had expired.",
        "Give the caller a new key.",
    ),
    "replaced": (
        "The key had been replaced, and its grace was over.",
        "Some caller still uses the old key: give it the new one.",
    ),
    "owner inactive": (
        "The account of the key was switched off.",
        "Ask the people who run this Integrator.",
    ),
    "query": (
        "The key stood in the query string, where it may not.",
        "Have the caller send Authorization: Bearer, or allow the query string for this key.",
    ),
    "network": (
        "The call came from an address outside the key’s networks.",
        "If that address is your caller's, add it to the key's networks.",
    ),
    "pipe not granted": (
        "The key is not granted this pipe.",
        "If it should call this pipe, grant it.",
    ),
    "method not granted": (
        "The key is not granted this method.",
        "If it should write (or read), grant that.",
    ),
    "no such pipe": (
        "None of the pipes that you may call has the id that was called.",
        "Check the address that the caller calls. If somebody shares the pipe with you, call "
        "it as long as you are an editor of it.",
    ),
    COUNTED: (
        "There were more denials within a minute than are listed one by one.",
        "",
    ),
}


def reason(name: str) -> str:
    return WORDS[name][0]


def advice(name: str) -> str:
    return WORDS[name][1]
