"""The agent in Python, as a reference that the Swift tests are held to."""
