"""What manage.py's commands about flows and pipes are made of (docs/commands.md)."""
