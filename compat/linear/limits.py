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
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from compat.linear.pages import DEFAULT, MOST

MOST_COMPLEX = 10_000
MOST_TOKENS = 2_000
DEEPEST = 20
#: Of one name in a document: whether two fields can be merged is asked of each pair.
MOST_ALIKE = 100
PROPERTY, OBJECT = 0.1, 1.0


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

    def of(self, operation: OperationDefinitionNode) -> float:
        root = self._schema.get_root_type(operation.operation)
        return self._selections(operation.selection_set, root, 1)

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
        kinds: Mapping[str, Any] = getattr(parent, "fields", {})
        known = kinds.get(field.name.value)
        if field.selection_set is None:
            return PROPERTY
        inner = get_named_type(known.type) if known else None
        weight = OBJECT + self._selections(field.selection_set, inner, depth + 1)
        return weight * self._times(field) if known and _is_connection(inner) else weight

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

    def _times(self, field: FieldNode) -> int:
        for argument in field.arguments or ():
            if argument.name.value in ("first", "last"):
                return self._number(argument.value)
        return DEFAULT

    def _number(self, value: Any) -> int:
        given = self._variables.get(value.name.value) if isinstance(value, VariableNode) else None
        if isinstance(value, IntValueNode):
            given = int(value.value[:6])
        return min(max(given, 1), MOST) if isinstance(given, int) else DEFAULT

    def _type(self, name: str) -> GraphQLNamedType | None:
        found = self._schema.get_type(name)
        return found if found and is_composite_type(found) else None


def _is_connection(kind: GraphQLNamedType | None) -> bool:
    return kind is not None and kind.name.endswith("Connection")
