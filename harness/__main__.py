"""The `harness` command."""

import os

# Children are started by exec; gRPC's handlers for forks have nothing to do then but complain. Read when grpc is imported.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

from harness.cli.main import main

if __name__ == "__main__":
    main()
