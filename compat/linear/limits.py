"""What a document may cost, by Linear's published weights: a field a tenth, an object one, and a list as often as it may be long."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionSetNode,
    TypeMetaFieldDef,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_introspection_type,
    is_list_type,
    value_from_ast_untyped,
)

from compat.linear.pages import DEFAULT, MOST

MOST_COMPLEX = 10_000
MOST_TOKENS = 2_000
DEEPEST = 20
#: Of one name in a document: whether two fields can be merged is asked of each pair.
MOST_ALIKE = 100
PROPERTY, OBJECT = 0.1, 1.0
#: The schema tells of itself: with lists that are no connections, but quickly, for nothing is read.
META = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
META_LIST, META_SHARE = 10, 0.01
#: Lists whose rows are read to be compared, up to pages.MOST_LOOKED_AT of them.
FILTERED = ("activities", "agentActivities")
LOOKING = 1_000.0


class Costs:
    """Of one document without cycles. A fragment is weighed once for each type and depth of its use."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
    ) -> None:
        self._schema, self._variables = schema, variables
        nodes = document.definitions
        self._fragments = {
            node.name.value: node for node in nodes if isinstance(node, FragmentDefinitionNode)
        }
        self._weighed: dict[tuple[str, int], float] = {}
        self._alike = Counter[str]()
        #: Root fields: of a mutation each is a change of its own.
        self.roots = 0

    def of(self, operation: OperationDefinitionNode) -> float:
        self._root = self._schema.get_root_type(operation.operation)
        self._variables = {**_defaults(operation), **self._variables}
        return self._selections(operation.selection_set, self._root, 1)

    def _selections(
        self, chosen: SelectionSetNode, parent: GraphQLNamedType | None, depth: int
    ) -> float:
        if depth > DEEPEST:
            raise GraphQLError(f"Query too deep: at most {DEEPEST} levels.", chosen)
        return sum(self._selection(one, parent, depth) for one in chosen.selections)

    def _selection(self, one: Any, parent: GraphQLNamedType | None, depth: int) -> float:
        if isinstance(one, FieldNode):
            return self._field(one, parent, depth)
        if isinstance(one, FragmentSpreadNode):
            return self._spread(one.name.value, depth)
        if isinstance(one, InlineFragmentNode):
            inner = self._type(one.type_condition.name.value) if one.type_condition else parent
            return self._selections(one.selection_set, inner, depth + 1)
        raise TypeError(f"{one!r} is no selection.")

    def _field(self, field: FieldNode, parent: GraphQLNamedType | None, depth: int) -> float:
        self._count((field.alias or field.name).value, field)
        self.roots += parent is self._root and not field.name.value.startswith("__")
        kinds: Mapping[str, Any] = getattr(parent, "fields", {})
        known = kinds.get(field.name.value) or META.get(field.name.value)
        if field.selection_set is None:
            return PROPERTY
        inner = get_named_type(known.type) if known else None
        weight = OBJECT + self._selections(field.selection_set, inner, depth + 1)
        times = self._times(field, known.type, inner) if known else 1
        return weight * times + self._looking(field)

    def _count(self, name: str, field: FieldNode) -> None:
        self._alike[name] += 1
        if self._alike[name] > MOST_ALIKE:
            raise GraphQLError(f"At most {MOST_ALIKE} fields of one name.", field)

    def _spread(self, name: str, depth: int) -> float:
        fragment = self._fragments[name]
        if (name, depth) not in self._weighed:
            kind = self._type(fragment.type_condition.name.value)
            weight = self._selections(fragment.selection_set, kind, depth + 1)
            self._weighed[name, depth] = weight
        return self._weighed[name, depth]

    def _times(self, field: FieldNode, kind: Any, inner: GraphQLNamedType | None) -> float:
        if field.name.value in META:
            return META_SHARE
        if inner and is_introspection_type(inner) and is_list_type(get_nullable_type(kind)):
            return len(self._schema.type_map) if field.name.value == "types" else META_LIST
        return self._length(field) if _is_connection(inner) else 1

    def _length(self, field: FieldNode) -> int:
        """Of both directions the longer one: the other may be said to be null."""
        said = {one.name.value: one.value for one in field.arguments or ()}
        return max(
            (self._number(said[name]) for name in ("first", "last") if name in said),
            default=DEFAULT,
        )

    def _looking(self, field: FieldNode) -> float:
        """Of a filter, for rows that are looked at and not shown. The SDK names the variable whether or not there is one."""
        said = {one.name.value: one.value for one in field.arguments or ()}.get("filter")
        if isinstance(said, VariableNode):
            said = self._variables.get(said.name.value)
        return LOOKING if said is not None and field.name.value in FILTERED else 0

    def _number(self, value: Any) -> int:
        given = self._variables.get(value.name.value) if isinstance(value, VariableNode) else None
        if isinstance(value, IntValueNode):
            given = int(value.value[:6])
        # 250.0 is a whole number to GraphQL.
        return int(min(max(given, 1), MOST)) if isinstance(given, int | float) else DEFAULT

    def _type(self, name: str) -> GraphQLNamedType | None:
        found = self._schema.get_type(name)
        return found if found and is_composite_type(found) else None


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    """What variables are when the request does not say."""
    said = (
        (one.variable.name.value, one.default_value) for one in operation.variable_definitions or ()
    )
    return {name: value_from_ast_untyped(value) for name, value in said if value}


def _is_connection(kind: GraphQLNamedType | None) -> bool:
    return kind is not None and kind.name.endswith("Connection")
