#!/usr/bin/env python3
"""Derives src/Payments.Sandbox/Stripe/Schema/parameters.json from stripe-openapi.json.

    python3 make-parameters.py ../../Shared/stripe-openapi.json > ../../../src/Payments.Sandbox/Stripe/Schema/parameters.json

One line an operation. A type is one of
    "string" "integer" "number" "boolean"
    {"enum": [...]}  {"array": T}  {"map": T}
    {"object": {name: T}, "required": [...], "methods": true}   methods: payment-method names are allowed as keys too,
                                                                 because the document prunes most of them
    {"any": [T, ...]}
and {"unset": T} around it where an empty string takes the value away.
"""
import json
import sys


def reduce_type(schema):
    if schema.get("x-emptyable"):
        rest = [s for s in schema["anyOf"] if s.get("enum") != [""]]
        inner = reduce_type(rest[0]) if len(rest) == 1 else {"any": [reduce_type(s) for s in rest]}
        return {"unset": inner}
    if "anyOf" in schema:
        return {"any": [reduce_type(s) for s in schema["anyOf"]]}
    if "enum" in schema:
        return {"enum": schema["enum"]}
    kind = schema["type"]
    if kind == "array":
        return {"array": reduce_type(schema["items"])}
    if kind == "object":
        if isinstance(schema.get("additionalProperties"), dict) and not schema.get("properties"):
            return {"map": reduce_type(schema["additionalProperties"])}
        result = {"object": {k: reduce_type(v) for k, v in sorted(schema.get("properties", {}).items())}}
        if schema.get("required"):
            result["required"] = schema["required"]
        if schema.get("x-pruned-properties"):
            result["methods"] = True
        return result
    if kind == "string" and schema.get("format") == "decimal":
        return "number"
    return kind


document = json.load(open(sys.argv[1], encoding="utf-8"))
lines = []
for path, methods in document["paths"].items():
    for method, operation in methods.items():
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
        else:
            query = [p for p in operation.get("parameters", []) if p["in"] == "query"]
            schema = {
                "type": "object",
                "properties": {p["name"]: p["schema"] for p in query},
                "required": [p["name"] for p in query if p.get("required")],
            }
        name = f"{method.upper()} {path}"
        lines.append(f"{json.dumps(name)}: {json.dumps(reduce_type(schema), separators=(',', ':'), ensure_ascii=False)}")
print("{\n" + ",\n".join(lines) + "\n}")
