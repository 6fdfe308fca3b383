#!/usr/bin/env python3
"""Holds audit records to OCSF's own schema.

    python3 -m venv venv && venv/bin/pip install ocsf-json-schema==1.2.0 jsonschema==4.26.0
    cargo test --test ocsf
    venv/bin/python tests/ocsf/validate.py < target/tmp/ocsf.ndjson

Takes records as NDJSON on standard input: those of the test above, or an access log of the filter. For each error
one line on standard output, `<line>: <path>: <what is wrong>`; then a summary on standard error.
Exit status: 0 all valid, 1 errors (no record at all is one), 2 the two packages are missing.

The schema is made for the class, version and profiles that the record itself names, by a package that carries the
published OCSF schemas. What the schema cannot say is checked beside it: strings where JSON would take any number,
a caption that belongs to its number, and times in the order in which they happened.
"""

import functools
import json
import sys

try:
    from jsonschema import Draft202012Validator
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
except ImportError as missing:
    print(f"{missing}; see the head of this file for how to install it", file=sys.stderr)
    sys.exit(2)


@functools.cache
def schema(version):
    return get_ocsf_schema(version=version)


@functools.cache
def validator(version, class_uid, profiles):
    ocsf = OcsfJsonSchemaEmbedded(schema(version))
    name = ocsf.lookup_class_name_from_uid(class_uid=class_uid)
    return name, Draft202012Validator(ocsf.get_class_schema(class_name=name, profiles=list(profiles)))


def captions(record, version, name):
    """The caption beside each number is the one OCSF gives it, but for 99, whose caption is the source's own."""
    for field, attribute in schema(version)["classes"][name]["attributes"].items():
        caption = record.get(field.removesuffix("_id")) if field.endswith("_id") else None
        number = str(record.get(field))
        if caption is None or number == "99" or "enum" not in attribute:
            continue
        expected = attribute["enum"].get(number, {}).get("caption")
        if caption != expected:
            yield field, f"{number} is `{expected}`, not `{caption}`"


def integers(value, path=()):
    """JSON Schema takes 1.0 for an integer; a strict reader does not."""
    if isinstance(value, float):
        yield ".".join(path), f"{value} is not an integer"
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from integers(member, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from integers(item, (*path, str(index)))


def errors(line):
    try:
        record = json.loads(line)
        version = record["metadata"]["version"]
        profiles = tuple(record["metadata"].get("profiles", ()))
        name, check = validator(version, record["class_uid"], profiles)
    except (ValueError, KeyError, TypeError, OSError) as error:
        yield "", f"not a record: {error!r}"
        return
    for error in check.iter_errors(record):
        yield ".".join(map(str, error.absolute_path)), error.message[:300]
    yield from captions(record, version, name)
    yield from integers(record)
    if record["type_uid"] != record["class_uid"] * 100 + record["activity_id"]:
        yield "type_uid", "does not follow from class_uid and activity_id"


def main():
    records = bad = 0
    for number, line in enumerate(sys.stdin, 1):
        records += 1
        found = list(errors(line))
        bad += bool(found)
        for path, message in found:
            print(f"{number}: {path}: {message}")
    print(f"{records} records, {bad} with errors", file=sys.stderr)
    return 1 if bad or not records else 0


if __name__ == "__main__":
    sys.exit(main())
