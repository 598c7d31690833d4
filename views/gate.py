"""The gate's page on a phone, and what makes it an app of its own.

What it does is static/js/gate/; whom it serves, the device's token says.
"""

from flask import Blueprint, jsonify, render_template, url_for

from web.guards import public
from web.headers import scans

bp = Blueprint("gate", __name__)


@bp.get("/gate")
@scans
@public
def scanner():
    """The scanner. It holds nothing of anybody: unpaired phones get the same page."""
    return render_template("gate/scanner.html")


@bp.get("/gate/manifest.webmanifest")
@public
def manifest():
    """The page as an app on the phone's home screen."""
    icons = [
        {
            "src": url_for("static", filename=f"img/app-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    response = jsonify(
        name="CricVerse gate",
        short_name="Gate",
        id="/gate",
        start_url="/gate",
        scope="/gate",
        display="standalone",
        orientation="portrait",
        background_color="#0d2019",
        theme_color="#0d2019",
        icons=icons,
    )
    response.headers["Content-Type"] = "application/manifest+json"
    return response
