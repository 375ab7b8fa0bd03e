"""Taking back what an import of answers has written. Set-based, inside the caller's transaction."""

from typing import Any


def undo_answers(cursor: Any, batch_id: int) -> dict[str, int]:
    of_batch = "SELECT id FROM zhike_survey WHERE batch_id = %s"
    sheets = f"SELECT id FROM zhike_answersheet WHERE survey_id IN ({of_batch})"  # noqa: S608  our own words
    cursor.execute(f"DELETE FROM zhike_answer WHERE sheet_id IN ({sheets})", [batch_id])  # noqa: S608
    removed = 0
    for table in ("zhike_surveyquestion", "zhike_answersheet"):
        cursor.execute(f"DELETE FROM {table} WHERE survey_id IN ({of_batch})", [batch_id])  # noqa: S608
        removed = cursor.rowcount
    cursor.execute("DELETE FROM zhike_survey WHERE batch_id = %s", [batch_id])
    return {"removed": removed}
