"""Weak secrets stop start-up."""

import base64
import secrets

import pytest

from apikeys.keyring import Peppers, SigningKeys, WeakSecret


def coded(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


GOOD = coded(secrets.token_bytes(32))
WEAK = {
    "short": coded(secrets.token_bytes(31)),
    "one byte over and over": coded(b"\xff" * 64),
    "a sample from a tutorial": coded(b"a-string-secret-at-least-256-bits-long"),
    "text": coded(b"correct horse battery staple, and more of it"),
    "not base64url": "?" * 43,
    "empty": "",
}


class TestPeppers:
    def test_it_takes_the_highest_number_as_the_current_one(self):
        other = coded(secrets.token_bytes(32))
        peppers = Peppers.parse(f"2:{GOOD}, 10:{other}")
        assert peppers.current == 10
        assert peppers.values.keys() == {2, 10}

    @pytest.mark.parametrize("value", WEAK.values(), ids=WEAK)
    def test_it_refuses_a_weak_one_without_quoting_it(self, value):
        with pytest.raises(WeakSecret) as caught:
            Peppers.parse(f"1:{value}")
        assert not value or value not in str(caught.value)

    @pytest.mark.parametrize(
        "text",
        ["", GOOD, f"1:{GOOD} 1:{GOOD}", f"x:{GOOD}", f"1:2:{GOOD}"],
        ids=["none", "no number", "one number twice", "a word", "two numbers"],
    )
    def test_it_refuses_another_form(self, text):
        with pytest.raises(WeakSecret):
            Peppers.parse(text)

    def test_it_never_shows_them(self):
        assert GOOD not in repr(Peppers.parse(f"1:{GOOD}"))


class TestSigningKeys:
    def test_it_knows_the_one_that_signs_and_those_that_verify(self):
        other = coded(secrets.token_bytes(32))
        keys = SigningKeys.parse(f"new:signing:{GOOD} old:verifying:{other}")
        assert keys.signing.kid == "new"
        assert keys.by_kid["old"].state == "verifying"

    @pytest.mark.parametrize("value", WEAK.values(), ids=WEAK)
    def test_it_refuses_a_weak_one(self, value):
        with pytest.raises(WeakSecret):
            SigningKeys.parse(f"k1:signing:{value}")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            f"k1:verifying:{GOOD}",
            f"k1:signing:{GOOD} k1:verifying:{GOOD}",
            f"k1:signing:{GOOD} k2:verifying:{GOOD}",
            f"k1:singing:{GOOD}",
            f"k/1:signing:{GOOD}",
        ],
        ids=["none", "none signs", "one id twice", "one secret twice", "no state", "no id"],
    )
    def test_it_refuses_a_ring_that_makes_no_sense(self, text):
        with pytest.raises(WeakSecret):
            SigningKeys.parse(text)

    def test_it_never_shows_them(self):
        text = repr(SigningKeys.parse(f"k1:signing:{GOOD}"))
        assert str(base64.urlsafe_b64decode(GOOD + "=")) not in text
