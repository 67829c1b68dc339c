"""Complaint routing (12345): tickets to departments, by when, watched over, and back to the platform."""
