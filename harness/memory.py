"""How this process's memory is looked after."""

import ctypes
import gc

# Of containers made since, before the youngest generation is collected, and how many such collections before the next older ones.
THRESHOLDS = (100_000, 50, 50)
# Of mallopt(3), and to what they are set: how much may be free at the heap's end before it is given back, and how large a block must be to
# get pages of its own, which are given back when it is freed. The latter cannot be more.
M_TRIM_THRESHOLD, TRIM_BYTES = -1, 128 << 20
M_MMAP_THRESHOLD, MMAP_BYTES = -3, 32 << 20


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


def keep_freed_memory() -> None:
    """Have the C library keep what is freed for what comes next; where it is not glibc, nothing is changed.

    An answer of a store is some MB, and is gone when it was decoded. At glibc's own thresholds its pages go back to the kernel and are
    asked for again, one fault each, at every look: a tenth of what a look costs.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    mallopt(M_TRIM_THRESHOLD, TRIM_BYTES)
    mallopt(M_MMAP_THRESHOLD, MMAP_BYTES)
