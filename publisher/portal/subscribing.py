"""Pages on which a reader subscribes by e-mail or webhook, confirms by a signed link, and leaves.

The portal only drops what was asked for into a folder; it keeps no address and knows no subscriber.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from publisher.portal.doorkeeper import HOUR, Arrivals, client_address, from_elsewhere
from publisher.portal.filing import NotTaken
from publisher.portal.pages import LONGEST_QUERY, RETRY_SECONDS, library, titles
from publisher.signed_links import key_set, read_keys, read_link
from publisher.subscribing import (
    CONFIRM,
    EMAIL,
    LEAVE,
    LIST,
    SUBSCRIBE,
    WAYS,
    Topic,
    Wish,
    WishFolder,
    good_address,
    is_email,
    topic_words,
)

subscriptions = Blueprint("subscriptions", __name__, url_prefix="/subscriptions")

ASKED_AN_HOUR = 10  # subscriptions and lists that one client asks for
FOLLOWED_AN_HOUR = 60  # signed links
# Parameter of the address → member of the topic.
_TOPIC = {"dataset": "dataset", "code": "code", "q": "words", "department": "department",
          "county": "county", "kind": "kind"}  # fmt: skip


def open_subscribing(app: Flask, folder: Path | None, keys: Path | None) -> None:
    """Add the pages, where there is a folder and the portal has an address that letters can name.

    `keys` is the folder in which the hub leaves its public key.
    """
    offered = folder is not None and bool(app.config["SETTINGS"].base_url)
    app.context_processor(lambda: {"may_subscribe": offered})
    if not offered or folder is None:
        return
    app.config["WISHES"] = WishFolder(folder)
    app.config["LINK_KEYS"] = keys
    app.config["WISHED"] = Arrivals(ASKED_AN_HOUR)
    app.config["FOLLOWED"] = Arrivals(FOLLOWED_AN_HOUR)
    app.register_blueprint(subscriptions)


@subscriptions.after_request
def _keep_nowhere(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"  # signed links stay here
    return response


def _topic() -> Topic:
    """What the address names; 404 where that is nothing, or a dataset that isn't here."""
    told = {
        member: value[:LONGEST_QUERY]
        for name, member in _TOPIC.items()
        if (value := request.args.get(name, "").strip())
    }
    topic = Topic(**told)
    if topic == Topic() or (topic.dataset and library().latest(topic.dataset) is None):
        abort(404)
    return topic


@subscriptions.route("/new", methods=["GET", "POST"])
def form() -> AnyResponse | tuple[str, int]:
    """The form for one topic, and what is sent with it."""
    topic = _topic()
    if request.method == "GET":
        return _page(topic), 200
    _admit("WISHED", own_page=True)
    way, address = request.form.get("way", ""), request.form.get("address", "").strip()
    wish = Wish(SUBSCRIBE, way, address, topic, g.locale)
    if way not in WAYS or not good_address(wish):
        kind = "subscription_email" if way == EMAIL else "subscription_url"
        return _page(topic, way, address, Issue(kind).message(g.locale)), 422
    _drop(wish)
    return redirect(url_for("subscriptions.received", what=way), code=303)


def _page(topic: Topic, way: str = "", address: str = "", wrong: str = "") -> str:
    words = topic_words(topic, titles())
    asked: dict[str, Any] = {
        name: request.args[name][:LONGEST_QUERY] for name in _TOPIC if name in request.args
    }
    action = url_for("subscriptions.form", **asked)
    told = {"way": way, "address": address, "wrong": wrong}
    return render_template("subscribe.html", topic=words, action=action, **told)


@subscriptions.get("/received")
def received() -> str:
    """What happens next; the same whether or not anything will come of it."""
    return render_template("subscribed.html", what=request.args.get("what", ""))


@subscriptions.route("/", methods=["GET", "POST"])
def mine() -> AnyResponse | tuple[str, int]:
    """Where a reader asks for a letter with all subscriptions of a mailbox."""
    if request.method == "GET":
        return render_template("subscriptions.html", address="", wrong=""), 200
    _admit("WISHED", own_page=True)
    address = request.form.get("address", "").strip()
    if not is_email(address):
        wrong = Issue("subscription_email").message(g.locale)
        return render_template("subscriptions.html", address=address, wrong=wrong), 422
    _drop(Wish(LIST, EMAIL, address, language=g.locale))
    return redirect(url_for("subscriptions.received", what=LIST), code=303)


@subscriptions.route("/confirm/<link>", methods=["GET", "POST"])
def confirm(link: str) -> tuple[str, int]:
    """Confirm what a letter asks: a button, because programs open the links in letters too."""
    return _followed(CONFIRM, link)


@subscriptions.route("/leave/<link>", methods=["GET", "POST"])
def leave(link: str) -> tuple[str, int]:
    """End a subscription; mail programs send the POST themselves (RFC 8058)."""
    return _followed(LEAVE, link)


def _followed(act: str, link: str) -> tuple[str, int]:
    keys: Path | None = current_app.config["LINK_KEYS"]
    known = read_keys(keys) if keys is not None else []
    good = read_link(known, link, act, library().today())
    if request.method == "POST" and good is not None:
        _admit("FOLLOWED")
        _drop(Wish(act, link=link))
    done = request.method == "POST"
    page = render_template("subscription_link.html", act=act, good=good is not None, done=done)
    return page, 200 if good is not None else 404


@subscriptions.get("/keys.json")
def keys() -> Response:
    """The public key of what webhooks are sent, as a JSON Web Key Set (RFC 7517)."""
    folder: Path | None = current_app.config["LINK_KEYS"]
    content = json.dumps(key_set(read_keys(folder) if folder else []))
    return Response(content, mimetype="application/jwk-set+json")


def _admit(counter: str, *, own_page: bool = False) -> None:
    if own_page and from_elsewhere():
        abort(403)
    if not current_app.config[counter].admits(client_address(request.remote_addr)):
        raise TooManyRequests(retry_after=HOUR)


def _drop(wish: Wish) -> None:
    try:
        cast(WishFolder, current_app.config["WISHES"]).drop(wish)
    except Refused as error:
        current_app.logger.error("a subscription was not taken: %s", error)  # noqa: TRY400 - no fault of ours
        raise NotTaken(retry_after=RETRY_SECONDS) from error
