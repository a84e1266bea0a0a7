"""`notify`: the mails that a flow sends, as far as the language knows of them."""

import pytest

from dynamic.flow.exchange import NotSent
from dynamic.flow.outcome import Status
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from dynamic.flow.runner import Hooks
from tests.dynamic.flow.test_runner import play


class Post:
    def __init__(self, error=None):
        self.mails = []
        self.error = error

    async def __call__(self, mail):
        if self.error:
            raise self.error
        self.mails.append((mail.to, mail.subject, mail.message))


async def sent(step, payload=None, post=None):
    post = post or Post()
    outcome = await play(f"  - notify: {step}\n", payload=payload, hooks=Hooks(notify=post))
    return post.mails, outcome


async def test_it_writes_to_the_owner_with_the_first_line_as_subject():
    mails, outcome = await sent('"Order {{ payload.id }} is late.\\nSee to it."', {"id": 7})
    assert mails == [((), "Order 7 is late.", "Order 7 is late.\nSee to it.")]
    assert outcome.trace[0]["mail"]["subject"] == "Order 7 is late."


async def test_it_writes_to_whom_it_is_told():
    mails, _ = await sent(
        '{to: ["{{ payload.to }}", b@example.org], subject: "S\\nBcc: x", message: M}',
        {"to": "a@example.org"},
    )
    assert mails == [(("a@example.org", "b@example.org"), "S Bcc: x", "M")]


@pytest.mark.parametrize("to", ["nobody", "a@b, c@d", "a@b\nBcc: c@d", 5, ["a@b"] * 11, {"a": 1}])
async def test_it_refuses_what_is_no_address(to):
    mails, outcome = await sent('{to: "{{ payload.to }}", message: M}', {"to": to})
    assert mails == []
    assert outcome.status is Status.FLOW_ERROR
    assert "mail address" in outcome.message


async def test_it_fails_the_step_when_the_mail_is_not_taken():
    _, outcome = await sent("M", post=Post(NotSent("The mail server did not take the mail.")))
    assert outcome.message == "steps[0]: The mail server did not take the mail."


async def test_it_sends_so_many_and_no_more():
    post = Post()
    steps = "  - for: n\n    in: '{{ [1..21] }}'\n    do: [{notify: M}]\n"
    outcome = await play(steps, hooks=Hooks(notify=post))
    assert len(post.mails) == 20
    assert "at most 20 mails" in outcome.message


async def test_it_fails_where_no_mail_can_be_sent():
    outcome = await play("  - notify: M\n")
    assert "No mail can be sent from here" in outcome.message


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{to: nobody, message: M}", "'nobody' is not a mail address"),
        ("{to: 5, message: M}", "to is a mail address"),
        ("{to: a@b}", "notify needs a message"),
        ("{message: M, subject: 5}", "The subject must be text"),
        ("5", "must be a mapping"),
    ],
)
def test_it_says_what_is_wrong(step, said):
    with pytest.raises(DocumentInvalid, match=said):
        compile_flow(f"version: 1\nsteps: [{{notify: {step}}}]", None)
