"""How this process's memory is looked after."""

import gc

# Of containers made since, before the youngest generation is collected, and how many such collections before the next older ones.
THRESHOLDS = (100_000, 50, 50)


def keep_what_is_made() -> None:
    """Have the collector never look again at what was made so far, which lives to the end: it would do so while calls are timed."""
    gc.collect()
    gc.freeze()


def relax_collector() -> None:
    """Let the collector of cycles look less often.

    Rows come by the ten thousand at each look at the stores and are gone at the next; they hold no cycles. At the interpreter's own
    thresholds the collector takes about as long for them as decoding does, and finds nothing.
    """
    gc.set_threshold(*THRESHOLDS)
