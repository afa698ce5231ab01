"""The names of ClickHouse's data parts: `partition_firstblock_lastblock_merges`, and a mutation's number where there was one. Pure."""

from dataclasses import dataclass

_OLD_DATE_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Part:
    """A part: the first and the last of the inserted blocks that went into it, and how often its rows were merged."""

    first_block: int
    last_block: int
    merges: int

    @classmethod
    def parse(cls, name: str) -> "Part | None":
        """Return what a part's name says, None for one that is none."""
        partition, *numbers = name.split("_")
        if (
            len(partition) == _OLD_DATE_DIGITS
            and partition.isdigit()
            and len(numbers) == 4
            and len(numbers[0]) == _OLD_DATE_DIGITS
        ):
            # Of a table in the syntax of long ago, which names the first and the last day.
            numbers = numbers[1:]
        if len(numbers) < 3 or not all(number.isdigit() for number in numbers[:3]):
            return None
        first, last, merges = (int(number) for number in numbers[:3])
        return cls(first, last, merges)

    def __str__(self) -> str:
        """Return the blocks, as `7` or `3-9`."""
        return str(self.first_block) if self.first_block == self.last_block else f"{self.first_block}-{self.last_block}"
