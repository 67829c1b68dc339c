"""One subject, one file: enterprises, businesses, persons acting for them, institutions and associations."""
