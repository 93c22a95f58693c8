"""Request functions and façades."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from attrs import evolve

from wxspec import ir, types
from wxspec.code import Bracket, Code, Lines, Node, after, layout, literal
from wxspec.imports import Imports
from wxspec.names import snake_case
from wxspec.printing.documentation import arguments_text, paragraphs, print_docstring
from wxspec.printing.models import as_text, optional, written_object
from wxspec.printing.nesting import nested
from wxspec.printing.unions import UnionPrinter
from wxspec.types import WIRE

__all__ = ["CallPrinter"]


class CallPrinter(UnionPrinter):
    """Prints the file of one module."""

    def __init__(self, imports: Imports, module: ir.Module, errors: Iterable[ir.ErrorCode]) -> None:
        """Print one module.

        Args:
            imports: Takes what the file uses.
            module: The module.
            errors: The error codes, for what a call raises.
        """
        functions = [endpoint.name for endpoint in module.endpoints]
        functions += (item.pages.name for item in module.endpoints if item.pages is not None)
        fields = (field.name for model in module.models for field in model.fields)
        super().__init__(imports, (*functions, *fields))
        self.models = {model.id: model for model in module.models}
        nodes: list[ir.Model | ir.Enumeration | ir.Union]
        nodes = [*module.models, *module.enums, *module.unions]
        self._docs = {node.id: node.doc for node in nodes}
        self._unions = {union.id: union for union in module.unions}
        self._errors: dict[int, ir.ErrorCode] = {error.code: error for error in errors}

    def function_doc(self, endpoint: ir.Endpoint) -> Code:
        """Print the docstring of a request function."""
        result = self._result_text(endpoint) or "nothing."
        return self._doc(endpoint, f"The call; a client that sends it returns {result}", 4)

    def method_doc(self, endpoint: ir.Endpoint) -> Code:
        """Print the docstring of a method of a façade."""
        result = self._result_text(endpoint)
        return self._doc(endpoint, f"{result[:1].upper()}{result[1:]}", 8)

    def _doc(self, endpoint: ir.Endpoint, returns: str, indent: int) -> Code:
        return print_docstring(
            *paragraphs(endpoint),
            indent=indent,
            arguments=arguments_text(endpoint.parameters),
            returns=returns,
            raises=self.errors_text(endpoint),
            source=endpoint.source,
        )

    def errors_text(self, endpoint: ir.Endpoint) -> list[str]:
        """Return a line for each error that a call is known to raise."""
        errors = (self._errors[code] for code in endpoint.errors)
        return [f"{error.name}: {error.code}. {error.doc}" for error in errors]

    def _result_text(self, endpoint: ir.Endpoint) -> str:
        """Return the result of a call in words; empty if there is none."""
        returns = endpoint.returns
        if returns is None:
            return ""
        whole = types.whole_answer(returns.type)
        if whole is not None:
            return whole.doc
        item = self.item_text(returns.type)
        if not item:
            return f"the `{returns.key}` of the answer."
        return f"a list of {item}" if isinstance(returns.type, ir.ListType) else item

    def item_text(self, type_: ir.Type) -> str:
        """Return the name and the documentation of a type; empty for a scalar."""
        doc = self._docs.get(types.referenced_id(type_))
        return f"`{ir.item_of(type_).name}`: {doc}" if doc else ""

    def returned(self, endpoint: ir.Endpoint) -> str:
        """Print the type that a call returns."""
        if endpoint.returns is None:
            return "None"
        whole = types.whole_answer(endpoint.returns.type)
        if whole is None:
            return self.type(endpoint.returns.type)
        return self.use(whole.home, whole.annotation)

    def parameter(self, field: ir.Field) -> Node:
        """Print a parameter of a request function."""
        annotation = self.argument_annotation(field)
        listed = isinstance(field.type, ir.ListType)
        first, *others = [annotation] if listed else annotation.split(" | ")
        parts = [f"{field.name}: {first}", *(f"| {other}" for other in others)]
        if not field.asked_for:
            value = field.default
            default = (
                self.default(field) if value is None else types.argument_default(field.type, value)
            )
            parts[-1] += f" = {default}"
        return Lines(tuple(parts)) if others else parts[0]

    def signature(self, endpoint: ir.Endpoint) -> Code:
        """Print the head of a request function."""
        self.use("wxruntime.call", "Call")
        parameters = tuple(self.parameter(field) for field in endpoint.parameters)
        returned = self.returned(endpoint)
        if not parameters:
            head = f"def {endpoint.name}() -> Call["
            return layout(Bracket(head, (returned,), "]:", comma=""), 0)
        tail = f") -> Call[{returned}]:"
        return layout(Bracket(f"def {endpoint.name}(", parameters, tail), 0)

    def method_signature(self, endpoint: ir.Endpoint, defined: str = "def") -> Code:
        """Print the head of a method of a façade."""
        parameters = ("self", *(self.parameter(field) for field in endpoint.parameters))
        tail = f") -> {self.returned(endpoint)}:"
        return layout(Bracket(f"{defined} {endpoint.name}(", parameters, tail), 4)

    def sends(self, endpoint: ir.Endpoint, waits: str = "") -> Code:
        """Print the one line of a method of a façade."""
        arguments = tuple(field.name for field in endpoint.parameters)
        call = Bracket(f"{endpoint.name}(", arguments, ")") if arguments else f"{endpoint.name}()"
        returns = "" if endpoint.returns is None else "return "
        return layout(Bracket(f"{returns}{waits}self._sender.send(", (call,), ")"), 8)

    def required_arguments(self, endpoint: ir.Endpoint) -> list[Code]:
        """Print the line that refuses None for required parameters; none if there are none."""
        names = [field.name for field in endpoint.parameters if not field.optional]
        if not names:
            return []
        self.use("wxruntime", "wire")
        arguments = (literal(endpoint.id), *(f"{name}={name}" for name in names))
        return [layout(Bracket("wire.required(", arguments, ")"), 4)]

    def call(self, endpoint: ir.Endpoint) -> Code:
        """Print the `Call` that a request function returns."""
        return layout(after("return ", self._request(endpoint)), 4)

    def _request(self, endpoint: ir.Endpoint) -> Node:
        items: list[Node] = [literal(endpoint.method), literal(endpoint.path), literal(endpoint.id)]
        if endpoint.query:
            items.append(after("query=", self._texts(endpoint.query)))
        if endpoint.method == "POST":
            items.append(after("body=", self._body(endpoint)))
        items.append(self._reads(endpoint))
        if not endpoint.token:
            items.append("token=False")
        if endpoint.idempotent:
            items.append("idempotent=True")
        secrets = [*dict.fromkeys(self._secrets(endpoint.parameters, set()))]
        if secrets:
            items.append(Bracket("secrets=(", tuple(map(literal, secrets)), ")", single=","))
        if endpoint.twin is not None:
            items.append(after("twin=", self._request(_older(endpoint, endpoint.twin))))
        return Bracket("Call(", tuple(items), ")")

    def _secrets(self, fields: Iterable[ir.Field], seen: set[str]) -> Iterator[str]:
        """Find the wire names of secrets, including those inside models."""
        for field in fields:
            # Text that holds a secret is one: no mask reaches into it.
            if field.secret or (field.as_text and self._hides((field,), set())):
                yield field.wire
                continue
            for model in self._models_in(field.type):
                if model.id not in seen:
                    seen.add(model.id)
                    yield from self._secrets(model.fields, seen)

    def _hides(self, fields: Iterable[ir.Field], seen: set[str]) -> bool:
        """Whether there is a secret at any depth."""
        for field in fields:
            models = [model for model in self._models_in(field.type) if model.id not in seen]
            seen.update(model.id for model in models)
            if field.secret or any(self._hides(model.fields, seen) for model in models):
                return True
        return False

    def _models_in(self, type_: ir.Type) -> Iterator[ir.Model]:
        """Find the models of a type: one, or those of a union."""
        item = ir.item_of(type_)
        if isinstance(item, ir.ModelType):
            yield self.models[item.id]
        if isinstance(item, ir.UnionType):
            for variant in self._unions[item.id].variants:
                yield from self._models_in(variant.type)

    def _body(self, endpoint: ir.Endpoint) -> Node:
        """Print the body: a form, a file as it is, or a JSON object."""
        if endpoint.raw:
            upload = self.use("wxruntime.upload", "Upload")
            return Bracket(f"{upload}.of(", tuple(field.name for field in endpoint.raw), ")")
        if endpoint.form:
            texts = tuple(f for f in endpoint.form if types.whole_answer(f.type) is None)
            files = tuple(f for f in endpoint.form if f not in texts)
            parts = (self._texts(texts), after("files=", self._entries(files, _as_it_is)))
            return Bracket(f"{self.use('wxruntime.upload', 'Form')}(", parts, ")")
        if any(field.optional or field.as_text or field.spread for field in endpoint.body):
            self.use("wxruntime", "wire")
        return written_object(nested(endpoint.body), _in_json)

    def _texts(self, fields: tuple[ir.Field, ...]) -> Node:
        """Print the parameters of a query or a form, encoded as text."""
        return self._entries(fields, _in_text)

    def _entries(self, fields: tuple[ir.Field, ...], write: Callable[[ir.Field], Node]) -> Node:
        """Print encoded parameters by wire name; absent ones are left out."""
        entries: list[Node] = []
        for field in fields:
            printed = write(field)
            value = optional(field.name, printed) if field.optional else printed
            entries.append(after(f"{literal(field.wire)}: ", value))
        items = Bracket("{", tuple(entries), "}")
        if any(field.as_text or types.written_by_wire(field.type) for field in fields):
            self.use("wxruntime", "wire")
        if not any(field.optional for field in fields):
            return items
        self.use("wxruntime", "wire")
        return Bracket("wire.given(", (items,), ")")

    def _reads(self, endpoint: ir.Endpoint) -> Node:
        """Print the argument of `Call` that reads the answer."""
        if endpoint.returns is None:
            return f"decode={self.use('wxruntime.call', 'nothing')}"
        whole = types.whole_answer(endpoint.returns.type)
        if whole is not None:
            return f"file={self.use(whole.home, whole.read)}"
        return after("decode=", self._decodes(endpoint, endpoint.returns))

    def _decodes(self, endpoint: ir.Endpoint, returns: ir.Returns) -> Node:
        """Print the decoder of a JSON answer."""
        if not self.needs_reader(endpoint):
            return f"_decode_{snake_case(types.annotation(returns.type))}"
        if not endpoint.fill:
            return f"_read_{endpoint.name}"
        self.use("functools", "partial")
        parameters = {field.name: field for field in endpoint.parameters}
        filled = (f"{parameters[f.parameter].local}={f.parameter}" for f in endpoint.fill)
        return Bracket("partial(", (f"_read_{endpoint.name}", *filled), ")")

    @staticmethod
    def needs_reader(endpoint: ir.Endpoint) -> bool:
        """Whether an answer needs more than the decoder of a model."""
        return endpoint.returns is not None and (
            endpoint.returns.key is not None or bool(endpoint.fill)
        )

    def reader_signature(self, endpoint: ir.Endpoint) -> Code:
        """Print the head of the function that reads an answer."""
        self.use(WIRE, "JsonObject")
        parameters = {field.name: field for field in endpoint.parameters}
        filling = (parameters[fill.parameter] for fill in endpoint.fill)
        filled = (f"{field.local}: {self.argument_annotation(field)}" for field in filling)
        tail = f") -> {self.returned(endpoint)}:"
        return layout(
            Bracket(f"def _read_{endpoint.name}(", ("answer: JsonObject", *filled), tail), 0
        )

    def reader_lines(self, endpoint: ir.Endpoint) -> list[Code]:
        """Print the body of the function that reads an answer."""
        returns = endpoint.returns
        assert returns is not None  # the template asked needs_reader()
        self.use("wxruntime", "wire")
        parameters = {field.name: field for field in endpoint.parameters}
        entries: list[Node] = []
        for fill in endpoint.fill:
            field = parameters[fill.parameter]
            sent = types.encode_argument(field.type, field.local)
            printed = optional(field.local, sent) if field.optional else sent
            entries.append(after(f"{literal(fill.wire)}: ", printed))
        filled = (Bracket("{", tuple(entries), "}"),) if entries else ()
        if returns.key is None:
            filling = layout(Bracket("wire.fill(", ("answer", *filled), ")"), 4)
            decode = f"_decode_{snake_case(types.annotation(returns.type))}"
            return [filling, layout(Bracket(f"return {decode}(", ("answer",), ")"), 4)]
        printed = types.decode_value(returns.type, "found", literal(returns.key), *filled)
        return [*self.pop_field("answer", returns.found), layout(after("return ", printed), 4)]


def _older(endpoint: ir.Endpoint, twin: ir.Twin) -> ir.Endpoint:
    """Return the older form of a call, with the parameters in the place that its method has."""
    sent = (*endpoint.query, *endpoint.body)
    query, body = (sent, ()) if twin.method == "GET" else ((), sent)
    moved = evolve(endpoint, method=twin.method, path=twin.path, query=query, body=body)
    return evolve(moved, twin=None)


def _in_json(field: ir.Field) -> Node:
    """Print a parameter encoded in a JSON body."""
    if field.const is not None:
        return types.constant(field.type, field.const, query=False)
    printed = as_text(field, types.encode_argument(field.type, field.name))
    return optional(field.name, printed) if field.optional else printed


def _in_text(field: ir.Field) -> Node:
    """Print a parameter encoded in a query or a form."""
    if field.const is not None:
        return types.constant(field.type, field.const, query=True)
    if field.as_text:
        return as_text(field, types.encode_argument(field.type, field.name))
    printed = types.in_query(field.type, field.name)
    assert printed is not None  # the check pass has reported anything else
    return printed


def _as_it_is(field: ir.Field) -> Node:
    """Print a parameter that needs no encoding."""
    return field.name
