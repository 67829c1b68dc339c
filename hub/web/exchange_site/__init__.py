"""Pages for staff about the exchange: who was given what, what they said of it, who has a record."""
