"""`mashq export`: one small class in every format, with names and points that go wrong easily."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook

from mashq.errors import CourseError
from mashq.export.grades import Grades, Student
from mashq.export.gradescope import WAITS, write
from mashq.export.write import Exported, ExportOptions, export_grades
from mashq.grading.engine.run import Options, grade_assignment
from mashq.judge import Judgement
from mashq.roster.tables import is_formula, number, read_csv, restored, safe, text_cell, write_csv
from tests.support.commands import mashq_output as mashq
from tests.support.commands import nbgrader
from tests.support.graded import sqlite_of
from tests.support.tiny_course import ANSWER, HALF, answered, make_tiny_course

pytestmark = pytest.mark.long

POLICY = """
c.AssignLatePenalties.plugin_class = "mashq.nbgrader_plugins.LatePolicy"
c.JudgeExecute.isolation = "none"  # these submissions are ours, and not what is tested here
"""
EVIL = '=HYPERLINK("http://x.example";"a, b")'
# {student: (code, first name, last name, email, lms_user_id, essay's points or None)}
CLASS: dict[str, tuple[str, str, str, str, str | None, float | None]] = {
    "ada": (ANSWER, "Ada", "Lovelace, Countess", "Ada@x.example", "900", 2.5),
    "evil": (HALF, EVIL, "@SUM(1+1)", "+evil@x.example", None, 0),
    "late": (ANSWER, "Lena", "Late", "", None, 3),  # one day: 10 % of 5 points
    "sara": (ANSWER, "سارا", "می‌خواهم", "sara@x.example", "901", None),
}
POINTS = {"ada": 4.5, "evil": 1, "late": 4.5, "sara": 2}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny course with a class, graded by `mashq grade`, then by a person; to be copied, not changed."""
    course = make_tiny_course(tmp_path_factory.mktemp("export") / "course")
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(POLICY)
    release = nbformat.read(course / "release" / "ps1" / "areas.ipynb", as_version=4)
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        gradebook.update_or_create_assignment(
            "ps1", duedate="2026-01-10 12:00:00 UTC", course_id="neural-networks"
        )
        for student, (_, first, last, email, lms, _) in CLASS.items():
            gradebook.update_or_create_student(
                student, first_name=first, last_name=last, email=email or None, lms_user_id=lms
            )
        gradebook.update_or_create_student("absent", first_name="Abe")
    for student, (code, *_) in CLASS.items():
        folder = course / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        nbformat.write(answered(release, code), folder / "areas.ipynb")
        day = 11 if student == "late" else 10
        (folder / "timestamp.txt").write_text(f"2026-01-{day} 12:00:00 UTC")
    grade_assignment(Options("ps1", course, workers=1))
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        for student, (*_, points) in CLASS.items():
            if points is not None:
                essay = gradebook.find_grade("why", "areas", "ps1", student)
                essay.manual_score, essay.needs_manual_grade = points, False
        gradebook.db.commit()
    return course


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    """A copy of the graded course, of this test's own."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def export(course: Path, format_name: str, **wanted: Any) -> Exported:
    return export_grades(ExportOptions("ps1", format_name, course, **wanted))


def rows_of_csv(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def assert_no_formula(path: Path) -> None:
    """No cell of text is one, however a spreadsheet cuts the lines."""
    text = path.read_text(encoding="utf-8-sig")
    for separator in ",;":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            assert not any(cell[:1] in "=+-@" for cell in row if cell)


# -- all formats ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_name", ["csv", "canvas", "moodle"])
def test_tables_are_safe_and_in_persian(format_name: str, course: Path) -> None:
    """Excel reads the names, with a byte order mark before them, and finds no formula."""
    path = export(course, format_name).path
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") == (format_name != "moodle")
    assert_no_formula(path)


def test_who_waits_is_counted_and_can_be_left_out(course: Path) -> None:
    """The points that are there are exported; the warning says how many are not."""
    for format_name in ("csv", "canvas", "moodle", "gradescope"):
        written = export(course, format_name)
        assert written.warnings == [
            "1 cells of 1 students still wait for a person; their grades are exported without these points "
            "(--complete-only leaves them out)"
        ]
        assert written.students == 4
        complete = export(course, format_name, complete_only=True)
        assert (complete.students, complete.warnings[0].endswith("they are left out")) == (3, True)
        data = complete.path.read_bytes()
        assert b"ada" in data.lower()
        assert b"sara" not in data
        assert "سارا".encode() not in data


def test_late_penalties_are_brought_up_to_date(course: Path) -> None:
    """The essay's points came after the penalty; an extension comes after both."""
    notes = export(course, "moodle").notes
    assert notes[0] == "late penalties brought up to date: late"
    assert rows_of_csv(course / "ps1-moodle.csv")[-1] == ["late", "4.5", "areas: 5 of 5; late: -0.5"]
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        gradebook.grant_extension("ps1", "late", days=1)
    export(course, "moodle")
    assert rows_of_csv(course / "ps1-moodle.csv")[-1] == ["late", "5", "areas: 5 of 5"]
    assert not any("penalties" in note for note in export(course, "moodle").notes)


def test_the_command_says_what_it_wrote(course: Path) -> None:
    """Warnings and notes on the terminal, the file in the course folder or where --output says."""
    text = mashq("export", "ps1", "--format", "moodle", "--output", "out/m.csv", cwd=course)
    assert "WARNING: 1 cells of 1 students still wait for a person" in text
    assert "in Moodle, map Identifier to Email address" in text
    assert "written: out/m.csv (4 students)" in text
    assert (course / "out" / "m.csv").is_file()
    assert "written: ps1.csv (3 students)" in mashq("export", "ps1", "--complete-only", cwd=course)
    for wrong, told in (
        (("--format", "xml"), "write csv, canvas, moodle, gradescope"),
        (("--format", "moodle", "--identify", "face"), "write email, idnumber, username"),
        (("--roster", "ps1.csv"), "--roster is for canvas and moodle"),
    ):
        assert told in " ".join(mashq("export", "ps1", *wrong, cwd=course, code=2).replace("│", "").split())
    assert "no assignment 'ps9'" in mashq("export", "ps9", cwd=course, code=1)
    (course / "taken").mkdir()
    assert "name another --output" in mashq("export", "ps1", "--output", "taken", cwd=course, code=1)


def test_without_grades_it_says_what_comes_first(course: Path) -> None:
    """No empty file."""
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        for student in CLASS:
            gradebook.remove_submission("ps1", student)
    with pytest.raises(CourseError, match="nobody has a grade in ps1 yet; run `mashq grade ps1` first"):
        export(course, "csv")
    assert not (course / "ps1.csv").exists()


def test_stand_ins_are_warned_of(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such grades are not to be given out."""
    judgement = Judgement(stand_ins=["hoda"])
    monkeypatch.setattr("mashq.export.grades._read_judgements", lambda *_: {("ada", "areas"): judgement})
    assert "graded on STAND-INS for the hoda data" in export(course, "csv").warnings[1]


# -- cells ------------------------------------------------------------------------------------------------

NASTY = st.text(st.sampled_from(list("'=+-@＝ ,;\"\t\r\n\u200caس\u2028\x00")) | st.characters(codec="utf-8"))


@given(st.lists(NASTY, min_size=1, max_size=4))
def test_text_survives_a_table_and_is_no_formula(texts: list[str]) -> None:
    """Exported, read and restored it is the same, control characters apart; read by anybody it is text."""
    line = ",".join(text_cell(text) for text in [*texts, "end"])
    (row,) = csv.reader(io.StringIO(line, newline=""))
    assert [restored(cell) for cell in row[:-1]] == [restored(safe(text)) for text in texts]
    for text, cell in zip(texts, row, strict=False):
        assert cell.strip()[:1] not in set("=+-@＝＋－＠")
        if text.isprintable():
            assert restored(cell) == text


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    """With a mark or without, parted by what the country parts cells by."""
    path = tmp_path / "names.csv"
    write_csv(path, [("Student", "ID"), (text_cell(EVIL), "1"), (text_cell("می‌خواهم"), "2")])
    assert [row["Student"] for row in read_csv(path)] == [EVIL, "می‌خواهم"]
    path.write_text("Student;ID\n\na, b;3\n")
    assert read_csv(path) == [{"Student": "a, b", "ID": "3"}]
    write_csv(path, [("Student", "ID"), ("Ada", "1")])
    assert path.read_bytes() == b"Student,ID\nAda,1\n"


@pytest.mark.parametrize("data", [b"", b"Student,ID\n", b"\xff\xfe\x00"])
def test_a_file_that_is_no_table_is_named(data: bytes, tmp_path: Path) -> None:
    """With what to give in its place."""
    (tmp_path / "names.csv").write_bytes(data)
    with pytest.raises(CourseError, match=r"names\.csv .*; give "):
        read_csv(tmp_path / "names.csv")


def test_points_have_no_more_digits_than_needed() -> None:
    """And no exponent, and no minus before zero."""
    values = {0: "0", -0.00001: "0", 3: "3", 2.50: "2.5", 1 / 3: "0.3333", 12345678: "12345678", -1.5: "-1.5"}
    assert {value: number(value) for value in values} == values
    assert number(100) == "100"


# -- nbgrader's CSV ---------------------------------------------------------------------------------------


def test_the_csv_is_nbgraders(course: Path) -> None:
    """Its bytes where no name needs care; its columns and numbers in any case, and rows that do not shift."""
    rows = {row["student_id"]: row for row in read_csv(export(course, "csv").path)}
    assert {student: float(row["score"]) for student, row in rows.items()} == POINTS | {"absent": 0}
    assert rows["evil"]["first_name"] == EVIL
    assert rows["ada"]["last_name"] == "Lovelace, Countess"
    assert rows["late"]["late_submission_penalty"] == "0.5"
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        for student in CLASS:
            gradebook.update_or_create_student(
                student, first_name="A", last_name=None, email=None, lms_user_id=None
            )
    nbgrader(course, "export", "--to", "theirs.csv", "--assignment", "ps1")
    assert export(course, "csv").path.read_bytes() == (course / "theirs.csv").read_bytes()


# -- Canvas -----------------------------------------------------------------------------------------------

ROSTER = """\
Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (11),Homework 2 (22),PS1 (33),Current Score
,,,,,Manual Posting,,,
    Points Possible,,,,,10,20,{points},(read only)
"Lovelace, Ada",5001,900,ADA,Monday,,,,
Evil,5002,902,evil,Monday,,,,
Late,5003,903,other,Tuesday,,,,
"Student, Test",5009,,,Monday,,,,
"""


def test_canvas_gets_its_own_numbers(course: Path, tmp_path: Path) -> None:
    """Students of its export by login, the assignment by its title; who is not there is at the end."""
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER.format(points="5.0"))
    written = export(course, "canvas", roster=roster)
    assert rows_of_csv(written.path) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "PS1 (33)"],
        ["    Points Possible", "", "", "", "", "5"],
        ["Lovelace, Ada", "5001", "900", "ADA", "Monday", "4.5"],
        ["Evil", "5002", "902", "evil", "Monday", "1"],
        ["Late, Lena", "", "", "late", "", "4.5"],
        ["می‌خواهم, سارا", "", "901", "sara", "", "2"],
    ]
    assert "2 not in" in written.notes[-1]
    assert written.notes[-1].endswith("ask who they are: late, sara")


def test_canvas_is_asked_nothing_wrong(course: Path, tmp_path: Path) -> None:
    """Another number of points, another column, no column, no roster: each is said before the import."""
    roster = tmp_path / "roster.csv"
    german = io.StringIO()
    csv.writer(german, delimiter=";").writerows(csv.reader(io.StringIO(ROSTER.format(points="5"))))
    roster.write_text(german.getvalue(), encoding="utf-8-sig")
    for column in ("Homework 2", "homework 2 (22)", "22"):
        written = export(course, "canvas", roster=roster, column=column)
        assert rows_of_csv(written.path)[0][-1] == "Homework 2 (22)"
        assert written.notes[-1] == "Canvas has 20 points for 'Homework 2 (22)'; the import sets 5"
    with pytest.raises(CourseError, match=r"no column for 'hw'; .* it has: Homework 1 \(11\), Homework 2"):
        export(course, "canvas", roster=roster, column="hw")
    roster.write_text(ROSTER.format(points=5).replace("PS1 (33)", "Other (33)"))
    assert any("'ps1' is a new assignment" in note for note in export(course, "canvas", roster=roster).notes)
    written = export(course, "canvas")
    assert rows_of_csv(written.path)[2][1:4] == ["", "900", "ada"]
    assert any("without --roster" in note for note in written.notes)
    roster.write_text("Name,Number\nAda,1\n")
    with pytest.raises(CourseError, match=r"none of the columns ID; export the gradebook in Canvas"):
        export(course, "canvas", roster=roster)


def test_one_column_says_who_is_who(course: Path, tmp_path: Path) -> None:
    """A number that is one student's id in Canvas and another's in the SIS gives nobody another's grade."""
    roster = tmp_path / "roster.csv"
    head = "Student,ID,SIS User ID,SIS Login ID,Section\n"
    roster.write_text(head + "Ada,1,900,a,M\nSara,900,901,s,M\nTwin,3,905,t,M\n")
    rows = {row[0]: row for row in rows_of_csv(export(course, "canvas", roster=roster).path)}
    assert rows["Ada"][-1] == "4.5"
    assert rows["Sara"][-1] == "2"
    roster.write_text(head + "Ada,1,,ada,M\nAda,2,,Ada,M\nSara,3,,sara,M\n")  # two of one login: nobody's
    written = export(course, "canvas", roster=roster)
    assert written.notes[-1].endswith("ask who they are: ada, evil, late")
    assert [row[1] for row in rows_of_csv(written.path)[2:]] == ["3", "", "", ""]


# -- Moodle -----------------------------------------------------------------------------------------------


def test_moodle_finds_students_as_asked(course: Path) -> None:
    """By the gradebook's email addresses, numbers or ids; who has none is listed, and not lost."""
    written = export(course, "moodle")
    assert rows_of_csv(written.path) == [
        ["Identifier", "Grade", "Feedback comments"],
        ["Ada@x.example", "4.5", "areas: 4.5 of 5"],
        ["'+evil@x.example", "1", "areas: 1 of 5"],
        ["sara@x.example", "2", "areas: 2 of 5; not all is graded yet"],
        ["late", "4.5", "areas: 5 of 5; late: -0.5"],
    ]
    assert "1 without Email address in the gradebook" in written.notes[-2]
    assert written.notes[-1].endswith("give these grades by hand: evil")
    numbers = rows_of_csv(export(course, "moodle", identify="idnumber").path)
    assert [row[0] for row in numbers[1:]] == ["900", "evil", "late", "901"]
    names = rows_of_csv(export(course, "moodle", identify="username").path)
    assert [row[0] for row in names[1:]] == sorted(CLASS)


def test_moodle_finds_students_by_its_own_list(course: Path, tmp_path: Path) -> None:
    """Found by one column, named by another."""
    roster = tmp_path / "moodle.csv"
    roster.write_text("First name,Username,Email address\nA,ada,a@m\nE,EVIL,e@m\nS,sara,\n")
    written = export(course, "moodle", roster=roster)
    assert [row[0] for row in rows_of_csv(written.path)] == ["Identifier", "a@m", "e@m", "late", "sara"]
    assert "2 without Email address in" in written.notes[-1]
    with pytest.raises(CourseError, match="none of the columns ID number, Identifier; export the"):
        export(course, "moodle", roster=roster, identify="idnumber")


WORKSHEET = """\
Identifier,Full name,Status,Grade,Maximum Grade,Grade can be changed,Last modified (grade),Feedback comments
Participant 1001,Ada,Submitted,,5.00,Yes,-,
Participant 1002,=Evil(),Submitted,2,5.00,No,-,
Participant 1003,Nobody,No submission,3,5.00,Yes,-,"-1, and
two lines"
"""


def test_moodles_worksheet_comes_back_with_the_grades(course: Path, tmp_path: Path) -> None:
    """Students are known by the numbers under which they were collected; other rows stay as they are."""
    roster = tmp_path / "worksheet.csv"
    roster.write_text(WORKSHEET, encoding="utf-8-sig")
    for student, moodles in (("ada", "1001"), ("evil", "1002")):
        rename_student(course, student, moodles)
    written = export(course, "moodle", roster=roster)
    rows = rows_of_csv(written.path)
    assert rows[0] == WORKSHEET.partition("\n")[0].split(",")
    assert [[row[0], row[3], row[6], row[7]] for row in rows[1:]] == [
        ["Participant 1001", "4.5", "-", "areas: 4.5 of 5"],
        ["Participant 1002", "1", "-", "areas: 1 of 5"],
        ["Participant 1003", "3", "-", "-1, and\ntwo lines"],
    ]
    assert rows[2][1] == "'=Evil()"
    assert "(2 grades are in it)" in written.notes[-3]
    assert "not in the worksheet, so their grades are not: late, sara" in written.notes[-2]
    assert "locked: 1002" in written.notes[-1]
    roster.write_text(WORKSHEET.replace("5.00", "100.00"))
    assert "Moodle has 100.00 points" in export(course, "moodle", roster=roster).notes[-1]


def test_canvas_knows_the_numbers_under_which_students_were_collected(course: Path, tmp_path: Path) -> None:
    """They are those of its column ID."""
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER.format(points="5"))
    rename_student(course, "ada", "5001")
    rename_student(course, "evil", "5002")
    rows = {row[1]: row[-1] for row in rows_of_csv(export(course, "canvas", roster=roster).path)}
    assert (rows["5001"], rows["5002"]) == ("4.5", "1")


def rename_student(course: Path, student: str, new: str) -> None:
    """As if the work had been collected under this id."""
    with sqlite3.connect(course / "gradebook.db") as database:
        for table, column in (("student", "id"), ("submitted_assignment", "student_id")):
            database.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (new, student))


# -- Gradescope -------------------------------------------------------------------------------------------


def test_gradescope_gets_every_check(course: Path, tmp_path: Path) -> None:
    """Score, tests and what students read; as zip and as folder the same."""
    path = export(course, "gradescope").path
    export(course, "gradescope", output=tmp_path / "folder")
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files == {
        str(file.relative_to(tmp_path / "folder")): file.read_bytes()
        for file in (tmp_path / "folder").rglob("*.json")
    }
    results = {name.partition("/")[0]: json.loads(data) for name, data in files.items()}
    assert {student: result["score"] for student, result in results.items()} == POINTS
    for result in results.values():
        assert (result["max_score"], result["stdout_visibility"]) == (5, "hidden")
        assert all(test["visibility"] == "after_published" for test in result["tests"])
    half = {test["name"]: test for test in results["evil"]["tests"]}
    rectangle = half["areas: The area of a rectangle is the product of its sides."]
    assert (rectangle["score"], rectangle["max_score"], rectangle["status"]) == (0, 1, "failed")
    assert rectangle["output"] == "area(2, 5): wrong value, off by 6; both sides count"
    assert sum(test["score"] for test in half.values()) == 1
    assert results["late"]["output"] == "Handed in late: 0.5 points are taken off."
    assert sum(test["score"] for test in results["late"]["tests"]) == 5
    (essay,) = [test for test in results["sara"]["tests"] if test["name"] == "areas: why"]
    assert (essay["score"], essay["max_score"], essay["output"]) == (0, 3, WAITS)
    with pytest.raises(CourseError, match=r"name an empty folder, a new one or a \.zip file"):
        export(course, "gradescope", output=tmp_path / "folder")


def test_points_of_a_person_stand_over_the_checks(course: Path) -> None:
    """The cell is then one test, or the sum would be wrong; so it is without the store of results."""
    with Gradebook(sqlite_of(course), "neural-networks") as gradebook:
        gradebook.find_grade("test_area", "areas", "ps1", "evil").manual_score = 1.5
        gradebook.db.commit()

    def tests(student: str) -> dict[str, float]:
        with zipfile.ZipFile(export(course, "gradescope").path) as archive:
            found = json.loads(archive.read(f"{student}/results.json"))["tests"]
        return {test["name"]: test["score"] for test in found}

    assert tests("evil") == {"areas: test_area": 1.5, "areas: why": 0}
    assert len(tests("ada")) == 3
    shutil.rmtree(course / ".mashq")
    assert tests("ada") == {"areas: test_area": 2, "areas: why": 2.5}
    assert export(course, "gradescope").notes == ["no check results are stored; run `mashq grade ps1`"]


def test_no_students_id_leads_out_of_the_folder(tmp_path: Path) -> None:
    """Nor do two of them share a file."""
    ids = ["../evil", "..", "a/b", "a%2Fb", "C:\\x", "", "سارا", "a.b"]
    write(Grades(Path(), "ps1", 1, [Student(name) for name in ids]), tmp_path / "folder")
    found = sorted(path.parent for path in (tmp_path / "folder").rglob("results.json"))
    assert len(found) == len(ids)
    assert {path.parent for path in found} == {tmp_path / "folder"}
    assert {"سارا", "a.b", "%2E%2E"} <= {path.name for path in found}


def test_formulas_are_known() -> None:
    """With spaces and in the full width of East Asian keyboards, too."""
    assert all(is_formula(text) for text in ("=1", "+1", "-1", "@a", " =1", "\t=1", "＝1"))
    assert not any(is_formula(text) for text in ("", "a=1", "Ada-Lovelace", "1+1", "'"))
