"""The pages of simulations: what to run a draft with; where it stands, and how to go on."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from dynamic.flow.problems import DocumentInvalid, ExpressionInvalid
from dynamic.models import Flow, Simulation
from dynamic.pages.flow_head import head
from dynamic.pages.simulating_beginning import beginning
from dynamic.pages.simulating_forms import SetupForms, ValuesForm
from dynamic.pages.simulating_recordings import recordings, run_of
from dynamic.pages.step_texts import MOST_SHOWN, StepTexts
from dynamic.pages.trial_text import value_text
from dynamic.simulating.advancing import SECONDS, CannotGoOn, begin, go_on
from dynamic.simulating.documents import Described, Steps
from dynamic.simulating.setup import Setup
from dynamic.simulating.stops import Stop
from dynamic.systems.runnable import make_runnable

AT_END, AT_NEXT, AT_STEP = "end", "next", "step"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def simulate(request: SignedInRequest, ref: str) -> HttpResponse:
    """Asks for the input and the mocks; begins the simulation, and shows it on its own page."""
    flow: Flow = get_object_or_404(Flow.objects.editable_by(request.user).named(ref))
    page = head(flow, "simulate") | {"seconds": SECONDS}
    try:
        runnable = make_runnable(flow.owner_id, flow.slug, flow.draft)
    except DocumentInvalid as error:
        return render(request, "flows/simulate.html", page | {"problems": error.problems})
    except (ExpressionInvalid, ValueError) as error:
        return render(request, "flows/simulate.html", page | {"fault": str(error)})
    apis = sorted({name for name, _ in runnable.calls})
    run = run_of(flow, request.user, request.GET.get("run", ""))
    runs = recordings(flow, request.user, run)
    pk = request.GET.get("from", "")
    before = beginning(flow, request.user, apis, pk, run, has_runs=bool(runs))
    data = request.POST if request.method == "POST" else None
    setup_forms = SetupForms(apis, runs, before, data)
    if data is not None and setup_forms.is_valid():
        simulation = begin(flow, request.user.pk, setup_forms.setup(flow.draft))
        stop = Stop(at_next="step" in data)
        _go_on(request, simulation, 0, stop, {})
        return redirect("flows:simulation", ref, simulation.pk)
    page |= {"forms": setup_forms, "runs": runs, "run": run}
    return render(request, "flows/simulate.html", page)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def simulation_detail(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    flow: Flow = get_object_or_404(Flow.objects.editable_by(request.user).named(ref))
    simulation: Simulation = get_object_or_404(flow.simulations.filter(owner=request.user), pk=pk)
    shown = simulation.shown
    scope = shown["standing"]["scope"] if shown["standing"] else {}
    data = request.POST if request.method == "POST" else None
    form = ValuesForm(scope, simulation.turn, data)
    if data is not None and form.is_valid():
        label = data.get("label", "") if data.get("to") == AT_STEP else ""
        stop = Stop(at_next=data.get("to") == AT_NEXT, label=label)
        turn = form.cleaned_data["turn"]
        _go_on(request, simulation, turn, stop, form.edits() if turn == simulation.turn else {})
        return redirect("flows:simulation", ref, pk)
    return render(request, "flows/simulation.html", _page(flow, simulation, form))


def _go_on(
    request: SignedInRequest, simulation: Simulation, turn: int, stop: Stop, edits: dict[str, Any]
) -> None:
    try:
        go_on(simulation, turn, stop, edits)
    except CannotGoOn as error:
        messages.error(request, str(error))


def _page(flow: Flow, simulation: Simulation, form: ValuesForm) -> dict[str, Any]:
    shown, setup = simulation.shown, Setup.read(simulation.setup)
    result, texts = shown["outcome"], StepTexts()
    page = {
        "flow": flow,
        "simulation": simulation,
        "setup": setup,
        "is_another_draft": setup.source != flow.draft,
        "standing": shown["standing"],
        "fault": shown["fault"],
        "steps": texts.of(shown["trace"]),
        "left_out": texts.left_out,
        "most_shown": MOST_SHOWN,
        "form": form,
        "seconds": SECONDS,
    }
    if not (result or shown["fault"]):
        steps = Steps(setup.source)
        page["stops"] = _stops(steps.all, shown["standing"])
        page["does"] = _does(steps, shown["standing"])
    if result:
        page |= {
            "result": result,
            "ok": result["status"] == "success",
            "body": value_text(result["body"]),
            "told": value_text(result["data"]),
        }
    return page


def _does(steps: Steps, standing: dict[str, Any] | None) -> str:
    """What the next step does; "" where it stands before none of this document."""
    step = steps.by_label.get(standing["label"]) if standing else None
    return step.summary if step else ""


def _stops(steps: list[Described], standing: dict[str, Any] | None) -> list[tuple[str, str, bool]]:
    """Where one may stop: label, words, and whether it comes next in the document."""
    labels = [step.label for step in steps]
    here = labels.index(standing["label"]) if standing and standing["label"] in labels else -1
    return [
        (step.label, f"{'· ' * step.depth}{step.label}: {step.summary}", index == here + 1)
        for index, step in enumerate(steps)
    ]
