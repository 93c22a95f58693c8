"""The project's chores, each a thin session: `nox -s demo`, `nox -s tests`, …

`tests` runs on the Python that runs nox; `tests_all` on every supported one that is installed.
"""

import os

import nox

nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["tests", "lint", "types", "check"]

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]


@nox.session
def demo(session: nox.Session) -> None:
    """Check the client against the specification and walk one conversation through it."""
    session.install("-q", "-e", ".[generate]")
    session.run("wxspec", "check")
    session.run("wxoa", "demo", "--samples", "tests/samples", *session.posargs)


def _test(session: nox.Session) -> None:
    session.install("-q", "-e", ".[test]")
    # Twice as many as there are cores: many tests wait, for a socket or for another process.
    session.run("pytest", "-n", f"{2 * (os.cpu_count() or 1)}", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests."""
    _test(session)


@nox.session(python=PYTHONS)
def tests_all(session: nox.Session) -> None:
    """Run the tests on every supported Python."""
    _test(session)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Look for counterexamples with random seeds and many of them."""
    session.install("-q", "-e", ".[test]")
    session.run(
        "pytest", "-n", "auto", "-k", "property", *session.posargs,
        env={"HYPOTHESIS_PROFILE": "fuzz"},
    )  # fmt: skip


@nox.session
def lint(session: nox.Session) -> None:
    """Look at the style and the format."""
    session.install("-q", "-e", ".[lint]")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types, strictly, twice."""
    session.install("-q", "-e", ".[types]")
    session.run("mypy")
    session.run("pyright")


@nox.session
def check(session: nox.Session) -> None:
    """Say whether the generated client is what the specification says."""
    session.install("-q", "-e", ".[generate]")
    session.run("wxspec", "check")


@nox.session
def generate(session: nox.Session) -> None:
    """Generate the client from the specification."""
    session.install("-q", "-e", ".[generate]")
    session.run("wxspec", "generate")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure against peers and floors, as ratios of one run."""
    session.install("-q", "-e", ".[bench]")
    session.run("python", "-m", "benchmarks", *session.posargs)
