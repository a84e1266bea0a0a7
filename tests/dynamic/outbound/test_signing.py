"""Signatures after Standard Webhooks."""

import base64

from dynamic.outbound.signing import new_secret, signed_headers, texts_of


def test_it_signs_as_the_libraries_of_standard_webhooks_do():
    # The case that all of them are tested with.
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_it_makes_secrets_of_32_random_bytes():
    first, second = new_secret(), new_secret()
    assert first != second
    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"), validate=True)) == 32


def test_it_knows_what_gives_a_secret_away():
    secret = new_secret()
    assert texts_of(secret) == {secret, secret.removeprefix("whsec_")}
    assert texts_of("") == frozenset()
