"""How often Python looks for cycles in a process that lives long."""

import gc


def settle() -> None:
    """Call once, when everything is loaded. Reference counts free nearly all of ours; cycles can wait.

    What was loaded lives as long as the process: the collector need not look at it again at every full run. And ten thousand
    parked waits, or five hundred webhooks under way, are half a million objects: a full pass over them stops the process for
    a fifth of a second, and Python's own thresholds make one every few thousand requests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 50)
