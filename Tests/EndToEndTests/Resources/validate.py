"""Holds the JSON of a file against one of the schemas of another.

    validate.py SCHEMA-FILE NAME FILE

NAME is a key of the schema's $defs. Several values may follow each other; none at all is an error. Each finding is a line on
standard output; the exit code is 1 where there are any.
"""

import json
import sys

import jsonschema


def values(text):
    decoder, rest = json.JSONDecoder(), text.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        yield value
        rest = rest[end:].lstrip()


def main():
    path, name, answer = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        schema = json.load(file)
    with open(answer, encoding="utf-8") as file:
        text = file.read()
    if name not in schema["$defs"]:
        sys.exit(f"no schema {name}")
    schema["$ref"] = f"#/$defs/{name}"
    kind = jsonschema.Draft202012Validator
    kind.check_schema(schema)
    validator = kind(schema)
    found = list(values(text))
    findings = [
        f"{error.json_path}: {error.message}" for value in found for error in validator.iter_errors(value)
    ]
    if not found:
        findings = ["no value"]
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
