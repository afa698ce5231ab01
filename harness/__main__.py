"""The `harness` command."""

import os

from harness.cli.interrupts import prepare

# Importing takes a second, in which Python would answer Ctrl-C with a traceback and an exit code of another meaning.
prepare()

# Children are started by exec; gRPC's handlers for forks have nothing to do then but complain. Read when grpc is imported.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

from harness.cli.main import main  # noqa: E402 - after what must be said first

if __name__ == "__main__":
    main()
