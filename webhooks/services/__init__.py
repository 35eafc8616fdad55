"""Changes to endpoints and deliveries, one module a verb family."""
