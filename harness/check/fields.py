"""How each compared field is compared: by the types that its columns have in both stores. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from harness.check.values import Rule
from harness.errors import StoreError
from harness.mapping import HEADER_FIELDS, SCORE_FIELDS
from harness.model import StoreTypes


@dataclass(frozen=True, slots=True)
class FieldRules:
    """The rule of each compared field of a header and of a score, by name; a field that is not in them is not compared."""

    header: Mapping[str, Rule]
    score: Mapping[str, Rule]
    header_values: Callable[[Any], tuple[object, ...]] = field(init=False, compare=False)
    score_values: Callable[[Any], tuple[object, ...]] = field(init=False, compare=False)
    """What a header, or a score, has in the fields that are compared, in their order."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "header_values", _values_of(self.header))
        object.__setattr__(self, "score_values", _values_of(self.score))

    @classmethod
    def of(cls, types: StoreTypes) -> "FieldRules":
        """Return the rules for the fields that both stores have. Raises StoreError where the types of one cannot be compared."""
        both = [name for name in (*HEADER_FIELDS, *SCORE_FIELDS) if name in types.postgres and name in types.clickhouse]
        rules = {name: _rule(name, types.postgres[name], types.clickhouse[name]) for name in both}
        return cls(
            {name: rules[name] for name in HEADER_FIELDS if name in rules},
            {name: rules[name] for name in SCORE_FIELDS if name in rules},
        )


def _rule(name: str, postgres: str, clickhouse: str) -> Rule:
    try:
        return Rule.of(postgres, clickhouse)
    except StoreError as error:
        raise StoreError(f"{name}: {error}; {name} = false in [mapping] leaves it out of the comparison") from None


def _values_of(rules: Mapping[str, Rule]) -> Callable[[Any], tuple[object, ...]]:
    names = tuple(rules)
    # By attrgetter where it gives a tuple, which it does of two names and more: this is done for every row that is compared.
    return attrgetter(*names) if len(names) > 1 else lambda row: tuple([getattr(row, name) for name in names])
