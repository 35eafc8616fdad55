"""Changes to messages, one module a verb family; every one records its event in its own transaction."""
