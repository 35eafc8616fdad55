"""Which numbers may be kept."""

#: PostgreSQL's jsonb turns 1e30 into thirty-one digits, and JSON writers stop at 64 bits: one number beyond them, whole or
#: not, would make every list that holds it unreadable.
LEAST, MOST = -(2**63), 2**64 - 1
RULE = f"a number from {LEAST} to {MOST}"


def is_storable(number: int | float) -> bool:
    """Within 64 bits; never NaN, which compares false with everything, nor an infinity."""
    return LEAST <= number <= MOST
