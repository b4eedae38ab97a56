# SPDX-License-Identifier: MIT
"""The logs of a set together: whose they are, whether one follows the other, and whether they reach far enough.

Logs of one signature are a log stream. A set has one stream, or one for each instance whose databases are in it. Logs are
read in the order of their generations, and of all that were read only the last one of each stream is remembered.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from esemu.formats.structures import NEVER
from esemu.formats.verification import checks
from esemu.formats.verification.files import report
from esemu.formats.verification.findings import Place
from esemu.formats.verification.generations import Generations, Run
from esemu.formats.verification.logs import attachments_in, check_log, header_of
from esemu.formats.verification.saved_set import PARTIAL
from esemu.formats.verification.verdict import VerifiedLogs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from esemu.formats.structures import Logtime, Signature
    from esemu.formats.verification.databases import Database
    from esemu.formats.verification.files import SavedFile
    from esemu.formats.verification.findings import Findings
    from esemu.formats.verification.logs import LogFacts
    from esemu.formats.verification.saved_logs import SavedLog


@attrs.define
class _Stream:
    """The logs of one signature, as far as they were read."""

    base: str
    first: LogFacts
    #: The log with the highest generation so far.
    last: LogFacts
    #: By the names of the files.
    generations: Generations = attrs.Factory(Generations)
    #: When the logs were created that a database names as the last one it requires.
    created: dict[int, Logtime] = attrs.Factory(dict)


class Streams:
    """All log streams of a set."""

    def __init__(self, databases: Sequence[Database], findings: Findings) -> None:
        self._databases = databases
        self._findings = findings
        self._streams: dict[Signature, _Stream] = {}
        self._owners = {database.header.sign_log for database in databases}
        self._asked = {database.header.gen_max_required for database in databases}
        #: Logs whose headers say nothing: they are there, but of which stream is unknown.
        self._unknown = Generations()
        #: Logs under foreign names, by the generation in their headers.
        self._misnamed: dict[int, str] = {}
        self._logs: Iterable[SavedLog] = ()

    def read(self, logs: Iterable[SavedLog]) -> None:
        """Check logs, one after the other; they come in the order of their generations."""
        self._logs = logs
        for log in logs:
            try:
                facts = check_log(log.file, self._findings)
            except OSError as error:
                report(error, log.file.name, self._findings)
                facts = None
            finally:
                log.file.close()
            if facts is None:
                self._unknown.add(log.generation)
            else:
                self._take(log, facts)

    def _take(self, log: SavedLog, facts: LogFacts) -> None:
        """Put a log behind the others of its stream."""
        name, stream = log.file.name, self._streams.get(facts.sign_log)
        if facts.generation != log.generation:
            self._findings.add(checks.LOG_NAME, name, f"The header states generation {facts.generation}.")
        if stream is not None:
            self._join(stream, log, facts)
        elif facts.sign_log in self._owners or not (self._streams or self._database_has_logs):
            stream = self._streams[facts.sign_log] = _Stream(log.base, facts, facts)
        else:
            whose = "a database of the set" if self._owners else "the logs before it"
            self._findings.add(checks.LOG_SIGNATURE, name, f"Its signature is not that of {whose}.")
            return
        stream.generations.add(log.generation)
        stream.last = facts
        if log.generation in self._asked:
            stream.created[log.generation] = facts.created

    @cached_property
    def _database_has_logs(self) -> bool:
        """Whether any of the logs belongs to a database of the set; if none does, it is the database that is in the wrong place."""
        return any(header.sign_log in self._owners for log in self._logs if (header := header_of(log.file)) is not None)

    def _join(self, stream: _Stream, log: SavedLog, facts: LogFacts) -> None:
        """Check a log against the one before it in its stream."""
        findings, name, last = self._findings, log.file.name, stream.last
        if log.base != stream.base:
            findings.add(checks.LOG_NAME, name, f"The other logs of its stream begin with {stream.base}.")
        if facts.segments != last.segments:
            stated = f"The log has {facts.segments} segments, the one before it {last.segments}."
            findings.add(checks.LOG_SIZE, name, stated)
        if log.generation == stream.generations.last:
            if facts != last:
                findings.add(checks.LOG_TWICE, name, f"It is not the same as the other log {log.generation}.")
        elif log.generation == stream.generations.last + 1:
            if facts.previous_created != last.created:
                findings.add(checks.CHAIN_TIME, name, "The log before it is not the one that it follows.")
            elif facts.previous_checksum is not None and last.segments_checksum not in {None, facts.previous_checksum}:
                findings.add(checks.CHAIN_CHECKSUM, name, "The log before it has not the contents that it follows.")

    def check_generations(self, misnamed: Sequence[SavedLog]) -> None:
        """Check that no log is missing between others, and that each database finds the logs that it needs."""
        self._misnamed = {log.generation: log.file.name for log in misnamed}
        for stream in self._streams.values():
            for gap in self._gaps(stream, stream.generations.first, stream.generations.last):
                self._miss(checks.LOG_MISSING, "", gap, "The log is missing.")
        for database in self._databases:
            own = self._streams.get(database.header.sign_log)
            needed = Run(database.gen_low, database.gen_high or database.header.gen_max_committed)
            if 0 < needed.first <= needed.last:
                self._check_reach(database, own, needed)
            if own is not None:
                self._check_fit(database, own)

    def _gaps(self, stream: _Stream | None, first: int, last: int) -> Iterator[Run]:
        """Return the generations of which there is no log at all."""
        for gap in (Generations() if stream is None else stream.generations).gaps(first, last):
            yield from self._unknown.gaps(*gap)

    def _check_reach(self, database: Database, stream: _Stream | None, needed: Run) -> None:
        """Check that the logs begin and end where a database needs it."""
        header, name = database.header, database.file.name
        missing = list(self._gaps(stream, *needed))
        if stream is None and self._streams:
            self._findings.add(checks.DATABASE_STREAM, name, "The logs of the set are of another log stream.")
            return
        if stream is None:
            for gap in missing:
                self._miss(checks.LOG_MISSING, name, gap, "No log that this database needs is there.")
            return
        for gap in missing:
            if gap.last < stream.generations.first:
                required = 0 < header.gen_min_required <= gap.last
                check = checks.FIRST_LOG_REQUIRED if required else checks.FIRST_LOG_MISSING
                self._miss(check, name, gap, "The first logs of the backup are missing.")
            elif gap.first > stream.generations.last:
                self._miss(_check_of_the_last(database, gap), name, gap, "The last logs of the backup are missing.")

    def _check_fit(self, database: Database, stream: _Stream) -> None:
        """Check that the logs have the database's page size, and the time that it knows of one of them."""
        header, name = database.header, database.file.name
        if stream.first.page_size != database.page_size:
            self._findings.add(
                checks.LOG_PAGE_SIZE,
                name,
                f"Its pages have {database.page_size} bytes, in the logs {stream.first.page_size}.",
            )
        last = header.gen_max_required
        times = (header.logtime_gen_max_required, header.logtime_gen_max_create)
        known = next((time for time in times if time != NEVER), NEVER)
        # A restore to a later generation clears the time and asks no more (logutil.cxx:207).
        if last == database.gen_high and known != NEVER and stream.created.get(last, known) != known:
            place = Place("generation", last, last)
            self._findings.add(
                checks.LOG_TIME, name, "The log was created at another time than the database says.", place
            )

    def _miss(self, check: checks.Check, file: str, gap: Run, message: str) -> None:
        """Report missing generations, and where one of them is after all."""
        found = next((number for number in self._misnamed if gap.first <= number <= gap.last), None)
        if found is not None:
            message = f"{message} By its header, {self._misnamed[found]} is log {found}."
        self._findings.add(check, file, message, Place("generation", *gap))

    def check_attachments(self, files: Iterable[SavedFile]) -> None:
        """Check that the databases that the last log names as attached are among `files`, and none in another's place."""
        signatures = {database.header.sign_db for database in self._databases}
        names = {_file_name(file.name.removesuffix(PARTIAL)) for file in files}
        for signature, stream in self._streams.items():
            own = [database for database in self._databases if database.header.sign_log == signature]
            for attachment in attachments_in(stream.last.attachments):
                name = _file_name(attachment.path)
                if attachment.sign_db not in signatures and name not in names:
                    self._findings.add(checks.DATABASE_LEFT_OUT, "", f"{attachment.path} is not in the set.")
                there = [database for database in own if _file_name(database.file.name) == name]
                if there and all(database.header.sign_db != attachment.sign_db for database in there):
                    message = f"It is another database than {attachment.path}."
                    self._findings.add(checks.DATABASE_NAME, there[0].file.name, message)

    def summaries(self) -> tuple[VerifiedLogs, ...]:
        """Return what logs there are."""
        return tuple(
            VerifiedLogs(stream.base, stream.generations.added, stream.generations.first, stream.generations.last)
            for stream in self._streams.values()
        )


def _check_of_the_last(database: Database, gap: Run) -> checks.Check:
    """Return what the engine says where the logs behind `gap.first` are missing (ErrLGCheckDatabaseGens)."""
    header, trailer = database.header, database.trailer
    if header.gen_max_required >= gap.first:
        return checks.LAST_LOG_REQUIRED
    if max(header.gen_max_committed, trailer.gen_max_committed if trailer else 0) >= gap.first:
        return checks.LAST_LOG_COMMITTED
    return checks.LAST_LOG_MISSING


def _file_name(path: str) -> str:
    """Return the last part of a path, in lower case."""
    return path.replace("\\", "/").rpartition("/")[2].lower()
