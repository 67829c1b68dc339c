"""Kinds of issue: accounts, signing in, and the audit log."""

from __future__ import annotations

from exchange_schemas.kind import Kind
from exchange_schemas.kind import error as _error

ACCOUNTS_KINDS: dict[str, Kind] = {
    # --- accounts and offices ----------------------------------------------------------------
    "person_name_wrong": _error(
        "{value} can't be a name to sign in with; take 2 to 63 small Latin letters, digits, dots, "
        "hyphens or underscores, beginning with a letter"
    ),
    "account_known": _error("there is an account {value} already; take another name"),
    "account_unknown": _error("there is no account {value}; hub account list has them all"),
    "account_closed": _error("account {value} is closed; make a new one with another name"),
    "account_not_here": _error(
        "{value} is known to the identity provider but has no open account here; ask the system "
        "administrator for one"
    ),
    "accounts_begun": _error(
        "there are accounts already, so the administrators aren't named again; the system "
        "administrator makes further accounts in the console"
    ),
    "own_account": _error("nobody changes the own account {value}; ask another administrator"),
    "offices_same": _error(
        "the three offices need three people: who looks after the system, who grants and who audits "
        "keep each other in check"
    ),
    "office_unknown": _error("there is no office {value}; known are: {known}"),
    "office_last": _error(
        "this is the only {value} administrator; appoint another one first, or nobody could"
    ),
    "office_and_role": _error(
        "{value} holds one of the three offices, or is to; whoever does has no role for records. "
        "Take the one before you give the other"
    ),
    # --- signing in --------------------------------------------------------------------------
    "sign_in_wrong": _error("name or password is wrong; try again, or ask for a new invitation"),
    "code_wrong": _error(
        "the code is wrong or was used already; wait for the next one and check the telephone's clock"
    ),
    "code_secret_unreadable": _error(
        "one-time codes can't be checked: the site's master secret isn't the one with which they were "
        "set up; restore keys/ from a backup, or let the security administrator reset the codes"
    ),
    "guesses_too_many": _error(
        "too many wrong attempts; wait {minutes} minutes, or ask the security administrator"
    ),
    "invitation_over": _error(
        "this invitation was used already or is too old; ask the system administrator for a new one"
    ),
    "password_short": _error("a password has {least} characters at least"),
    "password_long": _error("a password has {most} characters at most"),
    "password_plain": _error(
        "this password is easy to guess; take several words or a mixture that has nothing to do with "
        "the account's name"
    ),
    "password_other": _error("the two passwords aren't the same; type it twice"),
    "session_over": _error("you are not signed in any more; sign in again"),
    "form_stale": _error(
        "this form was made for another session or by another site; open the page again and repeat"
    ),
    "door_closed": _error(
        "your account may not do that: it takes {needed}. The security administrator grants it"
    ),
    "identity_wrong": _error(
        "the identity provider didn't confirm who you are ({reason}); try again"
    ),
    "console_setting_wrong": _error(
        "{value} can't be {name}; see docs/configure.md for what it may be"
    ),
    # --- pages of the console ----------------------------------------------------------------
    "page_missing": _error("there is no such page; go on from the workbench"),
    "request_wrong": _error("the server can't do anything with this request (status {status})"),
    "page_broken": _error(
        "something went wrong on this page, and nothing was changed; tell the system administrator when"
    ),
    "database_away": _error("the database can't be reached just now; try again in a minute"),
    # --- the audit log -----------------------------------------------------------------------
    "audit_broken": _error(
        "the audit log isn't whole: entry {value} is missing or isn't as it was written; keep the "
        "database as it is and compare it with a backup"
    ),
    "audit_days_few": _error(
        "entries of the audit log are kept for {least} days at least, and {value} is fewer"
    ),
}
