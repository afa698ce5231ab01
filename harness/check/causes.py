"""By which way a scorecard became wrong: the rules of causes, in their order, each with the witness that decides it. Pure.

Definitions. A scorecard is a *header* and its *scores*; each of them is a *row* with a key of its own in ClickHouse, where
ReplacingMergeTree keeps, of all *versions* of a row, the highest, and of equal ones the last inserted. *RAW* is every version that any look
saw; it is *complete* where a journal keeps all that is inserted, where no part was merged, or where as many versions were seen as writes
were acknowledged. *FINAL* is what is left of a row; a *tombstone* is not shown. A row *differs* where FINAL does not show exactly what
PostgreSQL has. A *known state* is one that a serial order of the calls goes through which ends in PostgreSQL's row, or any serial order
where none does; there are none where nothing is known of the calls, as when two stores are compared without a run. It is *certain* when it
is made of calls alone that took effect without doubt; an Update that timed out and that another may have overwritten makes none. A row is
*older* when it is a certain state other than PostgreSQL's, or, where none is known, when each field that differs has a lower version's
value although PostgreSQL's had come, or by its own update time an earlier one. The scorecard's highest version *is old* when it stands for
a time before PostgreSQL's last change, or, where it is no time, when fewer copies were seen than writes were acknowledged and none of them
has PostgreSQL's header; it *is new* when it stands for no such time, or when as many copies were seen as writes can have been; between them
nothing is known.

The rules are applied in this order, and for each side, PostgreSQL's and ClickHouse's, the first that holds decides. Notes are no failures:
all that hold are told. Where no rule holds, the symptom stands alone.

| class               | side       | holds when                                                                                    |
| ------------------- | ---------- | --------------------------------------------------------------------------------------------- |
| indeterminate       | note       | a call timed out or broke after it was sent: both outcomes are legal                          |
| representation_diff | note       | a value is equal only by what its column's type makes of it                                   |
| submit_clobber      | PostgreSQL | Submit was acknowledged, yet the submit time or the submitter is not what it left             |
| lost_update         | PostgreSQL | no serial order of the acknowledged calls leaves the row                                      |
| missing_row         | ClickHouse | PostgreSQL has the scorecard, and no RAW row of its header was ever seen                      |
| orphan_row          | ClickHouse | FINAL shows rows of a scorecard that PostgreSQL does not have, and RAW has no tombstone of    |
|                     |            | any of them                                                                                   |
| resurrected_row     | ClickHouse | the same, and RAW has one; or FINAL shows a row that differs, with a tombstone at its version |
| duplicate_final     | ClickHouse | FINAL shows more than one row of a key                                                        |
| version_tie         | ClickHouse | a row that differs has two contents at its highest version (a note where no row differs),     |
|                     |            | and FINAL shows nothing that no certain state has                                             |
| version_inversion   | ClickHouse | the header differs, or a score beside a header that does not, and below its highest version   |
|                     |            | RAW has one that equals PostgreSQL (of a score, written with that header or after it), and    |
|                     |            | FINAL shows nothing that no certain state has                                                 |
| stale_payload       | ClickHouse | the highest version is new, its header is older, and complete RAW has none that equals        |
| lost_propagation    | ClickHouse | the highest version is old                                                                    |
| torn_scorecard      | ClickHouse | rows, or fields, of two states, each of them certain: a row that differs was not written with |
|                     |            | the highest version, or FINAL mixes known states, or the number of scores is wrong            |
| phantom_value       | ClickHouse | FINAL shows a value that no known state has, or what an undeclared loss makes of the value    |
| evidence_lost       | ClickHouse | none of these, and RAW is not complete                                                        |
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from harness.check.anomalies import Anomaly, AnomalyClass, Role
from harness.check.convergence import representations
from harness.check.facts import Age, Case, Facts, Row
from harness.check.witness import witness_of
from harness.model import CallOutcome, ClickHouseRows, Versioned


class Side(Enum):
    """Whose fault a rule tells."""

    NOTE = auto()
    POSTGRES = auto()
    CLICKHOUSE = auto()


@dataclass(frozen=True, slots=True)
class Proof:
    """What makes a rule hold: the row that it is about, and the RAW versions that decide, the most telling first."""

    explanation: str
    row: Row[Any] | None = None
    versions: tuple[Versioned[Any], ...] = ()


@dataclass(frozen=True, slots=True)
class CauseRule:
    """One line of the table; `holds` returns its proof, None where it does not hold."""

    anomaly_class: AnomalyClass
    side: Side
    holds: Callable[[Facts], Proof | None]


def causes(case: Case) -> tuple[Anomaly, ...]:
    """Return the notes, and of each store that is wrong the cause, where one is decided; each with its witness."""
    if not case.postgres_findings and not case.divergences and not _noteworthy(case):
        return representations(case.postgres, case.clickhouse, case.rules)
    facts = Facts(case)
    found: list[Anomaly] = []
    decided: set[Side] = set()
    for rule in RULES:
        if rule.side in decided or not _concerns(rule.side, case):
            continue
        if (proof := rule.holds(facts)) is not None:
            found.append(_told(rule, proof, facts))
            if rule.side is not Side.NOTE:
                decided.add(rule.side)
    return (*found, *representations(case.postgres, case.clickhouse, case.rules))


def _noteworthy(case: Case) -> bool:
    """Return whether a scorecard that is right can have a note, told without working out the facts, as for nearly all there are."""
    calls = () if case.written is None else case.written.calls
    return may_tie(case.clickhouse) or any(call.outcome is CallOutcome.INDETERMINATE for call in calls)


def may_tie(rows: ClickHouseRows) -> bool:
    """Return whether two versions can be the highest of one key that FINAL shows."""
    _, shown, headers, scores, _ = rows
    if len(headers) > 1 and headers[-1].version == headers[-2].version:
        return True
    keys = len(shown)
    # The usual case, told from a few rows, as it is asked at each look: FINAL shows all scores at the highest version, which no other has.
    if keys < len(scores) and scores[-keys - 1].version < (highest := scores[-1].version):
        for _, version, _, _ in shown:
            if version != highest:
                break
        else:
            return False
    return len({(row.value.criterion, row.version) for row in scores}) < len(scores)


def _concerns(side: Side, case: Case) -> bool:
    if side is Side.NOTE:
        return True
    return bool(case.postgres_findings if side is Side.POSTGRES else case.divergences)


def _told(rule: CauseRule, proof: Proof, facts: Facts) -> Anomaly:
    role = Role.NOTE if rule.side is Side.NOTE else Role.CAUSE
    where = "scorecard" if proof.row is None else proof.row.name
    row = facts.header if proof.row is None else proof.row
    witness = witness_of(facts, row, proof.versions, f"{rule.anomaly_class}: {proof.explanation}")
    return Anomaly(rule.anomaly_class, where, None, None, proof.explanation, role, witness)


def _indeterminate(facts: Facts) -> Proof | None:
    calls = () if facts.case.written is None else facts.case.written.calls
    for call in calls:
        if call.outcome is CallOutcome.INDETERMINATE:
            return Proof(
                f"{call.method} ended with {call.code}: whether it took effect is not known, and both is legal"
            )
    return None


def _latent_tie(facts: Facts) -> Proof | None:
    if facts.case.divergences:
        return None
    for row in facts.rows:
        if len(row.top) > 1:
            return Proof(
                f"{row.name}: two contents at the highest version; FINAL happens to show the right one", row, row.top
            )
    return None


def _submit_clobber(facts: Facts) -> Proof | None:
    for finding in facts.case.postgres_findings:
        if finding.anomaly_class is AnomalyClass.SUBMIT_CLOBBER:
            submitted = tuple(row for row in facts.header.raw if row.value.submitter)
            return Proof("Submit was acknowledged, yet PostgreSQL does not hold what it left", facts.header, submitted)
    return None


def _lost_update(facts: Facts) -> Proof | None:
    for finding in facts.case.postgres_findings:
        if finding.anomaly_class is AnomalyClass.LOST_UPDATE:
            return Proof(f"no serial order of the acknowledged calls leaves PostgreSQL's {finding.field}", facts.header)
    return None


def _missing_row(facts: Facts) -> Proof | None:
    if facts.case.postgres is None or facts.header.raw:
        return None
    return Proof("PostgreSQL has the scorecard, and no version of its header was ever seen in ClickHouse", facts.header)


def _orphan_row(facts: Facts) -> Proof | None:
    if facts.case.postgres is not None or any(_tombstones(row) for row in facts.differing):
        return None
    (row, *_) = facts.differing
    deleted = [other for other in facts.rows if not other.final and _tombstones(other)]
    if deleted:
        explanation = f"the delete came for {deleted[0].name}, and not for {row.name}, which ClickHouse still shows"
        return Proof(explanation, row, (*_tombstones(deleted[0]), *row.top))
    return Proof("ClickHouse shows a scorecard that PostgreSQL does not have", row, row.top)


def _resurrected_row(facts: Facts) -> Proof | None:
    if facts.case.postgres is None:
        row = next(row for row in facts.differing if _tombstones(row))
        explanation = f"{row.name}: deleted in both stores, and live again by a row that holds over the tombstone"
        return Proof(explanation, row, (*_tombstones(row), *row.top))
    for row in facts.differing:
        if row.final and any(version.deleted for version in row.top):
            return Proof(f"{row.name}: deleted, and live again by a row of the tombstone's own version", row, row.top)
    return None


def _tombstones(row: Row[Any]) -> tuple[Versioned[Any], ...]:
    return tuple(version for version in row.raw if version.deleted)


def _duplicate_final(facts: Facts) -> Proof | None:
    for row in facts.differing:
        if len(row.final) > 1:
            shown = tuple(version for version in row.raw if version.value in row.final)
            return Proof(f"FINAL shows {len(row.final)} rows of one key ({row.name})", row, shown)
    return None


def _version_tie(facts: Facts) -> Proof | None:
    for row in () if _uncertain(facts) else facts.differing:
        if len(row.top) > 1:
            explanation = f"{row.name}: {len(row.top)} contents carry the highest version, and the last inserted holds"
            return Proof(explanation, row, row.top)
    return None


def _version_inversion(facts: Facts) -> Proof | None:
    if _uncertain(facts):
        return None
    header = facts.header
    # Scores that did not change from one state to the next equal PostgreSQL's in older copies too: only the header tells which copy is
    # PostgreSQL's, and only scores that came with it or after it count.
    rows, least = ((header,), None) if header.differs else (facts.scores, header.top_version)
    for row in rows:
        for equal in row.equal if row.differs else ():
            if (
                (least is None or equal.version >= least)
                and row.top_version is not None
                and equal.version < row.top_version
            ):
                explanation = f"{row.name}: PostgreSQL's content is there, and another carries a higher version"
                return Proof(explanation, row, (equal, *row.top))
    return None


def _stale_payload(facts: Facts) -> Proof | None:
    header = facts.header
    if not header.differs or header.top_version != facts.highest or facts.age is not Age.NEW or not facts.complete:
        return None
    for version in header.top:
        if not version.deleted and not header.equal and header.is_older(version.value):
            return Proof("the version says new, the content is an older state", header, (version,))
    return None


def _lost_propagation(facts: Facts) -> Proof | None:
    if facts.age is not Age.OLD:
        return None
    return Proof(
        "the highest version is older than PostgreSQL's last change: no copy of that came",
        facts.header,
        facts.header.top,
    )


def _torn_scorecard(facts: Facts) -> Proof | None:
    if _unknown(facts, certain=True) is not None or not any(row.final for row in facts.rows):
        return None
    for row in facts.differing:
        if row.top_version != facts.highest:
            explanation = f"{row.name} was not written with the highest version: the copy that has it came in part"
            return Proof(explanation, row, row.top + facts.header.top)
    count = sum(len(row.final) for row in facts.scores)
    if facts.case.postgres is not None and count != len(facts.case.postgres.scores):
        return Proof(f"ClickHouse shows {count} scores, PostgreSQL has {len(facts.case.postgres.scores)}", facts.header)
    if not facts.header.differs:
        return Proof("the header is PostgreSQL's, written together with a score that is not", facts.differing[0])
    if facts.states and _mixed(facts):
        return Proof(
            "FINAL shows rows or fields of two states together, each of them known", facts.header, facts.header.top
        )
    return None


def _mixed(facts: Facts) -> bool:
    """Return whether no single known state has all that FINAL shows."""
    shown = [row for row in facts.rows if row.final]
    states = enumerate(facts.states)
    return not any(all(_shows(facts, row, number, state) for row in shown) for number, state in states)


def _shows(facts: Facts, row: Row[Any], number: int, state: Any) -> bool:
    (shown,) = row.final  # More than one would be duplicates, and decided as such before.
    if row is facts.header:
        return row.matches(row.known[number], shown)
    return any(score.criterion == shown.criterion and row.matches(score, shown) for score in state.scores)


def _phantom_value(facts: Facts) -> Proof | None:
    found = _unknown(facts)
    if found is None:
        return None
    row, name = found
    return Proof(f"{row.name}: FINAL's {name} is in no state that was ever committed", row, row.top)


def _uncertain(facts: Facts) -> bool:
    """Return whether FINAL shows what no certain state has: then it may be no content that versions could have put out of order."""
    return bool(facts.states) and _unknown(facts, certain=True) is not None


def _unknown(facts: Facts, *, certain: bool = False) -> tuple[Row[Any], str] | None:
    """Return the first field with a value that no known state has, or no certain one; and its row."""
    for row in facts.differing:
        for shown in row.final:
            if names := row.unknown_fields(shown, certain=certain):
                return row, names[0]
    return None


def _evidence_lost(facts: Facts) -> Proof | None:
    if facts.complete:
        return None
    row = facts.differing[0]
    return Proof("merges may have removed the version that would tell: what is left does not decide it", row, row.top)


RULES = (
    CauseRule(AnomalyClass.INDETERMINATE, Side.NOTE, _indeterminate),
    CauseRule(AnomalyClass.SUBMIT_CLOBBER, Side.POSTGRES, _submit_clobber),
    CauseRule(AnomalyClass.LOST_UPDATE, Side.POSTGRES, _lost_update),
    CauseRule(AnomalyClass.MISSING_ROW, Side.CLICKHOUSE, _missing_row),
    CauseRule(AnomalyClass.ORPHAN_ROW, Side.CLICKHOUSE, _orphan_row),
    CauseRule(AnomalyClass.RESURRECTED_ROW, Side.CLICKHOUSE, _resurrected_row),
    CauseRule(AnomalyClass.DUPLICATE_FINAL, Side.CLICKHOUSE, _duplicate_final),
    CauseRule(AnomalyClass.VERSION_TIE, Side.CLICKHOUSE, _version_tie),
    CauseRule(AnomalyClass.VERSION_TIE, Side.NOTE, _latent_tie),
    CauseRule(AnomalyClass.VERSION_INVERSION, Side.CLICKHOUSE, _version_inversion),
    CauseRule(AnomalyClass.STALE_PAYLOAD, Side.CLICKHOUSE, _stale_payload),
    CauseRule(AnomalyClass.LOST_PROPAGATION, Side.CLICKHOUSE, _lost_propagation),
    CauseRule(AnomalyClass.TORN_SCORECARD, Side.CLICKHOUSE, _torn_scorecard),
    CauseRule(AnomalyClass.PHANTOM_VALUE, Side.CLICKHOUSE, _phantom_value),
    CauseRule(AnomalyClass.EVIDENCE_LOST, Side.CLICKHOUSE, _evidence_lost),
)
