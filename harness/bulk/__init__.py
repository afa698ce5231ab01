"""Whole tables compared at the speed of the databases: checksums inside both engines, then the few scorecards that may differ, in full.

Terms. A *row's hash* is the first 8 bytes of the MD5 of its canonical bytes (`canonical`). The *signature* of a set of rows is their number
and the exclusive or of their hashes, so it does not depend on any order. A *range* is a half-open interval of keys in the order of their
bytes; a *cell* is a part of a range, chosen by the MD5 of the scorecard's id. Each range is asked of both engines once, for the signatures
of its cells; only the cells that differ are asked again, for the signatures of their scorecards; only the scorecards that differ are
*suspects*. A suspect is looked at again after the settle time, in full, and only what the rules of `harness.check` find then is a
difference. So a checksum can never accuse: at worst it costs a second look.
"""
