"""What codes of feeds, runs and jobs are called on pages: English, with Chinese in the catalogue."""

from __future__ import annotations

WORDS = {
    "run:committed": "committed",
    "run:held": "held back",
    "run:failed": "failed",
    "kind:correction": "corrected rows",
    "kind:replay": "read again",
    "job:queued": "queued",
    "job:running": "under way",
    "job:done": "completed",
    "job:failed": "failed",
    "jobkind:feed_run": "Run of the feed",
    "jobkind:correction": "Taking in corrected rows",
    "mode:snapshot": "every record (what is missing is gone)",
    "mode:increment": "new and changed records",
    "cycle:realtime": "all the time",
    "cycle:daily": "every day",
    "cycle:weekly": "every week",
    "cycle:monthly": "every month",
    "cycle:quarterly": "every quarter",
    "cycle:half_yearly": "every half year",
    "cycle:yearly": "every year",
    "cycle:other": "at no fixed time",
    "source:upload": "files that people hand in",
    "source:file": "files in a folder",
    "source:http": "a file at a web address",
    "source:api": "an interface",
    "source:ckan": "another CKAN",
    "source:pages": "web pages",
    "source:sftp": "an SFTP server",
    "source:ftp": "an FTP server",
    "source:s3": "object storage",
    "source:imap": "attachments of e-mails",
    "source:sql": "a database",
    "source:singer": "a Singer tap",
    "source:soap": "a SOAP service",
    "verdict:released": "taken in",
    "verdict:discarded": "thrown away",
    "severity:error": "error",
    "severity:warning": "warning",
    "severity:info": "for information",
    "operation:1": "written",
    "operation:2": "removed",
}


def words_of(key: str) -> str:
    """The English words (a message id) of a code such as run:held; the code itself where it is unknown."""
    return WORDS.get(key, key.partition(":")[2])
