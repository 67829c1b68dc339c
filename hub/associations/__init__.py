"""Trade associations: grade in force, mechanisms, and what their members' credit records come to."""
