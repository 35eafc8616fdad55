"""The schema, built from schema.graphql, and how its scalars are written and read."""

from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSchema, build_schema

from placet.lib.clock import iso
from placet.lib.wording import must_be

SCHEMA: GraphQLSchema = build_schema(
    Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8")
)


def _as_string(value: Any) -> str:
    # The SDK parses it: what stands there as an object is lost to it without a word.
    return orjson.dumps(value).decode()


def _moment(value: Any) -> str | None:
    return iso(value) if isinstance(value, datetime) else str(value)


def _embedded(value: Any) -> Any:
    # Lists too: a plan is one.
    if not isinstance(value, dict | list):
        raise GraphQLError(must_be("an object or an array", value))
    return value


def _bind(schema: GraphQLSchema) -> None:
    types: dict[str, Any] = dict(schema.type_map)
    types["JSON"].serialize = types["JSON"].coerce_output_value = _as_string
    types["DateTime"].serialize = types["DateTime"].coerce_output_value = _moment
    types["JSONObject"].parse_value = types["JSONObject"].coerce_input_value = _embedded


_bind(SCHEMA)
