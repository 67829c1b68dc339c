"""The wording of each kind of change between two versions of a standard.

English is the message id; `{field}` is the field's name, `{before}` and `{after}` what it was and is.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    "added": "{field} is new and may be left out; nobody has to change",
    "added_required": "{field} is new and required; suppliers must give it",
    "removed": "{field} is gone; who reads it must do without it",
    "renamed": "{before} seems to be called {after} from now on; who supplies or reads it must change the name",
    "type": "{field} was {before} and becomes {after}; who reads it must read it anew",
    "now_required": "{field} becomes required; suppliers must always give it",
    "now_optional": "{field} may be missing from now on; who relies on it must be ready for that",
    "now_expected": "{field} is expected from now on; its absence is counted and rejects nothing",
    "opened": "{field} was {before} and becomes {after}: more people would see it, which somebody must decide",
    "closed": "{field} was {before} and becomes {after}: some readers no longer get it",
    "mask": "{field} was masked by {before} and becomes {after}: what readers see of it changes",
    "codelist": "{field} had the code list {before} and gets {after}; codes mean something else",
    "described": "the title, official name, note or source of {field} changes; nobody has to change",
    "narrower": "{field} allows less: {before} becomes {after}; suppliers must keep to it",
    "wider": "{field} allows more: {before} becomes {after}; readers must be ready for it",
    "limit_changed": "{field} is limited in another way: {before} becomes {after}",
    "codes_added": "{field} gets the codes {after}; readers must know them",
    "codes_removed": "{field} loses the codes {before}; suppliers must use others",
    "rule_added": "a rule across fields is new: {after}; suppliers must keep to it",
    "rule_removed": "a rule across fields is gone: {before}; who relies on it must be ready for that",
    "key": "the key was {before} and becomes {after}: the same record gets another name",
    "share_type": "the share type was {before} and becomes {after}",
    "public": "what may be public was {before} and becomes {after}",
    "checks": "the checks beyond the schema change; suppliers may get other warnings",
}
