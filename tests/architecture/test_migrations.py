"""The schema's history: it ends at the models, and runs up and down with data in between."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from portal import migrations
from portal.cases.models import Case, CaseTask, Service
from portal.cases.states import ServiceState
from portal.core import clock
from portal.core.access import Role
from portal.core.db import Base, Database, transaction
from portal.core.files import StoredFile
from portal.visits.models import LedgerEntry, LetterKind, LetterTemplate, Visit
from portal.visits.states import VisitState
from tests.architecture.town import add_objects, add_people
from tests.builders import Builder

REFERENCE_ROWS = {
    "district": 5,
    "travel_time": 25,
    "programme": 3,
    "topic": 9,
    "sop_version": 1,
    "legal_basis": 10,
    "monitoring_instrument": 1,
    "monitoring_reply_text": 7,
    "school_calendar": 13,
    "search_synonym": 33,
    "visit_need": 10,
    "letter_template": 12,
}


def differs(
    _context: MigrationContext, column: sa.engine.interfaces.ReflectedColumn, *_defaults: object
) -> bool | None:
    """Leave defaults of JSON alone, which PostgreSQL cannot compare; None: compare as usual."""
    return False if isinstance(column.type, sa.JSON) else None


def rows(database: Database) -> dict[str, int]:
    """Return how many rows every table holds."""
    with database.reading.connect() as connection:
        return {
            table: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(table)))
            for table in sa.inspect(connection).get_table_names()
        }


def filled(database: Database, folder: Path) -> None:
    """Put a row into (nearly) every table."""
    build = Builder(database)
    school = build.school()
    by_role = add_people(build, school)
    add_objects(build, folder, school, by_role)
    build.setting("hold_minutes", 15)
    build.sign_in(by_role[max(by_role)])
    build.close()


def differences(database: Database, wanted: sa.MetaData, *, defaults: bool = True) -> list[object]:
    """Return how the tables of a database differ from others."""
    with database.reading.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": differs if defaults else False,
            },
        )
        return compare_metadata(context, wanted)


def test_the_newest_schema_is_the_one_of_the_models(database: Database) -> None:
    assert differences(database, Base.metadata) == []


def test_constraints_have_the_names_the_models_give_them(database: Database) -> None:
    with database.reading.connect() as connection:
        inspector = sa.inspect(connection)
        for table in Base.metadata.sorted_tables:
            named = {each["name"] for each in inspector.get_check_constraints(table.name)}
            wanted = {
                each.name for each in table.constraints if isinstance(each, sa.CheckConstraint)
            }
            assert named == wanted, table.name


def test_the_reference_data_is_there(database: Database) -> None:
    found = rows(database)
    assert {table: found[table] for table in REFERENCE_ROWS} == REFERENCE_ROWS
    assert {table for table, count in found.items() if count} == {
        *REFERENCE_ROWS,
        "alembic_version",
    }


def test_down_to_nothing_and_up_again_with_data_in_between(
    database: Database, tmp_path: Path
) -> None:
    filled(database, tmp_path)
    migrations.downgrade(database, "base")
    assert rows(database) == {"alembic_version": 0}
    migrations.upgrade(database)
    test_the_newest_schema_is_the_one_of_the_models(database)
    test_the_reference_data_is_there(database)
    filled(database, tmp_path)


def test_every_step_down_can_be_gone_up_again_with_data(database: Database, tmp_path: Path) -> None:
    script = ScriptDirectory.from_config(migrations.configuration(database))
    revisions = [revision.revision for revision in script.walk_revisions("base", "heads")]
    filled(database, tmp_path)
    for revision in revisions:
        before = schema(database)
        migrations.downgrade(database, _below(script, revision))
        migrations.upgrade(database, revision)
        # What a step up filled old rows with may stay a default on the way down; nobody asks it.
        found = differences(database, before, defaults=False)
        assert (revision, found) == (revision, [])
        migrations.downgrade(database, _below(script, revision))
    assert len(revisions) >= 2


def schema(database: Database) -> sa.MetaData:
    """Return the tables that a database really has."""
    found = sa.MetaData()
    with database.reading.connect() as connection:
        found.reflect(connection)
    return found


def _below(script: ScriptDirectory, revision: str) -> str:
    below = script.get_revision(revision).down_revision
    assert below is None or isinstance(below, str), "the history has one line"
    return below or "base"


def test_upgrading_twice_changes_nothing(database: Database, tmp_path: Path) -> None:
    filled(database, tmp_path)
    before = rows(database)
    migrations.upgrade(database)
    assert rows(database) == before


def test_the_history_is_one_line_with_one_end() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.HERE))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_old_cases_learn_when_something_of_them_is_due_first(
    database: Database, tmp_path: Path
) -> None:
    filled(database, tmp_path)
    with database.writer() as session, transaction(session):
        case = session.scalars(sa.select(Case)).first()
        assert case is not None
        first = (case.stage_due_on or clock.today()) - timedelta(days=3)
        task = {"person_id": case.opened_by, "set_at": clock.now()}
        done = {"done_at": clock.now(), "due_on": first - timedelta(days=9)}
        session.add(CaseTask(case_id=case.id, due_on=first, **task))
        session.add(CaseTask(case_id=case.id, **done, **task))
        kept = {each.id: each.due_on for each in session.scalars(sa.select(Case))}
    migrations.downgrade(database, "0014")
    migrations.upgrade(database)
    with database.reader() as session:
        known = {each.id: each.due_on for each in session.scalars(sa.select(Case))}
    assert known == {**kept, case.id: first}


def test_appointments_of_before_take_their_minutes_of_the_week(
    database: Database, tmp_path: Path
) -> None:
    filled(database, tmp_path)
    with database.writer() as session, transaction(session):
        held = session.scalars(sa.select(Service).filter_by(state=ServiceState.HELD)).first()
        assert held is not None
        # Yesterday in London, today in Metro.
        held.starts_at = datetime(2026, 11, 22, 18, tzinfo=UTC)
        expected = {(held.id, held.held_by, date(2026, 11, 23), held.minutes)}
        state = {"state": ServiceState.CANCELLED}
        session.execute(sa.update(Service).where(Service.id != held.id).values(state))
        # Whoever came by 0014 has weeks without them.
        session.execute(sa.delete(LedgerEntry))
    migrations.downgrade(database, "0015")
    migrations.upgrade(database)
    with database.reader() as session:
        entries = session.scalars(sa.select(LedgerEntry)).all()
        found = {(each.subject_id, each.user_id, each.day, each.minutes) for each in entries}
    assert found == expected


def test_the_duty_letter_names_the_setting_where_the_office_wrote_no_wording_of_its_own(
    database: Database,
) -> None:
    def bodies() -> dict[tuple[str, int], str]:
        with database.reader() as session:
            rows = session.scalars(sa.select(LetterTemplate).filter_by(kind=LetterKind.DUTY))
            return {(each.language, each.edition): each.body for each in rows}

    own = "Dicatat paling lambat dua hari kerja sesudahnya."
    build = Builder(database)
    with transaction(build.session) as session:
        maker = build.user(Role.COORDINATOR)
        wording = {"kind": LetterKind.DUTY, "language": "id", "edition": 2, "subject": "Tugas"}
        session.add(LetterTemplate(**wording, body=own, made_by=maker.id, made_at=clock.now()))
    now = bodies()
    migrations.downgrade(database, "0015")
    before = bodies()
    migrations.upgrade(database)
    build.close()
    assert bodies() == now
    assert ("dua hari kerja" in before["id", 1], "two working days" in before["en", 1]) == (
        True,
        True,
    )
    assert all("{report_days}" in now[language, 1] for language in ("id", "en"))
    assert now["id", 2] == before["id", 2] == own


SECRETS = {
    "needs": "ada murid berkursi roda",
    "reason": "Zulaikha sakit – ditunda",
    "override_reason": "jauh, tetapi perlu",
    "delivery_note": "",
}


def kept_texts(database: Database) -> list[str | bytes]:
    """Return what the database itself holds of a visit's free texts and a file's name."""
    with database.reading.connect() as connection:
        columns = ", ".join(SECRETS)
        asked = sa.text(f"SELECT {columns} FROM visit WHERE state = 'requested'")  # noqa: S608 - our own names
        visit = connection.execute(asked).one()
        name = connection.execute(sa.text("SELECT name FROM stored_file LIMIT 1")).one()
        return [bytes(each) if isinstance(each, memoryview) else each for each in (*visit, *name)]


def test_free_texts_lose_nothing_when_they_become_encrypted(
    database: Database, tmp_path: Path
) -> None:
    filled(database, tmp_path)
    with database.writer() as session, transaction(session):
        visit = session.scalars(sa.select(Visit).filter_by(state=VisitState.REQUESTED)).one()
        for name, text in SECRETS.items():
            setattr(visit, name, text)
    migrations.downgrade(database, "0002")
    plain = kept_texts(database)
    assert plain[:-1] == list(SECRETS.values())
    migrations.upgrade(database)
    tokens = kept_texts(database)
    assert all(isinstance(each, bytes) and each.startswith(b"v1|") for each in tokens)
    assert not [text for text in SECRETS.values() if text and text.encode() in b"".join(tokens)]
    with database.reader() as session:
        visit = session.scalars(sa.select(Visit).filter_by(state=VisitState.REQUESTED)).one()
        assert {name: getattr(visit, name) for name in SECRETS} == SECRETS
        assert plain[-1] in {file.name for file in session.scalars(sa.select(StoredFile))}
    # Numbers of people and schools are the same, and everybody signs in once more.
    assert rows(database)["sign_in_session"] == 0
