"""Each reason for which a call is denied has words for the key's owner."""

import re

from django.conf import settings

from apikeys import reasons


def test_it_has_words_for_every_reason_that_is_given():
    given = set()
    for name in ("apikeys/verify.py", "dynamic/listener/gate.py"):
        source = (settings.BASE_DIR / name).read_text("utf-8")
        given |= set(re.findall(r'(?:_ended|_not_granted|_not_known)\(\s*"([a-z ]+)"', source))
        given |= set(re.findall(r'_note\(call, caller.record.public_id, "([a-z ]+)"', source))
    assert len(given) > 8
    # Of these no key is known, so there is nobody to tell.
    assert given - {"malformed", "unknown"} <= reasons.WORDS.keys()
