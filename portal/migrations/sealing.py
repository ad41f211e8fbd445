"""Free text that becomes encrypted, or plain again on the way down, for the migrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.core import crypto


def seal(table: str, columns: tuple[str, ...]) -> None:
    """Encrypt what these columns of a table hold from now on, and held so far."""
    with op.batch_alter_table(table) as batch_op:
        for name in columns:
            batch_op.alter_column(name, new_column_name=f"{name}_plain")
    with op.batch_alter_table(table) as batch_op:
        for name in columns:
            batch_op.add_column(sa.Column(name, sa.LargeBinary(), nullable=True))
    plain = [sa.column(f"{name}_plain", sa.String()) for name in columns]
    sealed = [sa.column(name, sa.LargeBinary()) for name in columns]
    rows = sa.table(table, sa.column("id", sa.Uuid()), *plain, *sealed)
    bind = op.get_bind()
    for row in bind.execute(sa.select(rows.c.id, *plain)).all():
        values = {
            name: crypto.ring().encrypt(crypto.place_of(table, name, row.id), text.encode())
            for name, text in zip(columns, row[1:], strict=True)
        }
        bind.execute(sa.update(rows).where(rows.c.id == row.id).values(values))
    with op.batch_alter_table(table) as batch_op:
        for name in columns:
            batch_op.alter_column(name, existing_type=sa.LargeBinary(), nullable=False)
            batch_op.drop_column(f"{name}_plain")
    if bind.dialect.name == "postgresql":
        # A dropped column stays in every row on the disk until the table is written anew.
        op.execute(f"CLUSTER {table} USING pk_{table}")
        op.execute(f"ALTER TABLE {table} SET WITHOUT CLUSTER")


def unseal(table: str, columns: dict[str, int]) -> None:
    """Decrypt what these columns hold, by their lengths; what is longer is cut."""
    with op.batch_alter_table(table) as batch_op:
        for name in columns:
            batch_op.alter_column(name, new_column_name=f"{name}_sealed")
    with op.batch_alter_table(table) as batch_op:
        for name, length in columns.items():
            batch_op.add_column(sa.Column(name, sa.String(length), nullable=True))
    sealed = [sa.column(f"{name}_sealed", sa.LargeBinary()) for name in columns]
    plain = [sa.column(name, sa.String()) for name in columns]
    rows = sa.table(table, sa.column("id", sa.Uuid()), *plain, *sealed)
    bind = op.get_bind()
    for row in bind.execute(sa.select(rows.c.id, *sealed)).all():
        values = {
            name: crypto.ring().decrypt(crypto.place_of(table, name, row.id), token).decode()[:most]
            for (name, most), token in zip(columns.items(), row[1:], strict=True)
        }
        bind.execute(sa.update(rows).where(rows.c.id == row.id).values(values))
    with op.batch_alter_table(table) as batch_op:
        for name, length in columns.items():
            batch_op.alter_column(name, existing_type=sa.String(length), nullable=False)
            batch_op.drop_column(f"{name}_sealed")
