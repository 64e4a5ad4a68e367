"""The checks of bin/lint: what the OCA's template for Odoo 19 asks for, and more."""

import re
import subprocess
import tempfile
import xml.parsers.expat
from dataclasses import dataclass, replace
from pathlib import Path

from . import files, node
from .databases import Databases
from .paths import ADDON, DEV, ROOT

# Formatted by their own tools, or not at all.
NO_PRETTIER = ("requirements/node/package-lock.json", "static/description/")
NO_TEXT_CHECK = ("LICENSE", "README.rst", "static/description/index.html")
TEXT_SUFFIXES = (
    *(".cfg", ".cjs", ".css", ".csv", ".html", ".js", ".json", ".md", ".py", ".rst"),
    *(".scss", ".sql", ".toml", ".txt", ".xml", ".yaml", ".yml"),
)
CONFLICT = re.compile(rb"^(<<<<<<<|>>>>>>>) ", re.MULTILINE)


@dataclass
class Context:
    """What the checks work with."""

    env: object
    fix: bool
    odoo: object = None
    steps: object = None


@dataclass
class Result:
    ok: bool
    output: str = ""


def run(args, **options):
    """Run a linter; it failed if it says so."""
    done = subprocess.run(
        list(map(str, args)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )
    return Result(done.returncode == 0, done.stdout)


def ruff(context):
    fix = ["--fix"] if context.fix else []
    return run([context.env.program("ruff"), "check", "--quiet", *fix, "."], cwd=ROOT)


def ruff_format(context):
    fix = [] if context.fix else ["--diff"]
    return run([context.env.program("ruff"), "format", "--quiet", *fix, "."], cwd=ROOT)


def texts(context):
    """Ends of lines and files, as editors and git want them; no merge conflicts."""
    wrong, conflicts = [], []
    names = [name for name in files.with_suffix(*TEXT_SUFFIXES, ".ci/run")]
    names += [name for name in files.listed() if name.startswith("bin/")]
    for name in sorted(set(names) - set(NO_TEXT_CHECK)):
        path = ROOT / name
        found = path.read_bytes()
        if CONFLICT.search(found):
            conflicts.append(name)
        lines = [line.rstrip() for line in found.splitlines()]
        wanted = b"\n".join(lines).rstrip(b"\n")
        wanted += b"\n" if wanted else b""
        if found != wanted:
            wrong.append(name)
            if context.fix:
                path.write_bytes(wanted)
    output = _listing(conflicts, "merge conflict")
    if not context.fix:
        output += _listing(wrong, "white space at the end of lines, or ends of lines")
    return Result(not output, output)


def xml_syntax(context):
    wrong = []
    for name in files.with_suffix(".xml", ".svg"):
        parser = xml.parsers.expat.ParserCreate()
        try:
            parser.Parse((ROOT / name).read_bytes(), True)
        except xml.parsers.expat.ExpatError as error:
            wrong.append(f"{name}: {error}")
    return Result(not wrong, _listing(wrong, "no well-formed XML"))


def prettier(context):
    names = [
        name
        for name in files.with_suffix(".css", ".js", ".json", ".scss", ".xml", ".yaml")
        if not name.startswith(NO_PRETTIER)
    ]
    if not names:
        return Result(True)
    node.ensure(context.env, context.steps)
    return run(
        [
            node.program("prettier"),
            f"--plugin={node.MODULES}/@prettier/plugin-xml/src/plugin.js",
            "--log-level=warn",
            "--write" if context.fix else "--list-different",
            *names,
        ],
        cwd=ROOT,
        env=node.program_environment(context.env),
    )


def eslint(context):
    names = [name for name in files.with_suffix(".js") if name.startswith("static/")]
    if not names:
        return Result(True)
    node.ensure(context.env, context.steps)
    fix = ["--fix"] if context.fix else []
    return run(
        [node.program("eslint"), "--max-warnings=0", *fix, *names],
        cwd=ROOT,
        env=node.program_environment(context.env),
    )


def pylint_odoo(context):
    return _on_copy(
        [context.env.program("pylint"), f"--rcfile={ROOT / '.pylintrc'}", ADDON]
    )


def oca_module(context):
    return _on_copy([context.env.program("oca-checks-odoo-module"), ADDON])


def oca_po(context):
    names = [f"{ADDON}/{name}" for name in files.with_suffix(".po", ".pot")]
    if not names:
        return Result(True)
    return _on_copy(
        [context.env.program("oca-checks-po"), "--disable=po-pretty-format", *names]
    )


def odoo_pylint(context):
    """The checks that Odoo adds to pylint, which are those of its `test_lint`."""
    tests = context.env.odoo_folder() / "odoo/addons/test_lint/tests"
    plugins = (
        "_pylint_path_setup",
        "_odoo_checker_sql_injection",
        "_odoo_checker_gettext",
        "_odoo_checker_unlink_override",
    )
    messages = (
        *("used-before-assignment", "undefined-variable", "eval-used", "unreachable"),
        *("function-redefined", "sql-injection", "missing-gettext"),
        *("gettext-variable", "gettext-placeholders", "gettext-repr"),
        "raise-unlink-override",
    )
    return _on_copy(
        [
            context.env.program("pylint"),
            "--rcfile=/dev/null",
            "--score=n",
            f"--load-plugins={','.join(plugins)}",
            "--disable=all,unknown-option-value",
            f"--enable={','.join(messages)}",
            ADDON,
        ],
        variables={"PYTHONPATH": str(tests)},
    )


def odoo_lint(context):
    """Odoo's own `test_lint` and `upgrade_code`, on this addon alone."""
    return _in_database(context, "odoo_lint.py", ADDON)


def translations(context):
    """Every term that people see is translated, and no translation is stale."""
    fix = ["fix"] if context.fix else []
    return _in_database(context, "translations.py", ADDON, ROOT / "i18n", *fix)


def _in_database(context, script, *arguments):
    """Run one of our Python files where nothing but a clean copy is installed."""
    with tempfile.TemporaryDirectory(dir=DEV, prefix="lint-") as folder:
        odoo = replace(
            context.odoo, addons=Path(folder), config=Path(folder, "lint.conf")
        )
        files.copy_addon(odoo.addons)
        odoo.write_config()
        databases = Databases(odoo, context.steps)
        databases.drop_stale()
        name = databases.throw_away_name("lint")
        try:
            databases.make_with_addon(name)
            result = run(
                odoo.script_command(name, script, *arguments), env=odoo.environment()
            )
        finally:
            databases.drop(name)
        return replace(result, output=_in_clone(result.output, folder))


def _on_copy(args, variables=None):
    """Run a linter in a folder with a clean copy of the addon."""
    with tempfile.TemporaryDirectory(dir=DEV, prefix="lint-") as folder:
        files.copy_addon(Path(folder))
        env = {**node.environment(), **(variables or {})}
        result = run(args, cwd=folder, env=env)
        return replace(result, output=_in_clone(result.output, folder))


def _in_clone(text, folder):
    """Name the clone's files where the linter named those of the copy."""
    for prefix in (f"{folder}/", f"{Path(folder).relative_to(ROOT)}/", f"{ADDON}/"):
        text = text.replace(prefix, "")
    return text


def _listing(names, problem):
    return "".join(f"{name}: {problem}\n" for name in names)


# Label, check. The fast ones come first, and need no database.
FAST = [
    ("ruff", ruff),
    ("ruff format", ruff_format),
    ("ends of lines and files", texts),
    ("XML syntax", xml_syntax),
    ("prettier", prettier),
    ("eslint", eslint),
]
SLOW = [
    ("oca-checks-odoo-module", oca_module),
    ("oca-checks-po", oca_po),
    ("pylint-odoo", pylint_odoo),
    ("Odoo's pylint checks", odoo_pylint),
    ("Odoo's test_lint and upgrade_code", odoo_lint),
    ("translations", translations),
]
