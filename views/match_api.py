"""The score for scripts: the board of a match, its view, what happened since, its charts, and its log as Cricsheet
JSON."""

import gzip
import json

from flask import Blueprint, Response, render_template, request

from caches.responses import bodies
from cricket.board.charts import charts
from cricket.board.document import BOARD_VERSION
from cricket.board.view import VIEW_VERSION, view
from cricket.matches import exporting, log, showing
from refusals import Refused
from web.guards import public
from web.requests import int32

bp = Blueprint("match_api", __name__)

COMPACT = {"separators": (",", ":"), "ensure_ascii": False}


@bp.get("/api/matches/<int:match_id>")
@public
def board(match_id):
    """{"match_id", "seq", "board"}: everything the match centre shows; `board` is null before anything was entered."""
    seq = log.snapshot_seq(match_id)
    if not seq:
        log.facts_of(match_id)

    def build():
        seq, drawn = log.board_of(match_id)
        return gzip.compress(json.dumps({"match_id": match_id, "seq": seq, "board": drawn}, **COMPACT).encode(), 6)

    return packed(bodies.cached(f"match:{match_id}:{seq}", build), f"{match_id}-{seq}")


@bp.get("/api/matches/<int:match_id>/events")
@public
def events(match_id):
    """{"match_id", "after", "seq", "reset", "more", "events": [{"seq", "key", "kind", "body", "at", "patch"}]}, 200
    events at most.

    `reset`: what happened since cannot be given event by event; fetch the board.
    """
    return since(
        match_id,
        log.EVENT,
        lambda e: {
            "seq": e.seq,
            "key": e.key,
            "kind": e.kind,
            "body": e.body,
            "at": e.at.isoformat(),
            "patch": e.patch,
        },
    )


@bp.get("/api/matches/<int:match_id>/view")
@public
def match_view(match_id):
    """{"match_id", "seq", "view"}: what the match's pages bind, see cricket/board/view.py."""
    seq = log.snapshot_seq(match_id)
    if not seq:
        log.facts_of(match_id)

    def build():
        board = showing.board_of(showing.get_match(match_id))
        body = {"match_id": match_id, "seq": board["seq"], "view": view(board)}
        return gzip.compress(json.dumps(body, **COMPACT).encode(), 6)

    key = f"view:{BOARD_VERSION}:{VIEW_VERSION}:{match_id}:{seq}"
    return packed(bodies.cached(key, build) if seq else build(), f"{match_id}-{seq}")


@bp.get("/api/matches/<int:match_id>/view/events")
@public
def view_events(match_id):
    """Like events(), for pages: each event is {"seq", "patch"}, with the merge patch of the view."""
    return since(match_id, log.VIEW_PATCH, lambda e: {"seq": e.seq, "patch": e.view_patch})


def since(match_id, columns, told):
    """The answer to `?after=`: a page of the log, each event as `told` says it."""
    after = request.args.get("after", 0, type=int32)
    if after < 0:
        raise Refused("MALFORMED.after", status=422)
    page = log.events_after(match_id, after, columns)
    body = json.dumps(
        {
            "match_id": match_id,
            "after": after,
            "seq": page.seq,
            "reset": page.reset,
            "more": page.more,
            "events": [told(event) for event in page.events],
        },
        **COMPACT,
    ).encode()
    # A replay begins again under new numbers, so even a full page is not for ever; an hour is enough for a crowd.
    return answer(
        body, f"{match_id}-{after}-{page.seq}", "public, max-age=3600" if page.is_full else "public, max-age=1"
    )


@bp.get("/matches/<int:match_id>/charts")
@public
def match_charts(match_id):
    """The charts as they stand in the match centre: a page that has them in sight asks once an over, and they are drawn
    once for all."""
    seq = log.snapshot_seq(match_id)
    if not seq:
        log.facts_of(match_id)

    def build():
        board = showing.board_of(showing.get_match(match_id))
        return gzip.compress(render_template("matches/_charts.html", charts=charts(board)).encode(), 6)

    body = bodies.cached(f"charts:{BOARD_VERSION}:{match_id}:{seq}", build) if seq else build()
    return packed(body, f"{match_id}-{seq}", "text/html")


@bp.get("/matches/<int:match_id>/cricsheet.json")
@public
def cricsheet(match_id):
    """The match in Cricsheet's JSON, to keep or to read elsewhere."""
    response = Response(
        json.dumps(exporting.export_match(match_id), indent=1, ensure_ascii=False), mimetype="application/json"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="match-{match_id}.json"'
    return response


def packed(body, tag, mimetype="application/json"):
    """A body that is kept packed, as this browser takes it."""
    if "gzip" in request.accept_encodings:
        response = answer(body, f"{tag}-gzip", "public, max-age=1", mimetype)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = answer(gzip.decompress(body), tag, "public, max-age=1", mimetype)
    response.vary.add("Accept-Encoding")
    return response


def answer(body, tag, caching, mimetype="application/json"):
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = caching
    response.set_etag(tag)
    return response.make_conditional(request)
