"""One GraphQL request: read, weighed, checked, answered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    OperationType,
    execute,
    parse,
    validate,
)

from compat.linear import writing
from compat.linear.errors import NOT_GRAPHQL, WRONG, Refused, refused
from compat.linear.limits import DEEPEST, MOST_COMPLEX, MOST_TOKENS, Costs
from compat.linear.reading import Reader
from compat.linear.rules import FIRST, RULES, NullForUnknown
from compat.linear.schema import SCHEMA
from placet.lib.actors import Actor
from placet.lib.errors import Forbidden

Json = dict[str, Any]
ROOTS: Mapping[str, Callable[..., Any]] = {
    "viewer": Reader.viewer,
    "user": Reader.user,
    "organization": Reader.organization,
    "team": Reader.team,
    "comment": Reader.comment,
    "applicationInfo": Reader.application,
    "agentSession": Reader.session,
    "agentSessions": Reader.sessions,
    "agentActivity": Reader.activity,
    "agentActivities": Reader.activities,
    "agentActivityCreate": writing.create_activity,
    "agentSessionUpdate": writing.update_session,
    "agentSessionUpdateExternalUrl": writing.update_session,
    "agentSessionCreateOnIssue": writing.create_on_issue,
    "agentSessionCreateOnComment": writing.create_on_comment,
    "commentCreate": writing.create_comment,
}
#: An SDK says the same few documents over and over, and to read and check one takes longer than to do what it says.
#: Few, for the largest takes a MiB in memory.
MOST_KEPT, LONGEST_KEPT = 32, 5_000
Rules = tuple[type[ASTValidationRule], ...]
#: Narrower scopes that will do.
ALSO = {"commentCreate": "comments:create"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The body of a request."""

    query: str
    variables: Json
    operation: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    body: Json
    status: int = 200
    complexity: int = 0


@dataclass(frozen=True, kw_only=True)
class Price:
    """Of a document: in points, and as how many requests it counts, for one may hold many changes."""

    points: int
    requests: int


def answer(by: Actor, asked: Asked, *, pay: Callable[[Price], None]) -> Answer:
    """What may be executed is paid for first; `pay` refuses who has nothing left.

    Errors are there only when there are some: to the SDK an empty list is one."""
    try:
        document = _parsed(asked.query)
        operation = _operation(document, asked.operation)
    except GraphQLError as error:
        return _refusal(refused([error], unless=NOT_GRAPHQL))
    if errors := _faults(asked.query, FIRST):
        return _refusal(refused(errors, unless=NOT_GRAPHQL))
    try:
        price = _weighed(document, operation, asked.variables)
    except GraphQLError as error:
        return _refusal(refused([error], unless=WRONG))
    if errors := _faults(asked.query, RULES):
        return _refusal(refused(errors, unless=NOT_GRAPHQL))
    pay(price)
    return _executed(by, document, operation, asked, price.points)


def _parsed(query: str) -> DocumentNode:
    return _read(query) if len(query) <= LONGEST_KEPT else _read.__wrapped__(query)


def _faults(query: str, rules: Rules) -> Sequence[GraphQLError]:
    check = _checked if len(query) <= LONGEST_KEPT else _checked.__wrapped__
    return check(query, rules)


@lru_cache(maxsize=MOST_KEPT)
def _checked(query: str, rules: Rules) -> Sequence[GraphQLError]:
    return tuple(validate(SCHEMA, _parsed(query), rules))


@lru_cache(maxsize=MOST_KEPT)
def _read(query: str) -> DocumentNode:
    try:
        return parse(query, max_tokens=MOST_TOKENS, no_location=False)
    except RecursionError:
        raise GraphQLError(f"Query too deep: at most {DEEPEST} levels.") from None


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    if name is None and len(operations) == 1:
        return operations[0]
    for operation in operations:
        if operation.name and operation.name.value == name:
            return operation
    raise GraphQLError("operationName must name an operation of the query.")


def _weighed(document: DocumentNode, operation: OperationDefinitionNode, variables: Json) -> Price:
    costs = Costs(SCHEMA, document, variables)
    cost = costs.of(operation)
    if cost > MOST_COMPLEX:
        raise GraphQLError(
            f"Query too complex: {cost:.0f}; the maximum allowed complexity is {MOST_COMPLEX}."
        )
    changes = costs.roots if operation.operation == OperationType.MUTATION else 1
    return Price(points=max(1, ceil(cost)), requests=max(1, changes))


def _executed(
    by: Actor,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    asked: Asked,
    cost: int,
) -> Answer:
    result = execute(
        SCHEMA,
        document,
        root_value=_Root(by),
        variable_values=asked.variables,
        operation_name=asked.operation,
        field_resolver=_resolve,
        executor_class=NullForUnknown,
    )
    if not isinstance(result, ExecutionResult):
        raise TypeError("No resolver of ours is a coroutine.")
    body: Json = {"data": result.data}
    if not result.errors:
        return Answer(body=body, complexity=cost)
    errors, status = refused(result.errors)
    return Answer(body={**body, "errors": errors}, status=status, complexity=cost)


class _Root:
    """Where a request begins: who asks, and what is remembered for as long as it lasts."""

    def __init__(self, by: Actor) -> None:
        self.by, self.reader = by, Reader(by)


def _resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    if isinstance(source, _Root):
        _refuse_without_scope(source.by, info)
        reader = Reader(source.by) if _is_mutation(info) else source.reader
        return ROOTS[info.field_name](reader, **arguments)
    value = source.get(info.field_name)
    return value(**arguments) if callable(value) else value


def _refuse_without_scope(by: Actor, info: GraphQLResolveInfo[Any]) -> None:
    needed = "write" if _is_mutation(info) else "read"
    if not by.scopes & {needed, ALSO.get(info.field_name, needed)}:
        raise Forbidden(f'This token lacks the scope "{needed}".')


def _is_mutation(info: GraphQLResolveInfo[Any]) -> bool:
    return info.operation.operation == OperationType.MUTATION


def _refusal(refusal: Refused) -> Answer:
    return Answer(body={"errors": refusal.errors}, status=refusal.status)
