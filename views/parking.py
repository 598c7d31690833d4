from flask import Blueprint

bp = Blueprint("parking", __name__)
