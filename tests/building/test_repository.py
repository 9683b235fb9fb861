"""What the repository itself keeps to: pins, relative addresses, short parts."""

import re

from standins import ROOT


def test_everything_that_is_installed_is_pinned_by_hash(build):
    build.basics.LOCK = ROOT / "tests/requirements.txt"
    torch = re.sub(r"(?m)^#.*\n", "", build.basics.TORCH_LOCK.read_text()).rstrip()
    locked = (
        build.environment.locked(),
        build.environment.locked([build.environment.NODE]),
        torch,
    )
    entries = re.split(r"\n(?=\w)", "\n".join(locked))
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+.*\\\n +--hash=sha256:[0-9a-f]{64}", entry)
    for extra in build.basics.PROJECT["optional-dependencies"].values():
        for need in extra:
            pinned = need.split(";")[0] + " "
            assert any(entry.startswith(pinned) for entry in entries), need


def test_ci_installs_the_packages_that_build_names_and_pins_its_actions(build):
    run = (ROOT / ".ci/run").read_text()
    assert all(package in run for package in build.commands.BROWSERS.split())
    assert run.rstrip().endswith("\npython3 build.py test")
    for path in (ROOT / ".github/workflows").iterdir():
        text = path.read_text()
        for action in re.findall(r"uses: (\S+)", text):
            assert re.search(r"^\./|@[0-9a-f]{40}$", action), action
        assert "\npermissions:\n  contents: read\n" in text
        checkouts = text.count("uses: actions/checkout@")
        assert text.count("persist-credentials: false") == checkouts
        assert not re.search(r"pipx|pip install (?!--require-hashes)", text)


def test_every_address_in_the_site_is_relative():
    found = 0
    for path in (ROOT / "site").rglob("*.*"):
        text = path.read_text("utf-8")
        if path.suffix == ".html":
            text = re.sub(r"<a\b[^>]*>", "", text)  # links may lead away
        pattern = r"""(?:(?:src|href)=|url\(|from |import\(|import )["']?([^\s"'>)]+)"""
        if path.suffix in (".html", ".css", ".mjs", ".js", ".svg"):
            for address in re.findall(pattern, text):
                found += 1
                assert not re.match(r"/|https?:", address), (path.name, address)
    assert found > 5


def test_the_parts_of_the_build_import_one_way_and_are_short():
    order = (
        "basics programs environment downloads archives bytecode memory runtime "
        "recorded icons testing pages manifest sites server commands"
    ).split()
    parts = {path.stem: path.read_text() for path in (ROOT / ".build").glob("*.py")}
    assert sorted(parts) == sorted(order)
    for name, text in parts.items():
        imported = re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE)
        later = set(order[order.index(name) :])
        assert not later & set(imported), name
        assert text.count("\n") < 300, name
