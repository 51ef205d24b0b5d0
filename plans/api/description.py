"""What `/api/v1/` offers, as OpenAPI 3.1 describes it: made of the lists, their columns and filters."""

from typing import Any

from plans.api.lists import LISTS, MOST, PAGE, ApiList, key_of
from plans.api.problems import MEDIA_TYPE
from plans.as_at import PARAMETER
from plans.filters.activities import ARRANGEMENT
from plans.spreadsheets.columns import Column
from plans.spreadsheets.writing.lists import PLANS

VERSION = "1"
JSON, CSV = "application/json", "text/csv"
ABOUT = (
    "Read-only. Lists come as JSON, a part at a time with the address of the next one, and as CSV, all at once. What "
    "is unknown among the parameters is refused, never ignored. Send an access token as HTTP Basic (any user "
    "name, the whole token as the password) or as Bearer. A token may see what its owner may see at that moment. "
    "RateLimit says how many requests remain and for how many seconds, RateLimit-Policy how many there are in all."
)
AT = "The plan as it was: a day (its end in New Zealand) or a moment in ISO 8601. Today’s permissions apply."
REFUSALS = {
    "400": "Parameters that are unknown or wrong.",
    "401": "No access token, or one that does not work.",
    "404": "Not there, or not for this person.",
    "429": "Too many requests: wait as long as Retry-After says.",
}


def describe(site: str) -> dict[str, Any]:
    """Return the description as a document of JSON; `site` is the address of the site, without a slash at the end."""
    paths: dict[str, Any] = {
        "/api/v1/plans.json": _get("plans", "The plans that the reader may see.", [], _json("PlanRows"), False),
        "/api/v1/plans.csv": _get("plans_csv", "The plans that the reader may see.", [], _csv(), False),
    }
    schemas: dict[str, Any] = {"Problem": _problem(), "Plan": _row(PLANS.columns), "PlanRows": _rows("Plan")}
    for one in LISTS.values():
        row, rows = one.name.capitalize(), f"{one.name.capitalize()}Rows"
        schemas |= {row: _row(one.columns), rows: _rows(row)}
        address = f"/api/v1/plans/{{plan}}/{one.name}"
        paths[f"{address}.json"] = _get(one.name, one.about, [*_parameters(one), *_paging()], _json(rows), True)
        paths[f"{address}.csv"] = _get(f"{one.name}_csv", f"{one.about} All rows.", _parameters(one), _csv(), True)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Action plan tracker", "version": VERSION, "description": ABOUT},
        "servers": [{"url": site}],
        "security": [{"basic": []}, {"bearer": []}, {}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _get(name: str, about: str, parameters: list[Any], content: dict[str, Any], of_plan: bool) -> dict[str, Any]:
    refusals = {code: _refusal(words) for code, words in REFUSALS.items()}
    answers = {
        "200": {"description": "The rows.", "content": content},
        "304": {"description": "Nothing has changed since the answer that If-None-Match names."},
        **refusals,
    }
    own = [{"name": "plan", "in": "path", "required": True, "schema": {"type": "string"}}] if of_plan else []
    return {"get": {"operationId": name, "summary": about, "parameters": [*own, *parameters], "responses": answers}}


def _refusal(words: str) -> dict[str, Any]:
    return {"description": words, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _json(rows: str) -> dict[str, Any]:
    return {JSON: {"schema": {"$ref": f"#/components/schemas/{rows}"}}}


def _csv() -> dict[str, Any]:
    return {CSV: {"schema": {"type": "string"}}}


def _parameters(one: ApiList) -> list[dict[str, Any]]:
    found = []
    for name, field in one.fields.items():
        if name not in ARRANGEMENT:
            found.append(_parameter(one.renamed.get(name, name), field))
    if not {"from", "to"} & one.fields.keys() and one.renamed:
        # `from` is no name that a class can have, so that the filter adds both when it is made.
        found += [_moment(name) for name in one.renamed.values()]
    if one.takes_moment:
        found.append({"name": PARAMETER, "in": "query", "description": AT, "schema": {"type": "string"}})
    return found


def _moment(name: str) -> dict[str, Any]:
    words = "A day (its end in New Zealand) or a moment in ISO 8601."
    return {"name": name, "in": "query", "description": words, "schema": {"type": "string"}}


def _parameter(name: str, field: Any) -> dict[str, Any]:
    """Return a filter as a parameter; several values of one are asked for by repeating it."""
    choices = getattr(field, "extra", {}).get("choices") or getattr(field, "choices", None)
    known = [str(value) for value, _ in choices] if isinstance(choices, list | tuple) else []
    one: dict[str, Any] = {"type": "string", **({"enum": known} if known else {})}
    is_list = "Values" in type(field).__name__
    schema = {"type": "array", "items": one} if is_list else one
    shape = {"style": "form", "explode": True} if is_list else {}
    return {"name": name, "in": "query", "description": str(field.label), "schema": schema, **shape}


def _paging() -> list[dict[str, Any]]:
    limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE}
    after = "What “next” of the answer before says; blank for the first rows."
    return [
        {"name": "limit", "in": "query", "description": "How many rows at most.", "schema": limit},
        {"name": "after", "in": "query", "description": after, "schema": {"type": "string"}},
    ]


def _row(columns: Any) -> dict[str, Any]:
    properties = {key_of(column): {"title": column.heading, **_type(column)} for column in columns}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _type(column: Column) -> dict[str, Any]:
    if column.is_count:
        return {"type": ["integer", "null"]}
    if column.is_day:
        return {"type": ["string", "null"], "format": "date"}
    return {"type": "string"}


def _rows(row: str) -> dict[str, Any]:
    properties = {
        "plan": {"type": ["string", "null"]},
        PARAMETER: {"type": ["string", "null"], "description": "The moment as at which it is; null for now."},
        "data": {"type": "array", "items": {"$ref": f"#/components/schemas/{row}"}},
        "next": {"type": ["string", "null"], "description": "The address of the rows that follow; null at the end."},
    }
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _problem() -> dict[str, Any]:
    text = {"type": "string"}
    error = {"type": "object", "properties": {"parameter": text, "detail": text}, "required": ["parameter", "detail"]}
    properties = {
        "type": text,
        "title": text,
        "detail": text,
        "status": {"type": "integer"},
        "errors": {"type": "array", "items": error},
    }
    return {"type": "object", "properties": properties, "required": ["type", "title", "status", "detail"]}
