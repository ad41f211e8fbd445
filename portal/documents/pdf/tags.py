"""The structure that screen readers follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pikepdf import Object, Pdf


@dataclass(eq=False)
class Node:
    """An element of the structure that screen readers follow."""

    tag: str
    scope: str = ""
    # What a picture shows, for whoever cannot see it.
    words: str = ""
    kids: list[Node] = field(default_factory=list)
    # Where its text stands: page and number of the marked content there.
    marks: list[tuple[int, int]] = field(default_factory=list)

    def add(self, tag: str, scope: str = "", words: str = "") -> Node:
        """Append an element below this one and return it."""
        self.kids.append(Node(tag, scope, words))
        return self.kids[-1]


def tagged(raw: bytes, root: Node, marked: list[list[Node]]) -> bytes:
    """Return the document with the tree that tells headings, texts and tables apart."""
    import pikepdf
    from pikepdf import Array, Dictionary, Name

    with pikepdf.open(BytesIO(raw)) as pdf:
        tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        elements: dict[Node, Object] = {}
        tree.K = Array([_element(pdf, root, tree, elements)])
        numbers = Array()
        for number, nodes in enumerate(marked):
            pdf.pages[number].obj.StructParents = number
            numbers.append(number)
            numbers.append(Array([elements[node] for node in nodes]))
        tree.ParentTree = pdf.make_indirect(Dictionary(Nums=numbers))
        tree.ParentTreeNextKey = len(marked)
        pdf.Root.StructTreeRoot = tree
        pdf.Root.MarkInfo = Dictionary(Marked=True)
        buffer = BytesIO()
        # Packed, because a long table has thousands of elements.
        packed = pikepdf.ObjectStreamMode.generate
        pdf.save(buffer, deterministic_id=True, object_stream_mode=packed)
    return buffer.getvalue()


def _element(pdf: Pdf, node: Node, parent: Object, elements: dict[Node, Object]) -> Object:
    from pikepdf import Array, Dictionary, Name

    element = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{node.tag}"), P=parent))
    elements[node] = element
    marks = [
        Dictionary(Type=Name.MCR, Pg=pdf.pages[page].obj, MCID=number)
        for page, number in node.marks
    ]
    element.K = Array([*marks, *(_element(pdf, kid, element, elements) for kid in node.kids)])
    if node.words:
        element.Alt = node.words
    if node.scope:
        element.A = Dictionary(O=Name.Table, Scope=Name(f"/{node.scope}"))
    return element
