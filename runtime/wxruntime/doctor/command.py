"""`doctor` on the command line: its options, the secret, and the order of the checks."""

from __future__ import annotations

import argparse
import os
import sys

from wxruntime.commands.environment import APP_ID, APP_SECRET
from wxruntime.commands.errors import WrongArgument
from wxruntime.commands.parser import seconds_up_to
from wxruntime.commands.secret import add_secret_option, needed_secret
from wxruntime.commands.token_store import add_token_store_option, given_token_store
from wxruntime.doctor.credentials import check_credentials
from wxruntime.doctor.hosts import check_clock, check_hosts
from wxruntime.doctor.patient import Patient
from wxruntime.doctor.quota import check_quota
from wxruntime.doctor.report import Finding, Report, Verdict
from wxruntime.doctor.store import check_store
from wxruntime.doctor.token import check_token
from wxruntime.hosts import Hosts
from wxruntime.settings import InvalidSetting
from wxruntime.surface import Surface

__all__ = ["add_options", "doctor"]

_PATH = "/customservice/kfsession/create"
_LONGEST = 60.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.description = (
        "Says why calls fail: checks credentials, hosts, the store, the token and the quota, and "
        "is read-only. No token is forced or stored. The AppSecret is taken from the environment "
        f"variable {APP_SECRET}, from a file, or asked for."
    )
    parser.add_argument(
        "--app-id", default=os.environ.get(APP_ID) or None,
        help=f"the account's AppID (default: the variable {APP_ID})",
    )  # fmt: skip
    add_secret_option(parser, "app-secret", APP_SECRET, "The account's AppSecret.")
    parser.add_argument(
        "--base-url", type=_base_url, action="append", metavar="URL",
        help="where calls are sent; may be repeated (default: the platform's hosts)",
    )  # fmt: skip
    add_token_store_option(parser)
    parser.add_argument(
        "--token-source", choices=("stable", "plain"), default="stable",
        help="the kind of token; without a stored one, plain asks for a new one, which REPLACES "
        "the account's plain token (default: stable)",
    )  # fmt: skip
    parser.add_argument(
        "--path", type=_path, default=_PATH, metavar="CGI_PATH",
        help=f"whose quota to show (default: {_PATH})",
    )  # fmt: skip
    parser.add_argument(
        "--timeout", type=seconds_up_to(_LONGEST), default=5.0, metavar="SECONDS",
        help="how long each check may take (default: 5)",
    )  # fmt: skip
    parser.add_argument(
        "--output", choices=("json", "table"), default="table",
        help="how to print it: each check as a line of JSON, or for people (default: table)",
    )  # fmt: skip


def doctor(surface: Surface, options: argparse.Namespace) -> int:
    """Examine an account; return 0 when its calls would work, 1 when not.

    Raises:
        WrongArgument: If there is no AppID, or no secret.
    """
    if options.app_id is None:
        raise WrongArgument(f"no AppID: give --app-id, or set the variable {APP_ID}")
    app_secret = needed_secret("AppSecret", APP_SECRET, options.app_secret_file)
    report = Report(sys.stdout, as_json=options.output == "json")
    report.hide(app_secret)
    patient = Patient(
        surface,
        app_id=options.app_id,
        app_secret=app_secret,
        base_urls=options.base_url,
        store=given_token_store(options),
        token_source=options.token_source,
        path=options.path,
        timeout=options.timeout,
    )
    _examine(patient, report)
    report.conclude()
    return 1 if report.failed else 0


def _examine(patient: Patient, report: Report) -> None:
    """Make the checks in their order; what depends on a failed one is skipped."""
    usable = check_credentials(patient.app_id, patient.app_secret, report)
    hosts, ahead = check_hosts(patient, report)
    check_clock(ahead, report)
    if usable:
        shared = check_store(patient, report)
        token = check_token(patient, hosts, shared, report)
        check_quota(patient, hosts, token, report)
    else:
        for check in ("store", "token", "quota"):
            report.show(Finding(check, Verdict.SKIPPED, "there are no usable credentials"))


# What argparse is told about an option that cannot work; it must not repeat a password.


def _base_url(text: str) -> str:
    try:
        Hosts(text)
    except InvalidSetting as error:
        expected, _, _ = error.problem.partition(", got ")
        raise argparse.ArgumentTypeError(expected) from None
    return text


def _path(text: str) -> str:
    if not text.startswith("/") or "?" in text:
        raise argparse.ArgumentTypeError(f"expected a path such as {_PATH}")
    return text
