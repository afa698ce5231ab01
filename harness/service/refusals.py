"""Why the service did not do what it was asked to."""


class NotFoundError(Exception):
    """There is no such scorecard."""


class AlreadyExistsError(Exception):
    """There is such a scorecard."""


class AlreadySubmittedError(Exception):
    """A scorecard is submitted once."""


class RolledBackError(Exception):
    """The transaction was rolled back at its end; the caller cannot know."""


class StaleEtagError(Exception):
    """The scorecard has changed since the caller read it."""
