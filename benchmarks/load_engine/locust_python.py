"""Which interpreter has Locust: an optional part, which the project itself never installs."""

import json
import subprocess

NEEDED = ("locust", "gevent", "grpcio", "protobuf", "hdrhistogram")
PROBE = """
import json, importlib.metadata as m
found = {}
for name in %r:
    try: found[name] = m.version(name)
    except m.PackageNotFoundError: pass
print(json.dumps(found))
"""
HOW = (
    "python3 -m venv .venv-bench && .venv-bench/bin/pip install -r benchmarks/requirements.txt, "
    "then --locust-python .venv-bench/bin/python"
)


def locust_versions(python: str) -> dict[str, str] | None:
    """Return the versions of what Locust's side needs; None, having said how to mend it, where the interpreter lacks any."""
    try:
        done = subprocess.run([python, "-c", PROBE % (NEEDED,)], capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"Locust: skipped, {python} cannot be run: {error}")
        return None
    found: dict[str, str] = json.loads(done.stdout)
    if missing := [name for name in NEEDED if name not in found]:
        print(f"Locust: skipped, its interpreter lacks {', '.join(missing)}: {HOW}")
        return None
    return {"Locust": found["locust"], "gevent": found["gevent"], "Locust's grpcio": found["grpcio"]}
