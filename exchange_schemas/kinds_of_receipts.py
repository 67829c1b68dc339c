"""Kinds of issue: receipts, refusals, alarms, and webhooks of consumers."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, warning

RECEIPTS_KINDS: dict[str, Kind] = {
    "receipts_wrong": error(
        "the receipts can't be read, at {field}: {value} and expected is {expected}; nothing was "
        "kept. See openapi.json"
    ),
    "receipt_not_given": error(
        "entries {value} of dataset {dataset} were never given to you, as far as the log says; "
        "nothing of this message was kept. Answer only for what you pulled"
    ),
    "receipt_other": error(
        "you have sent other receipts under the id {value} already; give each message an id of its "
        "own"
    ),
    "receipt_unproven": error(
        "message {value} of consumer {consumer}: {reason}; what is kept isn't what was signed. "
        "Restore the database from a backup"
    ),
    "receipt_key_gone": warning(
        "message {value} of consumer {consumer} can't be proved any more ({reason}): its shared "
        "secret can't be worked out, or an erasure took what was signed; what it says stands"
    ),
    "ranges_wrong": error(
        "dataset {dataset}: the receipts of consumer {value} don't give the ranges that are looked "
        "up; restore the database from a backup"
    ),
    "entries_refused": warning(
        "consumer {consumer} refused {count} entries of dataset {value}, with code {reason}; see "
        "hub exchange refusals, and deliver the records corrected or answer why they stay"
    ),
    "refusal_unknown": error("there is no refusal {value}; see hub exchange refusals"),
    "refusal_settled": error(
        "refusal {value} is settled: the consumer has taken the entry or a newer one; there is "
        "nothing to answer"
    ),
    "answer_empty": error(
        "say with --reason why the record stays as it is; the consumer reads it"
    ),
    "receipts_overdue": warning(
        "consumer {consumer} hasn't answered for {count} entries of dataset {value}, the oldest "
        "given at {since}; its grant asks for receipts within {hours} hours. Ask it"
    ),
    "still_used": warning(
        "consumer {consumer} hasn't confirmed that it stopped using {count} records of dataset {value} "
        "that aren't public any more, the first told at {since}. Ask it"
    ),
    "report_folder_taken": error(
        "the folder {value} has files that aren't a report of exchanges; name a new or an empty "
        "folder"
    ),
    "consumer_webhook_exists": error(
        "consumer {consumer} has a webhook for dataset {value} already; remove it first"
    ),
    "consumer_webhook_unknown": error(
        "consumer {consumer} has no webhook for {value}; see hub consumer webhook list"
    ),
    "consumer_webhook_useless": error(
        "consumer {consumer} has no living grant of dataset {value}; it couldn't pull what it would "
        "be told of"
    ),
}
