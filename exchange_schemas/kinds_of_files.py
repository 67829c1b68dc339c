"""Kinds of issue: files that are fetched over SFTP and FTP."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

FILE_KINDS: dict[str, Kind] = {
    "file_changing": error(
        "{value} changed while it was read; it will be read again. If it stays so, ask the "
        "department to write files under another name (.tmp) and rename them when they are whole"
    ),
    "file_refused": error("the account may not read {value}; ask the department for the right"),
    "files_slow": error(
        "reading {value} wasn't done within {seconds} seconds; take fewer files at a time, or have "
        "HUB_LIMIT_SECONDS raised"
    ),
    "file_names_unreadable": error(
        "{value} writes names or messages that aren't {encoding}; say encoding: in the feed's "
        "source, gb18030 for most Chinese servers"
    ),
    "file_encoding_unknown": error("there is no encoding {value}; correct encoding: of the feed"),
    "transfer_broke_off": error(
        "{value} broke off: {reason}; nothing of the file was taken, it will be tried again"
    ),
    "account_refused": error(
        "{value} refuses the user {user}; check the user, and the password or key that the feed names"
    ),
    "host_key_unfit": error(
        "host_key can't be read; give the line of the server's public key (ssh-ed25519 AAAA…), or "
        "its fingerprint (SHA256:…)"
    ),
    "host_key_differs": error(
        "{value} shows another host key than the feed names: {found} instead of {expected}. Nothing "
        "was sent to it. Ask the department, not the server, which key is right before you change "
        "host_key"
    ),
    "private_key_unfit": error(
        "the private key of the feed can't be read ({reason}); give the whole text of an OpenSSH or "
        "PEM key without a passphrase"
    ),
    "ssh_unfit": error(
        "{value} and the hub have no SSH algorithm in common: {reason}; ask who runs the server to "
        "renew it"
    ),
    "ftp_refused": error("{value} answered {reply}; ask who runs the server"),
    "ftp_busy": error("{value} answered {reply}; it will be tried again"),
    "ftp_command_missing": error(
        "{value} doesn't know {command}, without which a file that is still being written can't be "
        "told from a whole one; ask who runs the server"
    ),
    "attachment_damaged": error(
        "the attachment {value} of the message from {sender} of {date} is cut off; ask the sender for "
        "it again, and delete the message"
    ),
    "certificate_refused": error(
        "the certificate of {value} isn't to be trusted: {reason}; where it is the department's own, "
        "save it as a file beside the feed and name that as certificate:"
    ),
    "certificate_unfit": error("{value} has no certificates that can be read (PEM)"),
}
