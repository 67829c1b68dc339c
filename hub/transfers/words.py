"""What acts and states of a case transfer are called; the English is a message id."""

from __future__ import annotations

from collections.abc import Mapping

from hub.scoreboard_words import both

ACTS: Mapping[str, str] = {
    "draft": "case drafted",
    "report": "reported to the head",
    "approve": "transfer approved",
    "disapprove": "transfer not approved",
    "send": "case sent",
    "withdraw": "draft withdrawn",
    "receive": "receipt signed",
    "accept": "case accepted",
    "return": "returned for supplement",
    "supplement": "supplemented",
    "refuse": "not theirs, forwarded",
    "file": "criminal case filed",
    "decline": "not filed",
    "reconsider": "reconsideration asked for",
    "uphold": "not filed after reconsideration",
    "copy": "copied to the procuratorate",
    "propose": "supervision proposed",
    "ask": "reasons asked for",
    "explain": "reasons explained",
    "order": "filing ordered",
    "dismiss": "refusal held to be right",
    "hand_over": "goods and material handed over",
    "result": "result told",
}
STATES: Mapping[str, str] = {
    "drafted": "draft of a case",
    "reported": "waits for the head",
    "disapproved": "transfer not approved",
    "approved": "transfer approved",
    "transferred": "case sent",
    "received": "receipt signed",
    "accepted": "case accepted",
    "returned": "returned for supplement",
    "refused": "not theirs, forwarded",
    "filed": "criminal case filed",
    "not_filed": "not filed",
    "reconsidering": "under reconsideration",
    "upheld": "not filed after reconsideration",
    "supervised": "supervision proposed",
    "explaining": "reasons asked for",
    "explained": "reasons explained",
    "ordered": "filing ordered",
    "dismissed": "refusal held to be right",
    "handed_over": "goods and material handed over",
    "concluded": "result told",
    "withdrawn": "draft withdrawn",
}
TERMS: Mapping[str, str] = {
    "approval": "decision of the head",
    "transfer": "sending",
    "receipt": "receipt",
    "forwarding": "forwarding what isn't theirs",
    "supplement": "supplement",
    "filing": "decision on filing",
    "hand_over": "handing over of goods",
    "reconsideration": "asking for reconsideration",
    "reconsideration_answer": "answer to reconsideration",
    "supervision": "proposing supervision",
    "explanation": "explaining the reasons",
    "ordered_filing": "filing as ordered",
}


def step_words(act: str, state: str) -> dict[str, str]:
    """The words of a notice on a step, in both languages."""
    return _both("act", ACTS[act]) | _both("state", STATES[state])


def term_words(term: str, due: str, rule: str) -> dict[str, str]:
    """The words of a notice on a term."""
    return _both("term", TERMS.get(term, term)) | {"due": due, "rule": rule}


def _both(name: str, text: str) -> dict[str, str]:
    chinese, english = both(text)
    return {name: english, f"{name}_zh": chinese}
