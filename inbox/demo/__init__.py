"""A week in the life of four agents: `manage.py demo` plays it through the services, so every row and event is legal."""
