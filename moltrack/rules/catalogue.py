"""Every rule file, whatever it is about: risk, response, MRD or flags."""

from __future__ import annotations

from pathlib import Path

from moltrack.errors import UnknownError
from moltrack.rules.flags import FlagRules, load_flags
from moltrack.rules.ruleset import RuleSet, kind_of, load_ruleset, rule_folder


def rule_files() -> tuple[str, ...]:
    """Names of all rule files of the references."""
    return tuple(sorted(path.stem for path in rule_folder().glob("*.yaml")))


def load_rules(name_or_path: str | Path) -> RuleSet | FlagRules:
    """A rule file by its name (``eln2022``, ``mrd_eln2021``) or path, checked.

    Raises
    ------
    UnknownError
        Neither a name nor a file.
    RuleError
        The file says what a rule file may not say; file and line are named.
    """
    packaged = rule_folder() / f"{name_or_path}.yaml"
    path = packaged if str(name_or_path) in rule_files() else Path(name_or_path)
    if not path.is_file():
        raise UnknownError(f"'{name_or_path}' is neither a rule set ({', '.join(rule_files())}) nor a file.")
    kind = kind_of(path)
    if kind == "flags":
        return load_flags(name_or_path)
    return load_ruleset(name_or_path, kind)
