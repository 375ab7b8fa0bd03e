"""What can be wrong with a file or a row, in the words of the person who sent it."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy as _

LONGEST_VALUE = 60  # of a cell that is named

FILE_PROBLEMS = {
    "empty": _("The file is empty. Export it anew, or choose another one."),
    "only_header": _("The file has a header but no rows below it. Export it with its rows, or choose another one."),
    "image": _("This is a picture, whatever its name says. Send a CSV, TSV, TXT, XLSX or XLS file."),
    "not_a_table": _("This is %(what)s, not a table. Send a CSV, TSV, TXT, XLSX or XLS file."),
    "office": _("This is an Office document in which no table can be found: a letter, slides, or a damaged workbook. Open it in "
                "your spreadsheet program, save it as XLSX or CSV, and send it again."),
    "html": _("This is a web page under the name of a spreadsheet. Open it in your spreadsheet program and save it "
              "as XLSX or CSV."),
    "binary": _("This is not a text file or a spreadsheet. Send a CSV, TSV, TXT, XLSX or XLS file."),
    "password": _("The workbook is protected by a password. Save it without a password and send it again."),
    "damaged": _("The workbook is damaged and cannot be read. Open it in your spreadsheet program, save it anew, "
                 "and send it again."),
    "bomb": _("The file unpacks to more than %(limit)s MB and is refused. Save the sheet as CSV and send that."),
    "sheet_too_large": _(
        "The sheet spans %(rows)s rows and %(columns)s columns, more than can be read at once. Save it as CSV, or "
        "delete what lies outside the table."
    ),
    "too_many_columns": _("The table has %(columns)s columns; at most %(limit)s can be read. Delete the columns you do not need."),
    "no_sheet": _("The workbook has no sheet with rows. Choose another file."),
    "sheet_missing": _("There is no sheet “%(sheet)s”. The workbook has: %(sheets)s."),
    "line_too_long": _(
        "Row %(row)s is longer than %(limit)s characters: this is not a table with one record a line. Export the table anew as "
        "CSV or XLSX."
    ),
    "open_quote": _(
        "From row %(row)s on a quotation mark is opened and never closed. Close or delete it there and send the file again."
    ),
    "encoding": _(
        "The text of the file cannot be read as %(encoding)s. Choose another encoding, or save the file as UTF-8 and send it again."
    ),
    "date_order": _(
        "Row %(row)s, column “%(column)s”: dates such as %(value)s can be read in two ways. Choose which comes first, the day or "
        "the month."
    ),
    "no_column": _("There is no column “%(column)s”. The file has: %(columns)s."),
    "no_scale": _("Column “%(column)s”: its answers lie on no scale known here. Choose its scale, or leave it out."),
    "unmapped": _("No column is chosen for: %(meaning)s."),
    "no_meaning": _("“%(meaning)s” is not something a column can mean. Known: %(known)s."),
    "imported_already": _("This very file was imported already (import %(batch)s). Undo that import first, or "
                          "choose to import it again."),
    "cancelled": _("Cancelled; nothing was changed."),
    "interrupted": _("The import was interrupted: whatever ran it was stopped. Nothing was written; start it again or discard it."),
    "undo_interrupted": _("The undo was interrupted: whatever ran it was stopped. Nothing was taken back; start it again."),
    "disk_full": _("There is no room left on the disk. Nothing was changed; make room and start again."),
    "no_room": _("There is no room left on the disk for this file. It was not kept; make room and send it again."),
    "gone": _("The file is no longer there. Send it again."),
    "too_large": _("The file is larger than %(limit)s MB. Cut it into several and send them one after the other."),
    "broken": _("The import failed and nothing was changed. Tell your administrator the reference %(reference)s."),
}  # fmt: skip

ROW_REASONS = {
    "no_customer": _("no customer: number, name, phone and e-mail are all missing"),
    "no_name": _("no name, number, phone or e-mail"),
    "total": _("a line of totals, of nobody"),
    "no_date": _("the date is missing"),
    "bad_date": _("“%(value)s” is not a date"),
    "no_such_day": _("“%(value)s”: there is no such day"),
    "date_ambiguous": _("“%(value)s” can be read in two ways"),
    "date_out_of_range": _("“%(value)s” is too long ago or in the future"),
    "no_amount": _("the amount is missing"),
    "bad_amount": _("“%(value)s” is not an amount"),
    "absurd_amount": _("“%(value)s” is too large to be an amount"),
    "bad_quantity": _("“%(value)s” is not a quantity"),
    "negative_price": _("a price or cost cannot be negative: “%(value)s”"),
    "digits_lost": _("“%(value)s”: a spreadsheet has cut off digits; format the column as text and enter it again"),
    "bad_phone": _("“%(value)s” is not a phone number"),
    "bad_lunar_day": _("“%(value)s” is not a day of the lunar calendar; write it like 农历八月十五 or 8-15(农历)"),
    "bad_email": _("“%(value)s” is not an e-mail address"),
    "bad_credit_code": _("“%(value)s” is not a unified social credit code (18 characters with a check character)"),
    "too_long": _("longer than %(limit)s characters"),
    "encoding": _("the text is damaged or in another encoding than the rest of the file"),
    "nul": _("the cell contains NUL bytes"),
    "too_many_cells": _("the row has more cells than the header"),
    "bad_choice": _("“%(value)s” is not one of the choices of this field"),
    "no_answer": _("no question is answered"),
    "bad_answer": _("“%(value)s” is no answer on the scale of this question"),
    "bad_number": _("“%(value)s” is not a number within the limits of this field"),
    "two_customers": _("this order number stands at two different customers"),
    "mixed_signs": _("the lines of this order number add up to too large an amount"),
    "name_not_unique": _("several customers have this name; give the number or the phone"),
    "not_yours": _("this row may not be imported by you"),
    "may_not_create": _("the customer is new, and you may not create customers"),
    "unknown_owner": _("“%(value)s” is not a member of staff"),
    "owner_out_of_reach": _("you may not give customers to “%(value)s”"),
}


class FileProblem(Exception):
    """The whole file cannot be used. Says what is wrong and what to do; nothing was changed."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return str(FILE_PROBLEMS[self.code]) % self.params

    def as_json(self) -> dict[str, Any]:
        """To be kept, so that each reader is told in a language of their own."""
        return {"code": self.code, "params": self.params}


def in_words(kept: Any) -> str:
    """Of what `as_json` gave; earlier versions kept the sentence itself."""
    return str(FileProblem(kept["code"], **kept["params"])) if isinstance(kept, dict) else kept


def reason_text(code: str, value: str = "", limit: int = 0) -> str:
    """Why a row was left out. The value is cut, so that a huge cell does not flood the report."""
    return str(ROW_REASONS[code]) % {"value": value[:LONGEST_VALUE], "limit": limit}


def row_problem(column: str, code: str, value: str = "", limit: int = 0) -> str:
    text = reason_text(code, value, limit)
    return gettext("%(column)s: %(reason)s") % {"column": column, "reason": text} if column else text


def first_in_words(counts: dict[str, Any]) -> list[dict[str, Any]]:
    """Of the first rows left out, row and reason. Earlier versions kept the sentence itself."""
    return [
        {"row": one["row"], "reason": one["reason"] if "reason" in one
         else row_problem(one["column"], one["code"], one["value"], one["limit"])}
        for one in counts.get("first", [])
    ]  # fmt: skip
