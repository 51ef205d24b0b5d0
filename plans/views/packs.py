"""Board packs of a plan: the list, making and wording a draft, issuing it, its copies, and what was decided on it."""

from itertools import groupby

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import get_default_timezone, localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from plans.actions import packs as actions
from plans.as_at import PlanNotThere, as_at_end_of, as_at_moment, today
from plans.choices import PackState
from plans.filters.activities import ActivityFilter
from plans.filters.comparison import ComparisonFilter
from plans.forms.packs import (
    NEW_ASKS,
    AskForm,
    DecisionForm,
    DoneForm,
    MakePackForm,
    NewAskForm,
    WordPackForm,
    asks_in_order,
)
from plans.models import Pack, PackAsk, PackTemplate
from plans.packs.content import PackContent
from plans.packs.copies import CONTENT_TYPES, CopyFailed, write_copy
from plans.packs.making import Wanted
from plans.packs.outline import outline_of
from plans.packs.seal import is_whole
from plans.permissions import (
    can_administer,
    check_still_administers,
    finishable_decisions,
    get_plan,
    get_plan_to_administer,
)
from plans.summaries.record.words import day_in_words
from plans.views.form_page import form_page, is_done
from plans.views.form_recovery import kept, signed_in

MAKE = "make board packs"
ALTERED = "This pack is not as it was issued: its checksum does not fit. There are no copies of it."
UNREADABLE = "This version of the tracker cannot read this pack. A newer one issued it."


def _page(view):
    """Wrap the page of a pack: for people who are signed in, never cached."""
    return require_safe(never_cache(signed_in(view)))


@_page
def pack_list(request, plan_slug):
    """The packs of a plan: drafts as far as the person sees them, then issued ones with what was decided."""
    plan = get_plan(request.user, plan_slug)
    may_make = can_administer(request.user)
    drafts = Pack.objects.drafts().filter(plan=plan).select_related("made_by").defer("content")
    issued = Pack.objects.issued().filter(plan=plan).select_related("issued_by").defer("content")
    asks = PackAsk.objects.filter(pack__plan=plan, pack__state=PackState.ISSUED, is_left_out=False)
    asks = asks.select_related("pack", "activity", "decision__agency").defer("pack__content")
    context = {
        "plan": plan,
        "section": "packs",
        "may_make": may_make,
        "drafts": drafts if may_make else drafts.filter(is_shared=True),
        "issued": issued,
        "asks": _with_rights(request.user, asks.order_by("-pack__number", "position")),
    }
    return render(request, "plans/pack_list.html", context)


def _with_rights(user, asks):
    """Return asks as a list, each with whether `user` may say that what was decided is done. A query more."""
    asks = list(asks)
    own = set(finishable_decisions(user).filter(ask__in=[one.pk for one in asks]).values_list("ask", flat=True))
    for one in asks:
        one.may_finish = one.pk in own
    return asks


@form_page
def pack_make(request, plan_slug):
    """Ask what a pack is called, and as at which day; make a draft of what the filters in the address leave."""
    plan = get_plan_to_administer(request.user, plan_slug, MAKE)
    filters = ActivityFilter(request.GET, plan=plan, on=today(), has_checks=True)
    form = MakePackForm(request.POST if request.method == "POST" else kept(request))
    if request.method == "POST" and form.is_valid() and filters.is_valid():
        try:
            pack = _make(request, plan, filters, form)
        except (PlanNotThere, ValidationError) as refused:
            form.add_error("at", f"{plan} was not {refused} then. Choose a later day.")
        else:
            messages.success(request, "Draft made. Word it, then issue it.")
            return redirect(pack)
    context = {"plan": plan, "section": "packs", "form": form, "filters": filters}
    return render(request, "plans/pack_make.html", context)


def _make(request, plan, filters, form):
    wanted = _wanted(plan, filters, form.cleaned_data["title"], form.cleaned_data["at"])
    return actions.make_draft(wanted=wanted, query=filters.query, by=request.user)


def _wanted(plan, filters, title, at):
    last = Pack.objects.last_of(plan)
    if last and (at is None or last.at < at.moment):
        since = as_at_moment(last.at)
        words = f"{last}, {day_in_words(since.day)}"
    else:
        since, words = _since(plan, at), ""
    said = "; ".join(value for _, value in filters.said)
    return Wanted(plan, filters.selection, title, said, at, since, words)


def _since(plan, at):
    """Return with which moment a first pack is compared, as the page that compares has it; None where there is none."""
    data = QueryDict(mutable=True)
    if at:
        data["to"] = at.asked
    compared = ComparisonFilter(data, plan=plan, on=today(), may_see_drafts=True)
    return compared.first if compared.is_valid() else None


@_page
def pack(request, plan_slug, number):
    """An issued pack, of what it said when it was issued and of nothing else."""
    plan, found = _get_issued(request, plan_slug, number)
    return _show(request, plan, found)


@_page
def pack_draft(request, plan_slug, pk):
    """A draft as it would be issued."""
    plan = get_plan(request.user, plan_slug)
    found = get_object_or_404(Pack.objects.select_related("made_by", "issued_by"), plan=plan, pk=pk)
    found.plan = plan
    if found.number:
        return redirect(found)
    if not found.is_draft or not (can_administer(request.user) or found.is_shared):
        raise Http404("There is no such draft, or it is not shared.")
    return _show(request, plan, found)


def _show(request, plan, found):
    outline, problem = _outline(found)
    asks = found.asks.filter(is_left_out=False).select_related("activity", "decision__agency")
    context = {
        "plan": plan,
        "section": "packs",
        "pack": found,
        "outline": outline,
        "blocks": list(_for_page(outline["blocks"])),
        "problem": problem,
        "may_make": can_administer(request.user),
        "later": _issued_since(found) if found.is_draft else None,
        "asks": _with_rights(request.user, asks) if found.number else (),
    }
    return render(request, "plans/pack.html", context)


def _issued_since(found):
    """Return the last pack of the plan if it was issued after a draft was read, else None. One query."""
    last = Pack.objects.last_of(found.plan)
    return last if actions.is_stale(found, last) else None


def _outline(found):
    """Return the text of a pack as plain values, and what is wrong with it: blank for nothing."""
    problem = "" if is_whole(found) else ALTERED
    try:
        return outline_of(PackContent.from_json(found.content), found.checksum).to_json(), problem
    except ValueError:
        return {"title": found.title, "marking": found.get_marking_display(), "blocks": ()}, problem or UNREADABLE


def _for_page(blocks):
    """Return the blocks of an outline with the bullets that follow each other as one list."""
    for is_list, some in groupby(blocks, key=lambda one: one.get("style") == "bullet"):
        together = list(some)
        yield from [{"kind": "List", "items": together}] if is_list else together


@form_page
@transaction.atomic
def pack_word(request, plan_slug, pk):
    """Word a draft: title, covering note, sections, and what it asks of whom."""
    plan, found = _get_draft(request, plan_slug, pk)
    data = request.POST if request.method == "POST" else kept(request)
    content = PackContent.from_json(found.content)
    first = {"title": found.title, "covering_note": found.covering_note, "version": found.version}
    form = WordPackForm(data, content=content, initial=first)
    asks = list(found.asks.select_related("activity", "barrier"))
    rows = [(one, _ask_form(data, one, place, len(asks))) for place, one in enumerate(asks, start=1)]
    new = [NewAskForm(data, prefix=f"new-{place}") for place in range(1, NEW_ASKS + 1)]
    if request.method == "POST" and all(one.is_valid() for one in (form, *(row for _, row in rows), *new)):
        try:
            saved = _word(request, found, form, rows, new)
        except ValidationError as refused:
            form.add_error(None, refused)
            form.data = form.data.copy()
            form.data["version"] = Pack.objects.get(pk=found.pk).version
        else:
            messages.success(request, "Draft saved.")
            return redirect(saved)
    context = {"plan": plan, "section": "packs", "pack": found, "form": form, "rows": rows, "new": new}
    return render(request, "plans/pack_word.html", context)


def _ask_form(data, ask, place, places):
    names = ("text", "of_whom", "due_on", "is_left_out")
    initial = {name: getattr(ask, name) for name in names} | {"position": place}
    return AskForm(data, prefix=f"ask-{ask.pk}", places=places, initial=initial)


def _word(request, found, form, rows, new):
    return actions.word_draft(
        pack=found,
        by=request.user,
        version=form.cleaned_data["version"],
        title=form.cleaned_data["title"],
        covering_note=form.cleaned_data["covering_note"],
        sections=form.chosen,
        asks=asks_in_order(rows),
        new_asks=[row.cleaned_data for row in new if row.cleaned_data["text"]],
    )


@form_page
@transaction.atomic
def pack_issue(request, plan_slug, pk):
    """Ask whether a draft is issued as it is, and issue it."""
    plan, found = _get_draft(request, plan_slug, pk)
    problems, is_stale = [], False
    if request.method == "POST":
        try:
            issued = actions.issue_pack(pack=found, by=request.user, version=_version(request))
        except ValidationError as refused:
            problems, is_stale = refused.messages, getattr(refused, "code", "") == "stale"
        else:
            messages.success(request, f"{issued} is issued. It never changes.")
            return redirect(issued)
    context = {"plan": plan, "section": "packs", "pack": found, "problems": problems, "is_stale": is_stale}
    return render(request, "plans/pack_issue.html", context)


def _version(request):
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() else 0


@form_page
def pack_read(request, plan_slug, pk):
    """Have a draft say what the plan says now, with all that was worded kept. The plan is read outside of a write."""
    plan, found = _get_draft(request, plan_slug, pk)
    if request.method == "POST":
        try:
            wanted = _wanted(plan, _filters_of(plan, found), found.title, _moment_of(found))
            actions.read_again(pack=found, wanted=wanted, by=request.user, version=_version(request))
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, "The draft has been read again. Your words, order and choices are as they were.")
    return redirect("plans:pack_draft", plan.slug, found.pk)


def _filters_of(plan, found):
    filters = ActivityFilter(QueryDict(found.query), plan=plan, on=today(), has_checks=True)
    if not filters.is_valid():
        raise ValidationError("The filters of this draft are unknown now. Make a new draft.")
    return filters


def _moment_of(found):
    """Return the day as at whose end a draft was made, None for one that was made of the plan by then."""
    end = as_at_end_of(localdate(found.at, get_default_timezone()))
    return end if end.moment == found.at else None


@form_page
@transaction.atomic
def pack_share(request, plan_slug, pk):
    """Share a draft with whoever sees the plan, or stop that."""
    plan, found = _get_draft(request, plan_slug, pk)
    if request.method == "POST":
        is_shared = request.POST.get("shared") == "yes"
        actions.share_draft(pack=found, by=request.user, is_shared=is_shared)
        said = "Everyone who is signed in can read the draft now." if is_shared else "Only programme admins see it now."
        messages.success(request, said)
    return redirect("plans:pack_draft", plan.slug, found.pk)


@form_page
@transaction.atomic
def pack_discard(request, plan_slug, pk):
    """Ask whether a draft is discarded, and discard it."""
    plan, found = _get_draft(request, plan_slug, pk)
    if request.method == "POST":
        actions.discard_draft(pack=found, by=request.user)
        messages.success(request, "Draft discarded.")
        return redirect("plans:pack_list", plan.slug)
    return render(request, "plans/pack_discard.html", {"plan": plan, "section": "packs", "pack": found})


@_page
def pack_docx(request, plan_slug, number):
    """An issued pack as a Word file."""
    return _copy(request, plan_slug, number, "docx")


@_page
def pack_pdf(request, plan_slug, number):
    """An issued pack as a PDF."""
    return _copy(request, plan_slug, number, "pdf")


def _copy(request, plan_slug, number, kind):
    plan, found = _get_issued(request, plan_slug, number)
    if _outline(found)[1]:
        return redirect(found)
    try:
        copy = write_copy(PackContent.from_json(found.content), kind, _template_of(plan, kind), found.checksum)
    except CopyFailed as failed:
        messages.error(request, str(failed))
        return redirect(found)
    name = f"{plan.slug}-pack-{number}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(copy, content_type=CONTENT_TYPES[kind], headers=headers)


def _template_of(plan, kind):
    """Return what the Word copies of packs of `plan` take of the programme's own file; None for nothing."""
    return PackTemplate.objects.filter(plan=plan).values_list("taken", flat=True).first() if kind == "docx" else None


@form_page
@transaction.atomic
def pack_decision(request, plan_slug, number, pk):
    """Ask what was decided on an ask, who does it and by when."""
    plan = get_plan_to_administer(request.user, plan_slug, "record decisions")
    ask, decision = _get_ask(plan, number, pk)
    if request.method == "POST":
        check_still_administers(request.user)
    names = ("words", "agency", "due_on")
    initial = {name: getattr(decision, name) for name in names} if decision else None
    form = DecisionForm(request.POST if request.method == "POST" else kept(request), initial=initial)
    if is_done(request, form, actions.decide, ask=ask):
        messages.success(request, f"Decision on {ask.reference} saved.")
        return redirect(ask.pack)
    context = {"plan": plan, "section": "packs", "ask": ask, "form": form}
    return render(request, "plans/pack_decision.html", context)


@form_page
@transaction.atomic
def pack_done(request, plan_slug, number, pk):
    """Ask when a decision was done and what was done: programme admins and the people of its agency say so."""
    plan = get_plan(request.user, plan_slug)
    ask, decision = _get_ask(plan, number, pk)
    if decision is None:
        raise Http404("Nothing is decided on this ask yet.")
    if not finishable_decisions(request.user).filter(pk=decision.pk).exists():
        raise PermissionDenied(f"Only people of {decision.agency} and programme admins can say that this is done.")
    initial = {"done_on": decision.done_on or today(), "note": decision.note}
    form = DoneForm(request.POST if request.method == "POST" else kept(request), initial=initial)
    if is_done(request, form, actions.finish_decision, decision=decision):
        messages.success(request, f"Saved: {ask.reference}.")
        return redirect(ask.pack)
    context = {"plan": plan, "section": "packs", "ask": ask, "decision": decision, "form": form}
    return render(request, "plans/pack_done.html", context)


def _get_issued(request, plan_slug, number):
    plan = get_plan(request.user, plan_slug)
    found = get_object_or_404(Pack.objects.issued().select_related("issued_by"), plan=plan, number=number)
    found.plan = plan
    return plan, found


def _get_draft(request, plan_slug, pk):
    plan = get_plan_to_administer(request.user, plan_slug, MAKE)
    found = get_object_or_404(Pack.objects.drafts(), plan=plan, pk=pk)
    found.plan = plan
    if request.method == "POST":
        check_still_administers(request.user)
    return plan, found


def _get_ask(plan, number, pk):
    asks = PackAsk.objects.select_related("pack", "activity", "decision__agency").defer("pack__content")
    asks = asks.filter(pack__plan=plan, pack__number=number, is_left_out=False)
    ask = get_object_or_404(asks, pk=pk)
    ask.pack.plan = plan
    return ask, getattr(ask, "decision", None)
