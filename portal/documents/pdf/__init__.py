"""Letters and reports for printing and for screen readers (PDF, tagged)."""

from portal.documents.pdf.letter import Letter, letter_pdf
from portal.documents.pdf.report import Report, Section, report_pdf
from portal.documents.pdf.table import Table

__all__ = ["Letter", "Report", "Section", "Table", "letter_pdf", "report_pdf"]
