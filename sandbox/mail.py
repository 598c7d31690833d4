"""The stand-in for SendGrid's `POST /v3/mail/send` and the inbox that keeps what was sent.

Bodies are judged by the rules of https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send."""

import base64
import binascii
import json
import re
import threading
import time

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request

from sandbox.faults import ConnectionDropped, InjectedError
from sandbox.ids import new_text

bp = Blueprint("mail", __name__, template_folder="pages")

MAX_BYTES = 30 * 1024 * 1024
_ADDRESS = re.compile(r"[^@\s<>\",;]+@[^@\s<>\",;]+\.[^@\s<>\",;.]+|[^@\s<>\",;]+@localhost")
_FIELDS = frozenset(
    "personalizations from reply_to reply_to_list subject content attachments template_id headers categories "
    "custom_args send_at batch_id asm ip_pool_name mail_settings tracking_settings".split()
)
_ENVELOPE_FIELDS = frozenset(
    "from to cc bcc subject headers substitutions dynamic_template_data custom_args send_at".split()
)


class BadMail(Exception):
    """One rule of SendGrid's that the body breaks."""

    def __init__(self, message, field):
        super().__init__(message)
        self.error = {"message": message, "field": field, "help": None}


class Inbox:
    """Every accepted mail, in memory, oldest first; ids count from 1."""

    def __init__(self):
        self._lock = threading.Lock()
        self._mails = {}

    def add(self, mail):
        with self._lock:
            number = next(reversed(self._mails), 0) + 1
            self._mails[number] = {"id": number, "at": time.time(), **mail}

    def all(self):
        with self._lock:
            return list(self._mails.values())

    def get(self, number):
        with self._lock:
            return self._mails.get(number)

    def clear(self):
        with self._lock:
            self._mails.clear()


@bp.post("/v3/mail/send")
def send():
    """Accept one request: 202 and an id, or SendGrid's list of errors."""
    box, subject = current_app.extensions["sandbox"], f"{request.method} {request.path}"
    raw = request.get_data()
    try:
        box.faults.before(subject)
    except InjectedError as failure:
        return (
            _errors(429, "too many requests") if failure.kind == "rate_limit" else _errors(500, "internal server error")
        )
    authorization = request.headers.get("Authorization", "")
    if not authorization.startswith("Bearer SG."):
        return _errors(401, "The provided authorization grant is invalid, expired, or revoked")
    if len(raw) > MAX_BYTES:
        return _errors(413, "content too large")
    linger = box.faults.delay(subject)
    try:
        body = json.loads(raw)
        check(body)
    except ValueError:
        return _errors(400, "Bad Request")
    except BadMail as refusal:
        return jsonify(errors=[refusal.error]), 400
    message_id = new_text(22)
    if not (body.get("mail_settings", {}).get("sandbox_mode") or {}).get("enable"):
        for number, envelope in enumerate(body["personalizations"]):
            box.inbox.add(_mail(body, envelope, f"{message_id}.{number}" if number else message_id))
    outcome = box.faults.after(subject)
    box.faults.sleep(linger)
    if outcome == "drop_connection_after":
        raise ConnectionDropped
    if outcome == "error_after":
        return _errors(500, "internal server error")
    answer = Response(status=202)
    answer.headers["X-Message-Id"] = message_id
    return answer


def _errors(status, message):
    return jsonify(errors=[{"message": message, "field": None, "help": None}]), status


def check(body):
    """Raise BadMail at the first rule that the body breaks."""
    if not isinstance(body, dict):
        raise BadMail("Bad Request", None)
    for name in sorted(set(body) - _FIELDS):
        raise BadMail("Additional property is not allowed", name)
    envelopes = body.get("personalizations")
    if not isinstance(envelopes, list) or not 1 <= len(envelopes) <= 1000:
        raise BadMail(
            "The personalizations field is required and must have at least one personalization.", "personalizations"
        )
    _address(
        body.get("from"),
        "from",
        "The from object must be provided for every email send. It is an object that requires the email parameter.",
    )
    if "reply_to" in body:
        _address(body["reply_to"], "reply_to")
    for number, address in enumerate(_list(body, "reply_to_list", 1000)):
        _address(address, f"reply_to_list.{number}")
    for number, envelope in enumerate(envelopes):
        _check_envelope(body, envelope, f"personalizations.{number}")
    _check_content(body)
    for number, attachment in enumerate(_list(body, "attachments", 1000)):
        _check_attachment(attachment, f"attachments.{number}")
    categories = _list(body, "categories", 10)
    if len(set(map(str, categories))) != len(categories) or not all(
        isinstance(name, str) and len(name) <= 255 for name in categories
    ):
        raise BadMail("The categories must be unique strings of at most 255 characters.", "categories")
    if "send_at" in body and not _is_int(body["send_at"]):
        raise BadMail("The send_at parameter must be an integer.", "send_at")
    for name in ("headers", "mail_settings", "tracking_settings", "asm"):
        if name in body and not isinstance(body[name], dict):
            raise BadMail(f"The {name} parameter must be an object.", name)
    for name in ("template_id", "batch_id", "ip_pool_name"):
        if name in body and not isinstance(body[name], str):
            raise BadMail(f"The {name} parameter must be a string.", name)


def _check_envelope(body, envelope, where):
    if not isinstance(envelope, dict):
        raise BadMail("The personalization must be an object.", where)
    for name in sorted(set(envelope) - _ENVELOPE_FIELDS):
        raise BadMail("Additional property is not allowed", f"{where}.{name}")
    if not envelope.get("to"):
        raise BadMail(
            "The to array is required for all personalization objects, and must have at least one email object with a "
            "valid email address.",
            f"{where}.to",
        )
    seen = set()
    for name in ("to", "cc", "bcc"):
        for number, address in enumerate(_list(envelope, name, 1000, where)):
            _address(address, f"{where}.{name}.{number}")
            email = address["email"].lower()
            if email in seen:
                text = (
                    "Each email address in the personalization block should be unique between to, cc, and bcc. "
                    f"We found the first duplicate instance of [{email}]."
                )
                raise BadMail(text, where)
            seen.add(email)
    if "from" in envelope:
        _address(envelope["from"], f"{where}.from")
    subject = envelope.get("subject", body.get("subject"))
    if not body.get("template_id") and (not isinstance(subject, str) or not subject):
        raise BadMail(
            "The subject is required. You can get around this requirement if you use a template with a subject "
            "defined.",
            "subject",
        )
    for name in ("headers", "substitutions", "dynamic_template_data", "custom_args"):
        if name in envelope and not isinstance(envelope[name], dict):
            raise BadMail(f"The {name} parameter must be an object.", f"{where}.{name}")
    if "send_at" in envelope and not _is_int(envelope["send_at"]):
        raise BadMail("The send_at parameter must be an integer.", f"{where}.send_at")


def _check_content(body):
    parts = _list(body, "content", 1000)
    if not parts:
        if body.get("template_id"):
            return
        raise BadMail("Unless a valid template_id is provided, the content parameter is required.", "content")
    for number, part in enumerate(parts):
        if not isinstance(part, dict) or not all(
            isinstance(part.get(name), str) and part[name] for name in ("type", "value")
        ):
            raise BadMail(
                "The content value must be a string at least one character in length.", f"content.{number}.value"
            )
    kinds = [part["type"].split(";")[0] for part in parts]
    if "text/plain" in kinds[1:]:
        raise BadMail(
            "If present, text/plain and text/html may only be provided once, and text/plain must be first.", "content"
        )


def _check_attachment(attachment, where):
    if not isinstance(attachment, dict):
        raise BadMail("The attachment must be an object.", where)
    for name in ("content", "filename"):
        if not isinstance(attachment.get(name), str) or not attachment[name]:
            raise BadMail(f"The attachment {name} is required.", f"{where}.{name}")
    for name in ("type", "content_id"):
        if name in attachment and (not isinstance(attachment[name], str) or not attachment[name]):
            raise BadMail(f"The attachment {name} must be a string.", f"{where}.{name}")
    if attachment.get("disposition", "attachment") not in ("attachment", "inline"):
        raise BadMail("The attachment disposition must be inline or attachment.", f"{where}.disposition")
    try:
        base64.b64decode(attachment["content"], validate=True)
    except binascii.Error:
        raise BadMail("The attachment content must be base64 encoded.", f"{where}.content") from None


def _list(data, name, longest, where=None):
    value = data.get(name, [])
    if not isinstance(value, list) or len(value) > longest:
        raise BadMail(
            f"The {name} parameter must be an array of at most {longest}.", f"{where}.{name}" if where else name
        )
    return value


def _address(value, where, missing="The email parameter is required."):
    if not isinstance(value, dict) or not isinstance(value.get("email"), str):
        raise BadMail(missing, where)
    if not _ADDRESS.fullmatch(value["email"]):
        raise BadMail("Does not contain a valid address.", f"{where}.email")
    if not isinstance(value.get("name", ""), str):
        raise BadMail("The name parameter must be a string.", f"{where}.name")


def _is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _mail(body, envelope, message_id):
    """One mail as its reader sees it."""
    parts = {part["type"].split(";")[0]: part["value"] for part in body.get("content", [])}
    substitutions = envelope.get("substitutions", {})

    def fill(text):
        for name, value in substitutions.items():
            text = text.replace(name, str(value))
        return text

    attachments = [
        {
            "filename": item["filename"],
            "type": item.get("type", "application/octet-stream"),
            "disposition": item.get("disposition", "attachment"),
            "content_id": item.get("content_id"),
            "bytes": base64.b64decode(item["content"]),
        }
        for item in body.get("attachments", [])
    ]
    return {
        "message_id": message_id,
        "from": envelope.get("from", body["from"]),
        "to": envelope["to"],
        "cc": envelope.get("cc", []),
        "bcc": envelope.get("bcc", []),
        "reply_to": body.get("reply_to"),
        "subject": fill(envelope.get("subject", body.get("subject", ""))),
        "text": fill(parts.get("text/plain", "")),
        "html": fill(parts.get("text/html", "")),
        "headers": {**body.get("headers", {}), **envelope.get("headers", {})},
        "custom_args": {**_as_dict(body.get("custom_args")), **envelope.get("custom_args", {})},
        "categories": body.get("categories", []),
        "template_id": body.get("template_id"),
        "dynamic_template_data": envelope.get("dynamic_template_data", {}),
        "attachments": attachments,
    }


def _as_dict(value):
    """SendGrid's own description calls custom_args a string, its SDKs send an object."""
    return (
        value
        if isinstance(value, dict)
        else json.loads(value)
        if isinstance(value, str) and value.startswith("{")
        else {}
    )


def as_json(mail):
    """A mail without its attachments' bytes but with their sizes and addresses."""
    attachments = [
        {
            **{name: item[name] for name in ("filename", "type", "disposition", "content_id")},
            "size": len(item["bytes"]),
            "url": attachment_url(mail, number),
        }
        for number, item in enumerate(mail["attachments"])
    ]
    return {**mail, "attachments": attachments}


def attachment_url(mail, number):
    return f"/inbox/{mail['id']}/attachments/{number}"


@bp.get("/_sandbox/mail")
def list_mail():
    """Every mail, oldest first; `?to=` narrows to one recipient."""
    wanted = request.args.get("to", "").lower()
    mails = current_app.extensions["sandbox"].inbox.all()
    return jsonify(
        [as_json(mail) for mail in mails if not wanted or any(to["email"].lower() == wanted for to in mail["to"])]
    )


@bp.delete("/_sandbox/mail")
def delete_mail():
    current_app.extensions["sandbox"].inbox.clear()
    return "", 204


@bp.get("/inbox")
def inbox():
    return render_template("inbox.html", mails=current_app.extensions["sandbox"].inbox.all()[::-1])


@bp.get("/inbox/<int:number>")
def show(number):
    mail = _get(number)
    return render_template("mail.html", mail=mail, attachments=as_json(mail)["attachments"])


@bp.get("/inbox/<int:number>/html")
def html_body(number):
    """The HTML part alone, without scripts, so that it can be shown in a frame."""
    mail = _get(number)
    text = mail["html"]
    for position, item in enumerate(mail["attachments"]):
        if item["content_id"]:
            text = text.replace(f"cid:{item['content_id'].strip('<>')}", attachment_url(mail, position))
    answer = Response(f'<base target="_blank">{text}', mimetype="text/html")
    answer.headers["Content-Security-Policy"] = (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
        f"img-src data: {request.host_url}"
    )
    return answer


@bp.get("/inbox/<int:number>/attachments/<int:position>")
def attachment(number, position):
    mail = _get(number)
    if position >= len(mail["attachments"]):
        abort(404)
    item = mail["attachments"][position]
    answer = Response(item["bytes"], mimetype=item["type"])
    name = re.sub(r"[^A-Za-z0-9._ -]", "_", item["filename"])
    answer.headers["Content-Disposition"] = f'{item["disposition"]}; filename="{name}"'
    # An attachment is a stranger's file: shown or saved, never run in this origin.
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _get(number):
    mail = current_app.extensions["sandbox"].inbox.get(number)
    if mail is None:
        abort(404)
    return mail
