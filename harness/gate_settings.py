"""What a user can set of gates: what a run must keep to for exit code 0, and with which certainty that is decided."""

from typing import Self

from pydantic import Field, model_validator

from harness.settings import Settings
from harness.stats.sequential import MOST_ITERATIONS, SequentialTest, fixed_sample

# A p99 within its limit is told from one that is not by the share of convergence times above the limit: 1 % at least, or a tenth of it.
P99_ABOVE, P99_WELL_BELOW = 0.01, 0.001
# With a limit of 0 no sample shows that there are no failures; so many clean iterations show a rate below 1 % with 95 % confidence.
CLEAN_ITERATIONS = 299
# What must pass by default where nearly everything may fail.
HIGHEST_GOOD = 0.9


class Gates(Settings):
    """What a run must keep to for exit code 0. `docs/gates.md` says how each is decided."""

    max_failure_rate: float | None = Field(
        None, ge=0, le=1, description="highest failure rate allowed at every api-delay"
    )
    good_failure_rate: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="failure rate that must pass; by default a tenth of max_failure_rate, or its square if that is more, at most 0.9",
    )
    confidence: float = Field(
        0.95, ge=0.5, lt=1, description="1 - the probability of a false alarm, and 1 - that of a miss"
    )
    max_iterations: int | None = Field(
        None, ge=1, le=10_000_000, description="pairs of calls at each api-delay at most, in place of iterations"
    )
    stop_early: bool = Field(True, description="fire no more at an api-delay whose gates are decided")
    max_convergence_p99_ms: float | None = Field(
        None, gt=0, le=3_600_000, description="highest p99 of the time to agreement allowed at every api-delay"
    )
    max_postgres_wrong: int | None = Field(
        None, ge=0, description="iterations allowed in which PostgreSQL itself is wrong; 0 where another gate is set"
    )
    max_error_rate: float = Field(0.1, ge=0, le=1, description="share of errors above which nothing is judged at all")

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        # Rates that are nearer take very many iterations to tell apart, and long to compute.
        if self.good_failure_rate is not None and self.good_failure_rate > _nearest_good_rate(
            self.max_failure_rate or 0
        ):
            raise ValueError("good_failure_rate must be at most half of max_failure_rate, and needs it")
        if self.max_iterations is not None and not self.asked_for:
            raise ValueError("max_iterations bounds a gate: set max_failure_rate too, or set iterations")
        return self

    @property
    def asked_for(self) -> bool:
        """Whether there is any gate but that on errors, which every run has."""
        asked = (self.max_failure_rate, self.max_convergence_p99_ms, self.max_postgres_wrong)
        return any(limit is not None for limit in asked)

    @property
    def postgres_wrong_allowed(self) -> int:
        """In how many iterations PostgreSQL may be wrong where there are gates."""
        return self.max_postgres_wrong or 0

    @property
    def error(self) -> float:
        """The probability of a false alarm over all api-delays, and of a miss at any one of them."""
        return 1 - self.confidence

    def rate_test(self, points: int) -> SequentialTest | None:
        """Return the test of max_failure_rate at each of several api-delays, None where there is none or its limit is 0 or 1.

        The false alarms are shared out over the points (Bonferroni), so that all together raise no more than one would. Misses are not:
        the run passes only where every point does, so one that should fail must be missed itself.
        """
        bad = self.max_failure_rate
        if bad is None or bad in (0, 1):
            return None
        good = self.good_failure_rate or min(max(bad / 10, bad * bad), HIGHEST_GOOD)
        return SequentialTest(good, bad, self.error / points, self.error)

    def iterations_needed(self, points: int, otherwise: int) -> int:
        """Return how many iterations decide every gate at each of several api-delays, `otherwise` where no gate says. Raises ValueError."""
        needed = []
        if (test := self.rate_test(points)) is not None:
            if (most := test.needed()) is None:
                raise ValueError(
                    f"telling a rate of {test.bad_rate:g} from {test.good_rate:g} takes more than {MOST_ITERATIONS} iterations: "
                    "raise max_failure_rate, or set max_iterations"
                )
            needed.append(most)
        if self.max_failure_rate == 0:
            needed.append(CLEAN_ITERATIONS)
        if self.max_convergence_p99_ms is not None:
            needed.append(fixed_sample(P99_WELL_BELOW, P99_ABOVE, self.error / points, self.error))
        return max(needed, default=otherwise)


def _nearest_good_rate(bad: float) -> float:
    """Return the highest rate that can be set to pass where one of `bad` must fail."""
    return max(bad / 2, min(bad * bad, HIGHEST_GOOD))
