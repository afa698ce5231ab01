"""Generates `harness/proto` from the .proto files here: `python -m protos.generate [--check]`.

`--check` generates into a temporary folder and fails where the committed code differs.
"""

import argparse
import filecmp
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "protos"
PACKAGE = Path("harness", "proto")


def generate(out: Path) -> list[Path]:
    """Write the modules, their stubs and the package files under `out`; return them, relative to `out`."""
    well_known = Path(protoc.__file__).parent / "_proto"
    for proto in sorted(SOURCES.rglob("*.proto")):
        # The mapped path makes protoc write imports that resolve inside the harness package.
        name = PACKAGE / proto.relative_to(SOURCES)
        arguments = [
            "protoc",
            f"-I{PACKAGE}={SOURCES}",
            f"-I{well_known}",
            *(f"--{kind}_out={out}" for kind in ("python", "pyi", "grpc_python")),
            str(name),
        ]
        if protoc.main(arguments) != 0:
            sys.exit(f"protos.generate: {proto.relative_to(ROOT)} could not be compiled")
    for folder in [out / PACKAGE, *(path for path in (out / PACKAGE).rglob("*") if path.is_dir())]:
        (folder / "__init__.py").touch()
    return sorted(path.relative_to(out) for path in (out / PACKAGE).rglob("*.py*") if "__pycache__" not in path.parts)


def check() -> None:
    """Exit with 1 and the names of the files that are not what the .proto files say."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = generate(Path(folder))
        kept = sorted(p.relative_to(ROOT) for p in (ROOT / PACKAGE).rglob("*.py*") if "__pycache__" not in p.parts)
        _, different, missing = filecmp.cmpfiles(folder, ROOT, [str(path) for path in fresh], shallow=False)
    stale = sorted({*different, *missing, *(str(path) for path in set(kept) - set(fresh))})
    if stale:
        sys.exit("generated code is not current, run `make protos`: " + ", ".join(stale))


def main() -> None:
    """Generate, or check with `--check`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail where the committed code differs")
    if parser.parse_args().check:
        check()
    else:
        generate(ROOT)


if __name__ == "__main__":
    main()
