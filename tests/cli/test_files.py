"""Search for files, lines, worker processes, outputs, and errors of files."""

from __future__ import annotations

import gc
import io
import itertools
import json
import os
import re
import signal
import subprocess
import tracemalloc
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest

from isales_rules.cli import chunks, runner
from isales_rules.cli.findings import Checker
from isales_rules.cli.main import main
from isales_rules.cli.selection import relative_path
from tests.support.command import (
    BEFORE,
    BODY,
    COMMAND,
    Printed,
    backwards,
    body,
    check_before,
    endless_check,
    finding_codes,
    raising,
    run,
    stdin,
)
from tests.support.rule_sets import rule_set, write

INVALID = body(deviceType=4)


def lines(*bodies: Any, end: bytes = b"\n") -> bytes:
    return end.join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in bodies)


def locations(document: dict[str, Any]) -> list[tuple[str, int]]:
    return [(one["file"], one["line"]) for one in document["findings"]]


# --- Search ----------------------------------------------------------------------------------


def test_folder_files_are_checked_in_order(file: Any, capsys: Printed) -> None:
    for name in (
        "c/b.json",
        "c/a.json",
        "c/d/e.json",
        "c/x.txt",
        "c/.hidden.json",
        "c/.git/f.json",
        "c/l.ndjson",
        "c/l.jsonl",
    ):
        file(INVALID, name)
    code, document = check_before(capsys, "c")
    assert code == 1
    assert [one["file"] for one in document["findings"]] == [
        "c/a.json",
        "c/b.json",
        "c/d/e.json",
        "c/l.jsonl",
        "c/l.ndjson",
    ]
    assert document["summary"]["files"] == 5


def test_current_folder_can_be_checked(file: Any, capsys: Printed) -> None:
    file(INVALID, "a.json")
    assert locations(check_before(capsys, ".")[1]) == [("a.json", 1)]


def test_pattern_matches_in_all_folders(file: Any, capsys: Printed) -> None:
    for name in ("c/a.json", "c/d/e.json", "c/d/e.txt"):
        file(INVALID, name)
    assert [one["file"] for one in check_before(capsys, "c/**/*.json")[1]["findings"]] == [
        "c/a.json",
        "c/d/e.json",
    ]
    assert [one["file"] for one in check_before(capsys, "c/?.json")[1]["findings"]] == ["c/a.json"]


def test_file_named_like_a_pattern_is_checked(file: Any, capsys: Printed) -> None:
    file(BODY, "a.json")
    assert locations(check_before(capsys, file(INVALID, "[a].json"))[1]) == [("[a].json", 1)]


def test_file_named_twice_is_checked_once(file: Any, capsys: Printed) -> None:
    name = file(INVALID, "c/a.json")
    Path("other").symlink_to("c")
    assert locations(
        check_before(capsys, name, "c", "c/*", f"./{name}", str(Path(name).resolve()), "other/*")[1]
    ) == [(name, 1)]


def test_pattern_of_folders_checks_their_files(file: Any, capsys: Printed) -> None:
    names = [file(INVALID, "camp1/a.json"), file(INVALID, "camp2/b.json")]
    assert [one["file"] for one in check_before(capsys, "camp*")[1]["findings"]] == names


def test_files_are_accepted_after_flags(file: Any, capsys: Printed) -> None:
    names = [file(INVALID, name) for name in ("a.json", "b.json", "c.json")]
    assert (
        main(["check", names[0], "--format", "concise", "--quiet", names[1], *BEFORE, names[2]])
        == 1
    )
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == names
    assert main(["check", names[0], "--format", "concise", "--unknown", names[1]]) == 2
    assert "unrecognized arguments: --unknown" in capsys.readouterr().err


def test_unreadable_folder_is_reported(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    file(INVALID, "c/a.json")
    file(INVALID, "c/locked/b.json")
    real = os.scandir

    def scandir(path: Any) -> Any:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr("os.scandir", scandir)
    assert main(["check", "c", "--format", "concise"]) == 2
    out, err = capsys.readouterr()
    assert out.startswith("c/a.json:1:")
    assert err == "isales-rules: c/locked: cannot be read: Permission denied\n"


@pytest.mark.parametrize(
    ("argument", "message"),
    [("c/*.txt", "no file matches this pattern"), ("e", "no file in this folder ends with .json")],
)
def test_name_without_files_exits_with_2(
    argument: str, message: str, file: Any, capsys: Printed
) -> None:
    file(INVALID, "c/a.json")
    Path("e").mkdir()
    assert main(["check", argument, "c", "--format", "concise"]) == 2
    out, err = capsys.readouterr()
    assert out.startswith("c/a.json:1:")
    assert err.startswith(f"isales-rules: {argument}: {message}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "name", ["a\x1b[31m\n::error::x.json", os.fsdecode(b"\xff.json"), "a\0b.json"]
)
def test_nonprintable_name_is_escaped_in_errors(name: str, capsys: Printed) -> None:
    for argv in (
        [name],
        ["x", "--config", name],
        ["x", "--baseline", name],
        ["x", "--now", name],
        ["x", "--unknown", name],
        ["x", "--ruleset", name],
    ):
        if "\0" in name and argv != [name]:
            continue
        assert main(["check", *argv]) == 2
        out, err = capsys.readouterr()
        assert out == "" or "could not be checked" in out
        assert "\x1b" not in err
        assert not any(line.startswith("::") for line in err.splitlines())
        assert err.isprintable() or err.replace("\n", "").isprintable()
        assert "None" not in err


def test_links_out_of_a_folder_are_not_followed(file: Any, tmp_path: Path, capsys: Printed) -> None:
    file(INVALID, "outside/a.json")
    file(INVALID, "c/a.json")
    file(INVALID, "c/d/b.json")
    for name, target in (
        ("up", ".."),
        ("again", "."),
        ("d/up", ".."),
        ("other", "../outside"),
        ("out.json", "../outside/a.json"),
        ("in.json", "a.json"),
    ):
        (tmp_path / "c" / name).symlink_to(target)
    assert [one["file"] for one in check_before(capsys, "c")[1]["findings"]] == [
        "c/a.json",
        "c/d/b.json",
    ]
    for pattern in ("c/**/*.json", "c/**", "c/*/../**/*.json", "c*/**/?.json"):
        assert [one["file"] for one in check_before(capsys, pattern)[1]["findings"]] == [
            "c/a.json",
            "c/d/b.json",
        ]
    assert [one["file"] for one in check_before(capsys, "c/out.json")[1]["findings"]] == [
        "c/out.json"
    ]


def test_only_regular_files_of_a_folder_are_read(file: Any, capsys: Printed) -> None:
    file(INVALID, "c/a.json")
    os.mkfifo("c/pipe.json")
    os.symlink("/dev/zero", "c/zero.json")
    Path("c/folder.json").mkdir()
    for name in ("c", "c/*.json", "c/**/*"):
        code, document = check_before(capsys, name)
        assert (code, locations(document)) == (1, [("c/a.json", 1)])


def test_excluded_files_and_folders_are_skipped(file: Any, capsys: Printed) -> None:
    for name in (
        "a.json",
        "b.json",
        "drafts/x.json",
        "d/drafts/x.json",
        "d/node_modules/x.json",
        "d/env/x.json",
        "drafts2/b.json",
    ):
        file(INVALID, name)
    file(b"", "d/env/pyvenv.cfg")

    def checked(*argv: str) -> list[str]:
        return [one["file"] for one in check_before(capsys, *argv)[1]["findings"]]

    assert checked(".") == [
        "a.json",
        "b.json",
        "d/drafts/x.json",
        "drafts/x.json",
        "drafts2/b.json",
    ]
    assert checked("**/x.json") == ["d/drafts/x.json", "drafts/x.json"]
    assert checked(".", "--exclude", "drafts,b.json") == ["a.json"]
    assert checked(".", "--exclude", "drafts/*", "--exclude", "drafts2/*") == [
        "a.json",
        "b.json",
        "d/drafts/x.json",
    ]
    assert checked("d/node_modules/x.json", "drafts", "--exclude", "drafts,x.json,d") == [
        "d/node_modules/x.json"
    ]
    assert checked("d/env", "d/node_modules") == ["d/env/x.json", "d/node_modules/x.json"]
    file(b'exclude = ["drafts*"]', ".isales-rules.toml")
    assert checked(".") == ["a.json", "b.json"]
    assert main(["check", "drafts2/*.json", "--exclude", "*"]) == 2
    assert (
        capsys.readouterr().err
        == "isales-rules: drafts2/*.json: no file matches this pattern, except excluded ones\n"
    )


def test_files_ignored_by_git_are_skipped(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    for name in (
        "a.json",
        "build/b.json",
        "d/ignored.json",
        "d/kept.json",
        "ü ignored.json",
        "d/tracked-ignored.json",
    ):
        file(INVALID, name)
    file(b"build/\n*ignored.json\n", ".gitignore")
    subprocess.run(["git", "init", "-q"], check=True, timeout=60)
    subprocess.run(["git", "add", "-f", "d/tracked-ignored.json"], check=True, timeout=60)
    kept = ["a.json", "d/kept.json", "d/tracked-ignored.json"]
    monkeypatch.setenv("GIT_DIR", "none")
    for name, expected in (
        (".", kept),
        ("**/*.json", kept),
        ("d", kept[1:]),
        ("build", ["build/b.json"]),
        ("d/ignored.json", ["d/ignored.json"]),
    ):
        assert [one["file"] for one in check_before(capsys, name)[1]["findings"]] == expected
    monkeypatch.chdir("d")
    assert [one["file"] for one in check_before(capsys, "..")[1]["findings"]] == [
        f"../{name}" for name in kept
    ]
    monkeypatch.setenv("PATH", "")
    assert len(check_before(capsys, "..")[1]["findings"]) == 6


def test_files_of_the_command_are_skipped(file: Any) -> None:
    file(INVALID, "a.json")
    file({"now": "2020-09-01"}, "facts.json")
    file({"returnObject": {"id": 5, "status": 2}}, "current.json")
    file(b"a.json", "list.ndjson")
    argv = [
        ".",
        "--facts",
        "facts.json",
        "--current",
        "current.json",
        "--files-from",
        "list.ndjson",
    ]
    for _ in range(2):
        assert main(["check", *argv, "--write-baseline", "known.json"]) == 0
        assert (
            main(
                [
                    "check",
                    *argv,
                    "--baseline",
                    "known.json",
                    "--output",
                    "json=out.json",
                    "--output",
                    "jsonl=d.jsonl",
                ]
            )
            == 0
        )
        assert json.loads(Path("out.json").read_text("utf-8"))["summary"]["files"] == 1
        file(b'facts = "facts.json"\nbaseline = "known.json"', ".isales-rules.toml")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\0"])
def test_names_are_read_with_any_separator(end: bytes, file: Any, capsys: Printed) -> None:
    names = [file(INVALID, "a b.json"), file(INVALID, "ü.json")]
    names_file = file(end.join(name.encode() for name in names) + end, "list")
    assert [
        one["file"] for one in check_before(capsys, "--files-from", names_file)[1]["findings"]
    ] == names


def test_byte_order_mark_of_a_list_is_removed(file: Any, capsys: Printed) -> None:
    name = file(INVALID, "a.json")
    assert [
        one["file"]
        for one in check_before(
            capsys, "--files-from", file(b"\xef\xbb\xbf" + name.encode(), "list")
        )[1]["findings"]
    ] == [name]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_file_named_dash_is_not_standard_input(
    jobs: str, file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    file(INVALID, "-")
    stdin(monkeypatch, json.dumps(body(name="")).encode())
    assert finding_codes(check_before(capsys, "./-", "-", "--jobs", jobs)[1]) == [
        ("/deviceType", "02000007"),
        ("/name", "02000001"),
    ]


def test_folder_named_dash_is_not_standard_input(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    file(BODY, "-/a.json")
    stdin(monkeypatch, json.dumps(INVALID).encode())
    assert locations(check_before(capsys, "-")[1]) == [("-", 1)]


def test_missing_file_is_not_a_pattern(file: Any, capsys: Printed) -> None:
    file(BODY)
    assert main(["check", "X.json"]) == 2
    assert (
        capsys.readouterr().err
        == "isales-rules: X.json: cannot be read: No such file or directory\n"
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_named_pipe_is_read(jobs: str, tmp_path: Path, capsys: Printed) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", 'cat > "$0"', str(pipe)], stdin=subprocess.PIPE) as writer:
        assert writer.stdin is not None
        writer.stdin.write(lines(BODY, INVALID))
        writer.stdin.close()
        assert [
            line
            for _, line in locations(check_before(capsys, str(pipe), "--ndjson", "--jobs", jobs)[1])
        ] == [2]


def test_names_are_read_from_standard_input(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    stdin(monkeypatch, file(INVALID, "a.json").encode())
    assert locations(check_before(capsys, "--files-from", "-")[1]) == [("a.json", 1)]


def test_empty_list_of_names_is_valid(file: Any, capsys: Printed) -> None:
    code, document = check_before(capsys, "--files-from", file(b"", "list"))
    assert (code, document["summary"]["files"]) == (0, 0)


def test_standard_input_has_one_use(capsys: Printed) -> None:
    assert main(["check", "-", "--files-from", "-"]) == 2
    assert "standard input cannot be both" in capsys.readouterr().err
    assert main(["check", "--files-from", "missing"]) == 2
    assert (
        capsys.readouterr().err
        == "isales-rules: missing: cannot be read: No such file or directory\n"
    )


# --- Lines -----------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [[], ["--jobs", "2"], ["--jobs", "auto"]])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_invalid_line_does_not_hide_others(
    jobs: list[str], end: bytes, file: Any, capsys: Printed
) -> None:
    content = lines(BODY, b"{", INVALID, b"", b'{"name": "\xff"}', b"  ", BODY, INVALID, end=end)
    code, document = check_before(capsys, file(content, "all.ndjson"), *jobs)
    assert code == 1
    assert [(one["line"], one["code"]) for one in document["findings"]] == [
        (2, "02000008"),
        (3, "02000007"),
        (5, "02000008"),
        (8, "02000007"),
    ]
    assert (document["summary"]["texts"], document["summary"]["invalid"]) == (6, 4)


def test_only_json_white_space_makes_a_line_blank(file: Any, capsys: Printed) -> None:
    _, document = check_before(capsys, file(b" \t\r\n\x0b\nX\n\xc2\xa0\n", "all.ndjson"))
    assert [one["line"] for one in document["findings"]] == [2, 3, 4]


def test_unchecked_rules_of_any_text_are_listed(file: Any, capsys: Printed) -> None:
    replies = [{"returnObject": BODY}, {"returnObject": {**BODY, "status": 2, "name": ""}}]
    for texts in (replies, replies[::-1]):
        assert (
            "campaign-not-expired"
            in check_before(capsys, file(lines(*texts), "all.ndjson"), "--query-reply")[1][
                "summary"
            ]["unchecked"]
        )
        names = [file(one, f"{number}.json") for number, one in enumerate(texts)]
        assert (
            "campaign-not-expired"
            in check_before(capsys, *names, "--query-reply")[1]["summary"]["unchecked"]
        )


def test_region_in_a_line_is_a_region_in_the_file(file: Any, capsys: Printed) -> None:
    name = file(lines(BODY, {"x": 1}, BODY), "all.txt")
    code, document = check_before(capsys, name, "--ndjson")
    assert code == 1
    [at] = [one for one in document["findings"] if one["path"] == "/x"]
    assert (at["line"], at["column"], at["end_line"], at["end_column"]) == (2, 2, 2, 5)
    assert main(["check", name, "--ndjson", *BEFORE]) == 1
    assert (
        f'{name}:2:2: 0200001 /x: "x" is not a documented parameter\n2 | {{"x": 1}}\n'
        in capsys.readouterr().out
    )


def test_message_has_the_line_of_the_file(file: Any, capsys: Printed) -> None:
    name = file(lines(BODY, BODY, b'{"name" 1}'), "all.ndjson")
    assert main(["check", name, "--format", "concise", *BEFORE]) == 1
    assert capsys.readouterr().out.startswith(
        f"{name}:3:9: 02000008 (whole): The text must be JSON as RFC 8259 has it: line 3, column 9: "
    )


@pytest.mark.parametrize("size", [1, 7, 300, 2000])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_findings_do_not_depend_on_the_chunk_size(
    size: int, jobs: str, file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    texts = [BODY, INVALID, b"", {}, b"[", BODY] * (2 if size == 1 else 9)
    texts += [b'{"Authorization":', *[INVALID] * 8]  # no value is shown from here on
    name = file(lines(*texts), "all.ndjson")
    expected = check_before(capsys, name)
    monkeypatch.setattr(chunks, "READ_SIZE", size)
    monkeypatch.setattr("isales_rules.cli.runner.BATCH_SIZE", size)
    monkeypatch.setattr("isales_rules.cli.runner.LINES_BATCH_SIZE", size * 4)
    assert check_before(capsys, name, "--jobs", jobs) == expected
    assert expected[1]["summary"]["texts"] == len(texts) - texts.count(b"")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_values_below_a_chunk_that_was_not_checked_are_hidden(
    jobs: str, file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    real = Checker.check

    def check(checker: Checker, chunk: chunks.Chunk) -> Any:
        if chunk.line == 1:
            raise MemoryError
        return real(checker, chunk)

    monkeypatch.setattr(Checker, "check", check)
    monkeypatch.setattr(chunks, "READ_SIZE", 1)
    name = file(b'"Authorization":\n{"callerNo": "s3cr3t-T0ken"}\n', "all.ndjson")
    assert main(["check", name, "--jobs", jobs]) == 2
    out = capsys.readouterr().out
    assert "/callerNo" in out
    assert "T0ken" not in out


def test_short_lines_are_reported_in_order(file: Any, capsys: Printed) -> None:
    texts = [b"[]" if number % 900 else b"5" for number in range(2500)]
    _, document = check_before(capsys, file(b"\n".join(texts), "all.ndjson"), "--jobs", "2")
    assert [one["line"] for one in document["findings"]] == list(range(1, 2501))
    assert document["summary"]["texts"] == 2500


def test_final_newline_is_optional(file: Any, capsys: Printed) -> None:
    code, document = check_before(capsys, file(b"", "none.ndjson"))
    assert (code, document["summary"]["files"], document["summary"]["texts"]) == (0, 1, 0)
    for end in (b"", b"\n"):
        assert locations(
            check_before(capsys, file(lines(BODY, INVALID) + end, "all.ndjson"))[1]
        ) == [("all.ndjson", 2)]


@pytest.mark.parametrize("size", [1, 5, 1 << 18])
@pytest.mark.parametrize(
    "content", [b"", b"\n", b"{}\n\n[1]\r\n\xff\n" * 3, b"a\nb", b"x" * 9, b"{}\n" * 2500]
)
@pytest.mark.parametrize("as_lines", [True, False])
def test_references_read_the_same_chunks(
    as_lines: bool, content: bytes, size: int, file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "READ_SIZE", size)
    name = file(content)
    expected = list(chunks.read_chunks(name, as_lines))
    references = list(chunks.chunk_refs(name, as_lines))
    assert [one.read() for one in references if isinstance(one, chunks.ChunkRef)] == expected
    assert [one.lines for one in references] == [chunk.lines for chunk in expected]
    assert b"\n".join(text for chunk in expected for text in chunk.texts) == (
        content.removesuffix(b"\n") if as_lines else content
    )


@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_standard_input_is_read_by_any_name(name: str, jobs: str, file: Any) -> None:
    file(lines(BODY, INVALID), "all.ndjson")
    argv = [*COMMAND, "check", "--ndjson", name, "--jobs", jobs, "--format", "concise"]
    with (
        open("all.ndjson", "rb") as opened,
        subprocess.Popen(["cat", "all.ndjson"], stdout=subprocess.PIPE) as pipe,
    ):
        for stream in (opened, pipe.stdout):
            out = subprocess.run(
                argv, stdin=stream, capture_output=True, check=False, timeout=60
            ).stdout
            assert out.startswith(f"{name}:2:".encode())


def test_file_removed_before_reading_is_reported(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setattr(
        "isales_rules.cli.chunks.ChunkRef.read",
        raising(FileNotFoundError(2, "No such file or directory")),
    )
    assert main(["check", file(BODY), file(lines(INVALID), "all.ndjson"), "--jobs", "2"]) == 2
    expected = [
        f"isales-rules: {name}: cannot be read: No such file or directory"
        for name in ("body.json", "all.ndjson")
    ]
    assert capsys.readouterr().err.splitlines() == expected


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_lines_are_read_from_standard_input(
    jobs: str, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    stdin(monkeypatch, lines(BODY, INVALID))
    assert locations(check_before(capsys, "-", "--ndjson", "--jobs", jobs)[1]) == [("-", 2)]


def test_worker_processes_keep_the_order_of_files(file: Any, capsys: Printed) -> None:
    names = [file(INVALID if number % 3 else BODY, f"c/{number:02}.json") for number in range(40)]
    serial = check_before(capsys, "c", "missing")
    assert serial[0] == 2
    assert check_before(capsys, "c", "missing", "--jobs", "3") == serial
    assert check_before(capsys, "missing", "c", "--jobs", "3") == serial
    assert [one["file"] for one in serial[1]["findings"]] == [
        name for number, name in enumerate(names) if number % 3
    ]


def test_memory_does_not_grow_with_a_stream(file: Any) -> None:
    content = lines(*[BODY] * 1000) + b"\n"
    peaks = []
    for name in (file(content, "some.ndjson"), file(content * 40, "more.ndjson")):
        process = subprocess.Popen([*COMMAND, "check", name, *BEFORE], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        peaks.append(used.ru_maxrss * 1024)
    assert peaks[1] < peaks[0] + len(content) * 10


@pytest.mark.parametrize("content", [b"\n" * 300_000 + b"x", b'{"name":' + b"\n" * 300_000 + b"1}"])
@pytest.mark.parametrize("format_name", ["text", "concise"])
def test_memory_does_not_grow_with_lines(
    content: bytes, format_name: str, file: Any, capsys: Printed
) -> None:
    name = file(content)
    main(["check", name])  # imports all modules
    tracemalloc.start()
    try:
        assert main(["check", name, "--format", format_name]) == 1
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * len(content)
    capsys.readouterr()


def test_garbage_collection_is_restored(file: Any, capsys: Printed) -> None:
    name = file(BODY)
    for enabled in (False, True):
        (gc.enable if enabled else gc.disable)()
        try:
            assert check_before(capsys, name)[0] == 0
            assert gc.isenabled() is enabled
        finally:
            gc.enable()


def test_file_on_another_drive_has_its_full_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.path.relpath", raising(ValueError()))
    assert relative_path("D:/campaigns/a.json", "C:/repo") == "D:/campaigns/a.json"


# --- Outputs and errors ----------------------------------------------------------------------


def test_output_files_have_their_own_formats(file: Any, capsys: Printed) -> None:
    name = file(INVALID)
    argv = ["--output", "concise=a.txt", "--output", "json=b.json", *BEFORE]
    assert main(["check", name, *argv, "--format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error file=body.json,")
    assert Path("a.txt").read_text("utf-8").startswith("body.json:1:")
    assert finding_codes(json.loads(Path("b.json").read_text("utf-8"))) == [
        ("/deviceType", "02000007")
    ]


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("json", "--output must be FORMAT=FILE, not 'json'"),
        ("json=", "--output must be FORMAT=FILE, not 'json='"),
        ("sarf=x", "unknown format 'sarf'; did you mean 'sarif'?; the formats are"),
        ("json=none/x.json", "none/x.json: cannot be written: No such file or directory"),
        ("json=.", ".: cannot be written: Is a directory"),
    ],
)
def test_invalid_output_stops_before_the_check(
    output: str, message: str, file: Any, capsys: Printed
) -> None:
    assert main(["check", file(INVALID), "--output", output]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_inputs_and_outputs_are_distinct(file: Any, capsys: Printed) -> None:
    name = file(INVALID)
    before = Path(name).read_bytes()
    for argv, message in (
        (["--output", f"json=./{name}"], f"./{name}: cannot be written: it is an input"),
        (["--write-baseline", name], f"{name}: cannot be written: it is an input"),
        (
            ["--output", "json=a", "--output", "sarif=./a"],
            "./a: cannot be written: it is written twice",
        ),
        (["--output", "json=a", "--output", "none=b"], "--output: unknown format 'none'"),
    ):
        assert main(["check", name, *argv]) == 2
        assert capsys.readouterr().err.startswith(f"isales-rules: {message}")
    assert Path(name).read_bytes() == before
    assert not Path("a").exists()


@pytest.mark.parametrize("option", ["--output=json={}", "--write-baseline={}"])
def test_no_input_is_overwritten(option: str, file: Any, capsys: Printed) -> None:
    name = file(INVALID, "d/in.json")
    file({}, "facts.json")
    file(b"[]", "settings.toml")
    Path("list").write_text(name, "utf-8")
    os.link(name, "hard.json")
    os.symlink(name, "soft.json")
    Path("folder").symlink_to("d")
    rules = file(write(Path.cwd(), rule_set({"a": {"type": "integer"}})).read_bytes(), "rules.toml")
    file(b"", "settings.toml")
    before = {path: path.read_bytes() for path in Path.cwd().rglob("*.*")}
    argv = [
        "--facts",
        "facts.json",
        "--config",
        "settings.toml",
        "--files-from",
        "list",
        "--ruleset",
        rules,
    ]
    for target in (
        name,
        "hard.json",
        "soft.json",
        "folder/in.json",
        "facts.json",
        "settings.toml",
        "list",
        rules,
    ):
        assert main(["check", name, *argv, option.format(target)]) == 2
        assert capsys.readouterr().err.startswith(
            f"isales-rules: {target}: cannot be written: it is "
        )
    assert main(["check", "d", option.format("hard.json")]) == 2
    assert capsys.readouterr().err == "isales-rules: hard.json: cannot be written: it is an input\n"
    assert {path: path.read_bytes() for path in Path.cwd().rglob("*.*")} == before


def test_output_keeps_links_and_permissions(file: Any) -> None:
    name = file(INVALID)
    Path("out").write_text("before", "utf-8")
    os.link("out", "backup")
    os.chmod("out", 0o640)
    os.symlink("out", "link")
    os.symlink("victim", "out.new")
    for option in ("--output=json=link", "--write-baseline=link"):
        assert main(["check", name, option, *BEFORE]) in (0, 1)
        assert json.loads(Path("out").read_text("utf-8"))["findings"]
        assert Path("out").stat().st_mode & 0o777 == 0o640
    assert Path("link").is_symlink()
    assert Path("backup").read_text("utf-8") == "before"
    assert sorted(os.listdir()) == ["backup", "body.json", "link", "out", "out.new"]


def test_incomplete_output_replaces_nothing(file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    name = file(INVALID)
    Path("out").write_text("before", "utf-8")
    assert main(["check", name, "--output", "json=out", "--output", "sarif=none/x"]) == 2
    monkeypatch.setattr(Checker, "check", raising(KeyboardInterrupt()))
    assert main(["check", name, "--output", "json=out"]) == 130
    assert Path("out").read_text("utf-8") == "before"
    assert sorted(os.listdir()) == ["body.json", "out"]


def test_output_cannot_be_standard_output(file: Any, capsys: Printed) -> None:
    assert main(["check", file(INVALID), "--output", "json=-"]) == 2
    assert "use --format json" in capsys.readouterr().err
    assert main(["check", file(INVALID), "--output", "json=./-", *BEFORE]) == 1
    assert json.loads(Path("-").read_text("utf-8"))["findings"]


def test_incomplete_baseline_is_not_written(file: Any, capsys: Printed) -> None:
    name = file(INVALID)
    Path("known.json").write_text("before", "utf-8")
    assert main(["check", name, "missing.json", "--write-baseline", "known.json"]) == 2
    assert Path("known.json").read_text("utf-8") == "before"
    capsys.readouterr()
    assert main(["check", name, "--write-baseline", "none/known.json"]) == 2
    assert capsys.readouterr() == (
        "",
        "isales-rules: none/known.json: cannot be written: No such file or directory\n",
    )
    assert (
        main(
            [
                "check",
                name,
                file({}, "b.json"),
                "--write-baseline",
                "known.json",
                "--max-errors",
                "1",
                *BEFORE,
            ]
        )
        == 0
    )
    assert len(json.loads(Path("known.json").read_text("utf-8"))["findings"]) == 7


@pytest.mark.parametrize("format_name", ["json", "junit", "text"])
def test_full_disk_does_not_affect_other_outputs(
    format_name: str, file: Any, capsys: Printed
) -> None:
    file(lines(*[INVALID] * 40), "all.ndjson")
    assert (
        main(
            [
                "check",
                "all.ndjson",
                *BEFORE,
                "--format",
                "concise",
                "--quiet",
                "--output",
                f"{format_name}=/dev/full",
                "--output",
                "jsonl=b",
            ]
        )
        == 2
    )
    out, err = capsys.readouterr()
    assert err == "isales-rules: /dev/full: cannot be written: No space left on device\n"
    assert out.count("\n") == len(Path("b").read_text("utf-8").splitlines()) == 40


def test_baseline_on_a_full_disk_is_one_line(file: Any, capsys: Printed) -> None:
    os.symlink("/dev/full", "full")  # a link, so that a failing test does not replace the device
    assert main(["check", file(INVALID), "--write-baseline", "full"]) == 2
    assert (
        capsys.readouterr().err
        == "isales-rules: full: cannot be written: No space left on device\n"
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("times", [1, 3000])
def test_interrupt_prints_one_line(jobs: str, times: int) -> None:
    with endless_check("--jobs", jobs) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()  # the check has started
        for _ in range(times):
            os.killpg(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.01 if times > 1 else 30)
                break
        assert process.stderr.read() == b"isales-rules: interrupted\n"
        assert process.wait(timeout=30) == 130


@pytest.mark.parametrize("kill", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_the_main_process(kill: signal.Signals) -> None:
    with endless_check("--jobs", "2") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(kill)
        # The workers have this pipe too: it is closed when the last of them ends.
        process.communicate(timeout=30)


def test_early_stop_does_not_hang(file: Any) -> None:
    # The results are so large that a worker is writing one most of the time.
    name = file(lines(*[{"k" * (1 << 20): number} for number in range(12)]), "all.ndjson")
    for _ in range(5):
        assert (
            run("check", name, "--jobs", "2", "--max-errors", "1", "--format", "concise").returncode
            == 1
        )


def test_closed_pipe_ends_an_endless_check() -> None:
    script = (
        f"yes '{{}}' | {COMMAND[0]} -m isales_rules check --ndjson - --format concise | head -1"
    )
    done = subprocess.run(script, shell=True, capture_output=True, check=True, timeout=60)  # noqa: S602
    assert done.stdout.startswith(b"-:1:1: 02000001 ")
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("closed", "code", "message"),
    [
        (">&-", 2, "standard output: cannot be written: it is closed"),
        ("<&-", 2, "-: cannot be read: Bad file descriptor"),
        ("2>&-", 1, ""),
    ],
)
def test_closed_stream_prints_no_traceback(closed: str, code: int, message: str, file: Any) -> None:
    name = "-" if "<" in closed else file(INVALID)
    done = subprocess.run(  # noqa: S602  # our own
        f"{COMMAND[0]} -m isales_rules check {name} {closed}",
        shell=True,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_standard_stream_is_handled(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    name = file(BODY)
    for stream, argument, code in (("stdout", name, 2), ("stdin", "-", 2), ("stderr", name, 0)):
        with monkeypatch.context() as once:
            once.setattr(f"sys.{stream}", None)
            assert main(["check", argument, *BEFORE]) == code
    lines = [
        "standard output: cannot be written: it is closed",
        "-: cannot be read: Bad file descriptor",
    ]
    assert capsys.readouterr().err.splitlines() == [f"isales-rules: {line}" for line in lines]


@pytest.mark.parametrize("stream", ["closed", "full"])
def test_exit_code_is_2_without_standard_error(
    stream: str, file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        with monkeypatch.context() as once:
            once.setattr(
                "sys.stderr", full if stream == "full" else None
            )  # as Python does for a closed one
            assert main(["check", "missing.json", file(BODY), *BEFORE]) == 2
        with suppress(OSError):
            full.close()
    assert capsys.readouterr().out.startswith("1 file: 1 more could not be checked\n")


def test_file_larger_than_memory_is_reported(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setattr("isales_rules.cli.runner.read_chunks", raising(MemoryError()))
    assert main(["check", file(BODY)]) == 2
    assert (
        capsys.readouterr().err
        == "isales-rules: body.json: is too large for the available memory\n"
    )


def test_baseline_can_be_written_to_a_device(file: Any) -> None:
    os.symlink("/dev/null", "null")
    assert main(["check", file(INVALID), "--write-baseline", "null"]) == 0
    assert Path("null").is_char_device()


def test_removed_current_folder_exits_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(["rules"]) == 2
    assert (
        capsys.readouterr().err == "isales-rules: the current folder: No such file or directory\n"
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_memory_error_does_not_stop_the_check(
    jobs: str, file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    real = Checker.check

    def check(checker: Checker, chunk: chunks.Chunk) -> Any:
        if chunk.file == "a.json":
            raise MemoryError
        return real(checker, chunk)

    monkeypatch.setattr(Checker, "check", check)
    names = [file(BODY, "a.json"), file(INVALID, "b.json")]
    assert main(["check", *names, "--jobs", jobs, "--format", "concise"]) == 2
    out, err = capsys.readouterr()
    assert out.startswith("b.json:")
    assert err == "isales-rules: a.json: is too large for the available memory\n"


def test_failed_start_of_a_worker_names_the_remedy(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setattr(
        "multiprocessing.process.BaseProcess.start",
        raising(BlockingIOError(11, "Resource temporarily unavailable")),
    )
    assert main(["check", file(BODY), "--jobs", "2"]) == 2
    assert capsys.readouterr().err == (
        "isales-rules: cannot start more worker processes: Resource temporarily unavailable; use fewer --jobs\n"
    )


def test_little_work_needs_one_process(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setattr(runner, "SERIAL_SECONDS", float("inf"))
    monkeypatch.setattr(runner, "Worker", None)
    names = [file(INVALID), file(lines(BODY, INVALID), "all.ndjson")]
    serial = check_before(capsys, *names)
    assert check_before(capsys, *names, "--jobs", "2") == serial


def test_jobs_are_limited_to_the_processors(file: Any, capsys: Printed) -> None:
    assert check_before(capsys, file(INVALID), "--jobs", "999999999")[0] == 1


def test_interrupt_prints_no_traceback(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setattr("isales_rules.cli.check.run", raising(KeyboardInterrupt()))
    assert main(["check", file(BODY)]) == 130
    assert capsys.readouterr().err == "isales-rules: interrupted\n"


def test_killed_worker_ends_the_check(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setattr(
        "isales_rules.cli.runner.Checker.check", lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    )
    assert main(["check", file(BODY), "--jobs", "2"]) == 2
    assert (
        capsys.readouterr().err
        == "isales-rules: a worker process ended unexpectedly; run without --jobs to use a single process\n"
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Run the command on a terminal whose clock ticks by half seconds."""
    monkeypatch.setattr("isales_rules.cli.runner.monotonic", itertools.count(0, 0.5).__next__)
    monkeypatch.setattr(chunks, "READ_SIZE", 1000)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    def run(*argv: str) -> tuple[int, str]:
        screen = Terminal()
        with redirect_stdout(screen), redirect_stderr(screen):
            return main(["check", *BEFORE, *argv]), screen.getvalue()

    return run


def test_terminal_shows_progress_after_a_second(file: Any, terminal: Any) -> None:
    code, screen = terminal(file(lines(*[BODY] * 9, INVALID), "all.ndjson"))
    assert code == 1
    bars = re.findall(r"\r\[(#+)(\.*)\] +(\d+)% 0 MB\033\[K", screen)
    assert len(bars) > 3
    assert all(len(done) + len(left) == 40 for done, left, _ in bars)
    assert [int(share) for _, _, share in bars] == sorted(int(share) for _, _, share in bars)
    # The bar is erased before findings and at the end.
    assert re.search(r"\r\033\[K\033\[1mall.ndjson:10:", screen)
    assert screen.rindex("\r\033[K") > screen.rindex("\r[")


def test_progress_of_a_stream_has_no_percentage(
    terminal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin(monkeypatch, lines(*[BODY] * 9))
    code, screen = terminal("-", "--ndjson")
    assert code == 0
    assert "\r0 MB\033[K" in screen
    assert "[" not in screen.replace("\033[", "")


def test_short_check_shows_no_progress(file: Any, terminal: Any) -> None:
    assert "\r" not in terminal(file(BODY))[1]


def test_color_respects_terminal_and_environment(
    file: Any, terminal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = file({**backwards(), "name": ""})
    code, coloured = terminal(name)
    assert code == 1
    assert f"\033[1m{name}:1:" in coloured
    assert "\033[1;31m02000001\033[0m /name: " in coloured
    assert "\033[1;33mwarning\033[0m /scheduleParam" in coloured
    for variable, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        with monkeypatch.context() as once:
            once.setenv(variable, value)
            assert terminal(name)[1] == re.sub(r"\033\[[0-9;]*m", "", coloured)


def test_pipe_gets_no_color_and_no_progress(
    file: Any, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setattr("isales_rules.cli.runner.monotonic", itertools.count(0, 9).__next__)
    assert main(["check", file(lines(*[{}] * 9), "all.ndjson"), *BEFORE]) == 1
    out, err = capsys.readouterr()
    assert "\033" not in out
    assert err == ""
