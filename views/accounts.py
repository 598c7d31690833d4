"""Sign up, sign in, sign out, and one's own account."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import InputRequired

from accounts import accounts, rights, sessions
from database import in_transaction
from extensions import current_person, limiter
from refusals import Refused
from web.guards import fan_only, public, visitor_allowed
from web.requests import Form, own_path

bp = Blueprint("accounts", __name__)

FIELD_OF = {
    "EMAIL_TAKEN": "email",
    "BAD_EMAIL": "email",
    "BAD_NAME": "name",
    "PASSWORD_SHORT": "password",
    "PASSWORD_LONG": "password",
    "PASSWORD_WEAK": "password",
}


class SignUp(Form):
    name = StringField("Your name", [InputRequired("Tell us your name.")])
    email = EmailField("E-mail", [InputRequired("Enter your e-mail address.")])
    password = PasswordField("Password", [InputRequired("Choose a password.")])


class SignIn(Form):
    email = EmailField("E-mail", [InputRequired("Enter your e-mail address.")])
    password = PasswordField("Password", [InputRequired("Enter your password.")])


# Where somebody's work is, by what they may do; the first that fits.
WORK = ((rights.SELL, "owner.index"), (rights.RUN_GATES, "supervisor.index"), (rights.SCORE, "scorer.index"))


def way_back():
    """Where to go on: the page that asked for it, on this site only; else where this person's work is, else home."""
    work = next((endpoint for right, endpoint in WORK if rights.grounds(right)), "site.home")
    return own_path(request.args.get("next")) or url_for(work)


def form_page(template, form, refusal=None, status=200):
    if refusal is not None:
        status = refusal.status
        field = FIELD_OF.get(refusal.code)
        if field:
            form[field].errors = [*form[field].errors, refusal.sentence]
    whole = refusal.sentence if refusal is not None and refusal.code not in FIELD_OF else None
    return render_template(template, form=form, refusal=whole, failed=status != 200), status


@bp.get("/sign-up")
@public
def sign_up():
    return form_page("accounts/sign_up.html", SignUp())


@bp.post("/sign-up", endpoint="register")
@limiter.limit("10/hour")
@visitor_allowed
def register():
    form = SignUp()
    if not form.validate():
        return form_page("accounts/sign_up.html", form, status=422)
    try:
        accounts.sign_up(form.name.data or "", form.email.data or "", form.password.data or "")
    except Refused as refusal:
        return form_page("accounts/sign_up.html", form, refusal)
    return redirect(way_back(), 303)


@bp.get("/sign-in")
@public
def sign_in():
    return form_page("accounts/sign_in.html", SignIn())


@bp.post("/sign-in", endpoint="enter")
@limiter.limit("10/minute;60/hour")
@visitor_allowed
def enter():
    form = SignIn()
    if not form.validate():
        return form_page("accounts/sign_in.html", form, status=422)
    try:
        released = accounts.sign_in(form.email.data or "", form.password.data or "")
    except Refused as refusal:
        return form_page("accounts/sign_in.html", form, refusal)
    if released:
        flash(
            "With what your account has already, the seats you held were more than one buyer can have. They are back "
            "on sale.",
            "warn",
        )
    return redirect(way_back(), 303)


@bp.post("/sign-out")
@visitor_allowed
def sign_out():
    in_transaction(sessions.end)
    answer = redirect(url_for("site.home"), 303)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@bp.get("/account")
@fan_only
def account():
    return render_template("accounts/account.html", person=current_person())
