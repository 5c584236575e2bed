"""Validates vector files against the schemas in this folder: python3 validate.py FILE...

Needs the package jsonschema (Debian: python3-jsonschema). The verifier has these rules built in; this says that the
files and the published schemas agree, in the words of somebody else's library.
"""

import json
import pathlib
import sys

import jsonschema

FOLDER = pathlib.Path(__file__).parent


def validators():
    """One validator for each kind, by its name."""
    schemas = {path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.schema.json"))}
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)

    def validator(schema):
        try:
            import referencing
        except ImportError:  # jsonschema before 4.18
            resolver = jsonschema.RefResolver(schema["$id"], schema, store=schemas)
            return jsonschema.Draft202012Validator(schema, resolver=resolver)
        resources = [(name, referencing.Resource.from_contents(each)) for name, each in schemas.items()]
        registry = referencing.Registry().with_resources(resources)
        return jsonschema.Draft202012Validator(schema, registry=registry)

    return {name.removesuffix(".schema.json"): validator(schema) for name, schema in schemas.items()}


def main():
    kinds, faults = validators(), 0
    for name in sys.argv[1:]:
        document = json.loads(pathlib.Path(name).read_text())
        for fault in kinds[document["kind"]].iter_errors(document):
            faults += 1
            print(f"{name}: {'/'.join(map(str, fault.absolute_path))}: {fault.message[:300]}")
        print(f"{name}: read as kind {document['kind']}")
    if not sys.argv[1:]:
        sys.exit("usage: validate.py FILE...")
    sys.exit(1 if faults else 0)


main()
