"""Pages on which a party files a correction, an objection or credit repair, and follows it."""

from __future__ import annotations

from collections.abc import Mapping
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
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from exchange_schemas.errors import Refused
from exchange_schemas.standard import Standard
from publisher.answers import RECEIVED, Answer, read_answer
from publisher.evidence import LARGEST, MEGABYTE, MOST_FILES, Upload, check_uploads
from publisher.filing_check import CONDITIONS, TITLES, check_filing
from publisher.filing_number import is_number, read_number
from publisher.filings import KINDS, REPAIR, DropFolder, Filing
from publisher.portal.doorkeeper import HOUR, Arrivals, client_address, from_elsewhere
from publisher.portal.filing_words import STATES, about, titles_of_kinds
from publisher.portal.pages import RETRY_SECONDS, chinese, library, released
from publisher.portal.speech import text

filing = Blueprint("filing", __name__)

LARGEST_REQUEST = MOST_FILES * LARGEST + MEGABYTE  # bytes: the files, and what is written
FILED_AN_HOUR = 10  # filings of one client
TRIED_AN_HOUR = 60  # forms that one client sends, complete or not
_PARTS = 40  # of a form


class NotTaken(ServiceUnavailable):
    """503: filings can't be kept now."""


def open_filing(app: Flask, filings: Path | None, answers: Path | None) -> None:
    """Add the pages to the portal; without a folder for filings there are none, and no links."""
    app.config["FILINGS"] = None if filings is None else DropFolder(filings)
    app.config["ANSWERS"] = answers
    app.context_processor(_offered)
    if filings is not None:
        app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
        app.config["MAX_FORM_PARTS"] = _PARTS
        app.config["TRIED"] = Arrivals(TRIED_AN_HOUR)
        app.config["FILED"] = Arrivals(FILED_AN_HOUR)
        app.register_blueprint(filing)


def _offered() -> dict[str, Any]:
    """Which kinds of filing a page may link to."""
    return {"kinds_of_filing": titles_of_kinds() if current_app.config["FILINGS"] else {}}


def _folder() -> DropFolder:
    return cast(DropFolder, current_app.config["FILINGS"])


@filing.after_request
def _keep_nowhere(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@filing.route("/datasets/<dataset>/records/<record_id>/file", methods=["GET", "POST"])
def form(dataset: str, record_id: str) -> AnyResponse | tuple[str, int]:
    """The form of `?kind=` about one record of the current release, and what is sent with it."""
    if request.method == "POST":
        _admit()
    kind = request.args.get("kind", "")
    _, standard = released(dataset)
    record = library().record(dataset, record_id)
    if kind not in KINDS or record is None:
        abort(404)
    page = {"kind": kind, "standard": standard, "record": record, "record_id": record_id}
    if request.method == "GET":
        return _form_page(page, {}, {}), 200
    filed = _written(kind, dataset, record_id)
    uploads = [Upload(one.filename or "", one.stream) for one in _chosen_files()]
    errors = _errors(filed, standard, uploads)
    if errors:
        return _form_page(page, request.form, errors), 422
    return redirect(url_for("filing.received", number=_kept(filed, uploads)), code=303)


def _admit() -> None:
    if from_elsewhere():
        abort(403)
    if not current_app.config["TRIED"].admits(client_address(request.remote_addr)):
        raise TooManyRequests(retry_after=HOUR)


def _form_page(
    page: Mapping[str, Any], values: Mapping[str, str], errors: Mapping[str, str]
) -> str:
    standard: Standard = page["standard"]
    return render_template(
        "filing.html",
        **page,
        values=values,
        errors=errors,
        name=page["record"].get(standard.roles.name or "") or page["record_id"],
        about=about(page["kind"]),
        fields=standard.fields_for("public").values(),
        conditions=CONDITIONS if page["kind"] == REPAIR else (),
        most_files=MOST_FILES,
        most_megabytes=LARGEST // MEGABYTE,
    )


def _written(kind: str, dataset: str, record_id: str) -> Filing:
    texts = {name: _plain(request.form.get(name, "")) for name in TITLES}
    stated = {name: kind == REPAIR and name in request.form for name in CONDITIONS}
    return Filing(
        kind=kind,
        dataset=dataset,
        record_id=record_id,
        party_name=texts["party_name"],
        statement=texts["statement"],
        party_code=texts["party_code"] or None,
        contact_name=texts["contact_name"] or None,
        phone=texts["phone"] or None,
        email=texts["email"] or None,
        field=request.form.get("field") or None,
        promise=stated["promise"],
        performed=stated["performed"],
        remedied=stated["remedied"],
        language=g.locale,
    )


def _plain(written: str) -> str:
    """Without the blanks around, with line feeds only, and without any other control character."""
    lines = written.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in lines if one in "\n\t" or one.isprintable()).strip()


def _chosen_files() -> list[Any]:
    return [one for one in request.files.getlist("evidence") if one.filename]


def _errors(filed: Filing, standard: Standard, uploads: list[Upload]) -> dict[str, str]:
    """Field of the form → what is wrong with it, in the page's language."""
    found = {
        name: issue.message(g.locale) for name, issue in check_filing(filed, standard).items()
    }
    wrong = [issue.message(g.locale) for issue in check_uploads(uploads)]
    return found | ({"evidence": ("；" if chinese() else "; ").join(wrong)} if wrong else {})


def _kept(filed: Filing, uploads: list[Upload]) -> str:
    if not current_app.config["FILED"].admits(client_address(request.remote_addr)):
        raise TooManyRequests(retry_after=HOUR)
    try:
        return _folder().drop(filed, uploads)
    except Refused as error:
        current_app.logger.error("a filing was not taken: %s", error)  # noqa: TRY400 - no fault of ours
        raise NotTaken(retry_after=RETRY_SECONDS) from error


@filing.get("/filings/")
def entrance() -> AnyResponse | tuple[str, int]:
    """Where a number is entered."""
    written = request.args.get("number", "").strip()
    number = read_number(written) if written else None
    if number is not None:
        return redirect(url_for("filing.state", number=number), code=303)
    wrong = text("This isn't a whole number of a filing; compare it once more.")
    page = render_template("filings.html", written=written, error=wrong if written else None)
    return page, 422 if written else 200


@filing.get("/filings/<number>")
def state(number: str) -> AnyResponse | tuple[str, int]:
    """How far a filing is. It says nothing about its party, and nothing at all of unknown numbers."""
    own = read_number(number)
    if own is not None and own != number:
        return redirect(url_for("filing.state", number=own), code=303)
    answer = _answer(number)
    if answer is None:
        return _unknown(number)
    standard = _standard(answer.dataset)
    page = render_template(
        "filing_state.html",
        answer=answer,
        state=text(STATES[answer.state]),
        words=answer.text(chinese()),
        kind=titles_of_kinds().get(answer.kind),
        standard=standard,
    )
    return page, 200


@filing.get("/filings/<number>/received")
def received(number: str) -> tuple[str, int]:
    """Thanks, with the number to follow it by."""
    if _answer(number) is None:
        return _unknown(number)
    return render_template("filing_received.html", number=number), 200


def _answer(number: str) -> Answer | None:
    """What the hub says of a filing; while it hasn't, that it was received."""
    answers: Path | None = current_app.config["ANSWERS"]
    found = read_answer(answers, number) if answers is not None else None
    if found is not None or not is_number(number) or not _folder().has(number):
        return found
    return Answer(number, "", "", RECEIVED, f"{number[2:6]}-{number[6:8]}-{number[8:10]}")


def _unknown(number: str) -> tuple[str, int]:
    error = text("There is no filing with this number; compare it once more.")
    return render_template("filings.html", written=number[:40], error=error), 404


def _standard(dataset: str) -> Standard | None:
    catalogue = library().catalogue
    return catalogue.get(dataset) if dataset in catalogue.datasets() else None
