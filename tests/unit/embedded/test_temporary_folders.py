"""Whose temporary folder it is, and which ones nobody owns any more."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from harness.embedded.lifetime import OWNER, PREFIX, new_folder, remove_abandoned


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def folder_of(temporary: Path, owner: str | None, name: str = "x") -> Path:
    folder = temporary / f"{PREFIX}{name}"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").write_text("content")
    if owner is not None:
        (folder / OWNER).write_text(owner)
    return folder


def dead_process() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_a_new_folder_is_its_makers_and_stays(temporary: Path) -> None:
    folder = new_folder()
    assert folder.parent == temporary
    remove_abandoned()
    assert folder.is_dir()


def test_no_other_user_may_list_it() -> None:
    assert new_folder().stat().st_mode & 0o066 == 0


def test_a_dead_owners_folder_is_removed(temporary: Path) -> None:
    folder = folder_of(temporary, f"{dead_process()} 12345")
    remove_abandoned()
    assert not folder.exists()


def test_a_new_process_of_an_old_number_is_not_the_owner(temporary: Path) -> None:
    folder = folder_of(temporary, f"{os.getpid()} 1")
    remove_abandoned()
    assert not folder.exists()


def test_making_a_folder_removes_abandoned_ones(temporary: Path) -> None:
    folder = folder_of(temporary, f"{dead_process()} 12345")
    new_folder()
    assert not folder.exists()


def test_other_folders_are_let_be(temporary: Path) -> None:
    other = temporary / "harness-other"
    other.mkdir()
    (other / OWNER).write_text(f"{dead_process()} 12345")
    remove_abandoned()
    assert other.is_dir()


@pytest.mark.parametrize("owner", [None, "", "\n", "nonsense", "-1 2", "1.5 2"])
def test_a_folder_that_does_not_tell_its_owner_is_let_be(temporary: Path, owner: str | None) -> None:
    """Its maker may be about to write it: another stack that starts at this moment."""
    folder = folder_of(temporary, owner)
    remove_abandoned()
    assert folder.is_dir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's folder")
def test_another_users_folder_is_let_be(temporary: Path) -> None:
    folder = folder_of(temporary, f"{dead_process()} 12345")
    os.chown(folder, 65534, 65534)
    remove_abandoned()
    assert folder.is_dir()


def test_a_link_is_not_followed(temporary: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / OWNER).write_text(f"{dead_process()} 12345")
    (temporary / f"{PREFIX}link").symlink_to(elsewhere)
    remove_abandoned()
    assert (elsewhere / OWNER).exists()
