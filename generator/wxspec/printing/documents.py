"""Documents, which are pushed or replied: classes, codecs and tables of decoders."""

from __future__ import annotations

from collections.abc import Iterable

from wxspec import ir
from wxspec.code import Bracket, Code, Node, layout, literal
from wxspec.names import snake_case
from wxspec.printing.unions import UnionPrinter

__all__ = ["DocumentPrinter", "decoding_table"]


def decoding_table(head: str, documents: Iterable[ir.Document]) -> Node:
    """Print a mapping from wire names of documents to decoders."""
    entries = (f"{literal(d.wire)}: _decode_{snake_case(d.name)}" for d in documents)
    return Bracket(f"{head}{{", tuple(entries), "}")


class DocumentPrinter(UnionPrinter):
    """Prints documents of any kind."""

    def type_attribute(self, document: ir.Document) -> Code:
        """Print the class attribute that holds the type of a document."""
        enum, attribute = document.enum, document.attribute
        declared = f"{attribute}: {self.use('typing', 'ClassVar')}[{enum}]"
        return Code(f"{declared} = {enum}.{document.constant}")

    def decode_document(self, document: ir.Document, service: ir.Service) -> list[Code]:
        """Print the body of a document's decoder."""
        marks = [tag for tag, _ in document.marks(service)]
        written = (*document.header, *document.written)
        return self.decode_lines(document.name, document.fields, written, marks)

    def encode_document(self, document: ir.Document, service: ir.Service) -> list[Code]:
        """Print the body of a document's encoder."""
        return self.encode_lines(document.written, document.header, document.marks(service))

    @staticmethod
    def decoders(name: str, documents: Iterable[ir.Document]) -> Code:
        """Print a table of decoders."""
        return layout(decoding_table(f"{name}=", documents), 4, 1)

    @staticmethod
    def tag_of(service: ir.Service, role: str) -> Code:
        """Print the tag that has a role in the header."""
        return Code(f"{role}={literal(service.push.tag_of(role))},")
