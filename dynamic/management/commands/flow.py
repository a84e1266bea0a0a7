"""`manage.py flow check|run|diff FILE --owner EMAIL`: work on a flow's document from a shell."""

import difflib
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from dynamic.command_line.accounts import account_of
from dynamic.command_line.request import add_request, headers_of, query_of
from dynamic.flow.expressions import ExpressionInvalid
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.runner import Input
from dynamic.listener.incoming import as_object, joined
from dynamic.systems.run_once import run_once
from dynamic.systems.runnable import Runnable, make_runnable


class Command(BaseCommand):
    help = "Check a flow's document, run it live, or compare it with what is published."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["check", "run", "diff"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="whose API calls")
        parser.add_argument("--flow", metavar="SLUG", help="diff: the flow to compare with")
        parser.add_argument("--payload", metavar="JSON", help="run: the input ({}); of GET: none")
        add_request(parser, "run: ")
        parser.add_argument("--seconds", type=float, default=30.0, help="run: its deadline (30)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = account_of(options["owner"])
        try:
            source = options["file"].read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} cannot be read: {error}.") from None
        work = {"check": self._check, "run": self._run, "diff": self._diff}[options["what"]]
        work(owner, source, options)

    def _check(self, owner: User, source: str, options: dict[str, Any]) -> None:
        self._runnable(owner, source, options)
        self.stdout.write(
            json.dumps({"problems": []}) if options["json"] else f"{options['file']} can run."
        )

    def _run(self, owner: User, source: str, options: dict[str, Any]) -> None:
        given = _input(options)
        runnable = self._runnable(owner, source, options)
        run = run_once(runnable, given, options["seconds"])
        if options["json"]:
            self.stdout.write(json.dumps(run))
        else:
            for entry in run["trace"]:
                told = entry.get("error") or entry.get("message") or ""
                self.stderr.write(
                    f"{entry['ms']:9.1f} ms  {entry['kind']:8} {entry['step']} {told}"
                )
            for problem in run["problems"]:
                self.stderr.write(f"{problem['path'] or 'payload'}: {problem['message']}")
            self.stdout.write(json.dumps(run["body"], indent=2, ensure_ascii=False))
        if run["status"] != "success":
            raise CommandError(f"{run['status']}: {run['message']}")

    def _diff(self, owner: User, source: str, options: dict[str, Any]) -> None:
        flow = owner.flows.filter(slug=options["flow"] or "").first()
        if flow is None:
            raise CommandError("Name one of your flows with --flow SLUG.", returncode=2)
        latest = flow.latest
        before = latest.source if latest else ""
        name = f"{flow.slug} v{latest.number}" if latest else f"{flow.slug} (not published)"
        lines = list(
            difflib.unified_diff(
                before.splitlines(), source.splitlines(), name, str(options["file"]), lineterm=""
            )
        )
        if options["json"]:
            self.stdout.write(json.dumps({"differs": bool(lines), "diff": lines}))
        else:
            self.stdout.write("\n".join(lines))
        if lines:
            raise CommandError("They differ.")

    def _runnable(self, owner: User, source: str, options: dict[str, Any]) -> Runnable:
        try:
            return make_runnable(owner.pk, options["flow"] or "", source)
        except DocumentInvalid as error:
            if options["json"]:
                problems = [problem.as_dict() for problem in error.problems]
                self.stdout.write(json.dumps({"problems": problems}))
            else:
                for problem in error.problems:
                    where = f"{options['file']}:{problem.line}:{problem.column}"
                    self.stderr.write(f"{where}: {problem.message}")
            count = len(error.problems)
            raise CommandError(f"{count} problem{'' if count == 1 else 's'}.") from None
        except (ExpressionInvalid, ValueError) as error:
            raise CommandError(str(error)) from None


def _input(options: dict[str, Any]) -> Input:
    """What a pipe would make of the request: of a GET, the query is the payload, too."""
    query, headers = as_object(query_of(options)), joined(headers_of(options))
    payload = query
    if options["method"] != "GET":
        payload = _json(options["payload"] or "{}")
    elif options["payload"] is not None:
        raise CommandError("A GET has no payload: its query is it. Use --query.", returncode=2)
    return Input(payload=payload, query=query, headers=headers, method=options["method"])


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise CommandError(f"--payload is not JSON: {error}.", returncode=2) from None
