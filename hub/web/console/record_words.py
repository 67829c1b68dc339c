"""What disclosures' states, acts and fields are called on pages; message ids, which `_` translates."""

from __future__ import annotations

from collections.abc import Mapping

from hub import states

#: The program's word for a state is a message id itself, but where the word means something else too.
STATES: Mapping[str, str] = {
    **{name: name for name in states.STATES},
    states.REFUSED: "not to be published by law",
}
DUES: Mapping[str, str] = {
    "overdue": "overdue",
    "today": "today",
    "week": "within a week",
    "later": "later than that",
    "none": "no term",
}
NOT_MINE: Mapping[str, str] = {
    "handed_in": "you handed it in, so another person decides",
    "reviewed": "you reviewed it, so another person approves",
    "on_hold": "a third party is being asked",
}
#: Act → its button.
BUTTONS: Mapping[str, str] = {
    "review": "Pass on to approval",
    "approve": "Approve",
    "return": "Return to the reviewer",
    "reject": "Refuse to publish",
    "schedule": "Let it wait for a day",
    "unschedule": "Publish it with the next release",
    "withdraw": "Take it back",
}
#: Act → what is said after it.
DONE: Mapping[str, str] = {
    "review": "Passed on to approval.",
    "approve": "Approved: the next release has it.",
    "return": "Returned to the reviewer.",
    "reject": "Refused: it won't be public.",
    "schedule": "It waits for that day.",
    "unschedule": "The next release has it.",
    "withdraw": "Taken back: a release without it is being made.",
}
#: Act → the view of `decisions` that does it.
ENDPOINTS: Mapping[str, str] = {
    "review": "decisions.check",
    "approve": "decisions.approve",
    "return": "decisions.give_back",
    "reject": "decisions.reject",
    "schedule": "decisions.schedule",
    "unschedule": "decisions.unschedule",
    "withdraw": "decisions.withdraw",
}
#: How the public view has a field.
PUBLIC: Mapping[str, str] = {
    "whole": "as it is",
    "masked": "masked",
    "left_out": "not in the public view",
    "no_view": "not public",
}
WORDS = {
    "state_words": STATES,
    "due_words": DUES,
    "not_mine_words": NOT_MINE,
    "button_words": BUTTONS,
    "public_words": PUBLIC,
    "act_endpoints": ENDPOINTS,
}
