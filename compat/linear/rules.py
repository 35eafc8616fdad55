"""What a document must be. Newer and older SDKs ask for fields we never heard of: those are null. All else is refused."""

from typing import Any

from graphql import (
    ASTValidationRule,
    FieldNode,
    FieldsOnCorrectTypeRule,
    KnownFragmentNamesRule,
    MaxIntrospectionDepthRule,
    NoFragmentCyclesRule,
    UniqueFragmentNamesRule,
    specified_rules,
)
from graphql.execution import Executor
from graphql.pyutils import Undefined

#: Enough to weigh a document.
FIRST: tuple[type[ASTValidationRule], ...] = (
    UniqueFragmentNamesRule,
    KnownFragmentNamesRule,
    NoFragmentCyclesRule,
    MaxIntrospectionDepthRule,
)


class KnownOrPlain(FieldsOnCorrectTypeRule):
    """Unknown fields of known types may be asked for; unknown root fields, objects and arguments may not."""

    def enter_field(self, node: FieldNode, *more: Any) -> None:
        parent = self.context.get_parent_type()
        schema = self.context.schema
        is_root = parent in (schema.query_type, schema.mutation_type)
        if is_root or node.selection_set or node.arguments:
            super().enter_field(node, *more)


RULES: tuple[type[ASTValidationRule], ...] = tuple(
    KnownOrPlain if rule is FieldsOnCorrectTypeRule else rule
    for rule in specified_rules
    if rule not in FIRST
)


class NullForUnknown(Executor[Any]):
    """What may be asked for and is not known is null."""

    def execute_field(self, *arguments: Any, **more: Any) -> Any:
        found = super().execute_field(*arguments, **more)
        return None if found is Undefined else found
