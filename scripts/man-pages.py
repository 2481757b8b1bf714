#!/usr/bin/env python3
"""Writes a man page for each command: man-pages.py EXECUTABLE FOLDER

Everything in them comes from what the executable says of itself (--experimental-dump-help), which is what --help prints.
"""
import json
import pathlib
import subprocess
import sys


def escape(text):
    """Text as roff shows it."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in ".'" else line for line in text.split("\n"))


def discussion(text):
    """Paragraphs; what is indented, and tables, stay as they are."""
    lines, out, literal = text.split("\n"), [], False
    for number, line in enumerate(lines):
        follows = lines[number + 1] if number + 1 < len(lines) else ""
        if line.endswith(":") and line == line.upper():
            if literal:
                out.append(".fi")
            out += [f".SH {escape(line[:-1])}", ".nf"]
            literal = True
        elif literal and not line.startswith(" ") and line and not follows.startswith(" "):
            out += [".fi", escape(line)]
            literal = False
        elif not line:
            out.append(".PP" if not literal else "")
        else:
            out.append(escape(line.strip() if not literal else line))
    if literal:
        out.append(".fi")
    return out


def option(argument):
    names = [("--" if name["kind"] == "long" else "-") + name["name"] for name in argument.get("names", [])]
    value = argument.get("valueName", "value")
    if argument["kind"] == "positional":
        return f"\\fI{escape(value)}\\fR"
    shown = ", ".join(f"\\fB{escape(name)}\\fR" for name in names)
    return shown + (f" \\fI{escape(value)}\\fR" if argument["kind"] == "option" else "")


def page(command, path, version):
    name = "-".join(path)
    out = [f'.TH "{name.upper()}" 1 "" "wasm\\-pgo {escape(version)}"', ".SH NAME"]
    out.append(f"{escape(name)} \\- {escape(command.get('abstract', '')).rstrip('.')}")
    out += [".SH SYNOPSIS", f"\\fB{escape(' '.join(path))}\\fR"]
    arguments = [a for a in command.get("arguments", []) if a.get("shouldDisplay", True)]
    for argument in arguments:
        if argument["kind"] == "positional":
            dots = "..." if argument.get("isRepeating") else ""
            text = option(argument) + dots
            out.append(f"[{text}]" if argument.get("isOptional") else text)
    commands = [c for c in command.get("subcommands", []) if c["commandName"] != "help"]
    out.append("[\\fIoptions\\fR]" if not commands else "\\fIcommand\\fR")
    if command.get("discussion"):
        out += [".SH DESCRIPTION"] + discussion(command["discussion"])
    section = None
    for argument in sorted(arguments, key=lambda a: (a["kind"] != "positional", a.get("sectionTitle") or "")):
        title = "Arguments" if argument["kind"] == "positional" else argument.get("sectionTitle") or "Options"
        if title != section:
            section = title
            out.append(f".SH {escape(title.upper())}")
        out += [".TP", option(argument), escape(argument.get("abstract", "")) or "\\&"]
        if argument.get("defaultValue"):
            out.append(f"(default: {escape(argument['defaultValue'])})")
    if commands:
        out.append(".SH COMMANDS")
        for other in commands:
            out += [".TP", f"\\fB{escape(other['commandName'])}\\fR", escape(other.get("abstract", ""))]
    return name, "\n".join(out) + "\n", commands


def describe(executable, command=()):
    text = subprocess.run(
        [executable, *command, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    return json.loads(text)["command"]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    executable, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([executable, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    root = describe(executable)
    # The compiler is an executable of its own, which describes itself.
    for command in root.get("subcommands", []):
        if command["commandName"] == "compile":
            command.update(describe(executable, ["compile"]), commandName="compile")
    waiting = [(root, ["wasm-pgo"])]
    while waiting:
        command, path = waiting.pop()
        name, text, commands = page(command, path, version)
        (folder / f"{name}.1").write_text(text)
        waiting += [(other, path + [other["commandName"]]) for other in commands]


main()
