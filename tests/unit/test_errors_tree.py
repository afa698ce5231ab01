"""Which of several errors a user is told."""

from harness.errors import StoreError, TargetError, first_error


def test_the_first_error_that_a_user_can_meet_is_found_however_deep() -> None:
    told = StoreError("told")
    assert first_error(told) is told
    deep = ExceptionGroup("", [ValueError(), ExceptionGroup("", [told, TargetError("later")])])
    assert first_error(deep) is told
    assert first_error(ExceptionGroup("", [ValueError()])) is None
    assert first_error(ValueError()) is None
