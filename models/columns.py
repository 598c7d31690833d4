"""Column shapes that many tables share."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, Integer, Text, func, text
from sqlalchemy.orm import mapped_column

small_id = Annotated[int, mapped_column(Integer, Identity(always=False), primary_key=True)]
big_id = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]
minor = Annotated[int, mapped_column(BigInteger)]  # money in minor units
moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
created = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
words = Annotated[str, mapped_column(Text)]

# The transaction that wrote a row: whoever keeps up asks for everything since the oldest transaction that was open when
# they asked last, so that none is missed, whatever the order of the commits.
WRITTEN_BY = text("(pg_current_xact_id()::text::bigint)")


def one_of(column: str, *values: str) -> CheckConstraint:
    """A named CHECK that `column` holds one of `values`."""
    return CheckConstraint(f"{column} in ({', '.join(repr(v) for v in values)})", name=column)


# The largest numbers that an id can be: what is larger names no row, and PostgreSQL would refuse to compare it.
LARGEST_ID, LARGEST_BIG_ID = 2**31 - 1, 2**63 - 1  # integer and bigint
