"""The web pages of systems, their credentials and their API calls."""
