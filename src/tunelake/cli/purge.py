"""`tunelake purge`: an artist, a user or a source goes, everywhere, with a proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

import tunelake
from tunelake.bootstrap import purging
from tunelake.bootstrap.tunelake import Tunelake
from tunelake.cli.show import emit, json_option, progress
from tunelake.cli.show import table as show_table
from tunelake.errors import ConfigError

if TYPE_CHECKING:
    from tunelake.govern.purge.job import Preview
    from tunelake.govern.purge.proof import Proof
    from tunelake.govern.purge.residue import Residue
    from tunelake.lake.subjects.subject import Subject


@click.command()
@click.option("--artist", metavar="ID", help="An artist, by an id of any source or by entity_id.")
@click.option(
    "--user", metavar="ID", help="A listener, by the id at the source (spotify, or as --source says)."
)
@click.option("--source", metavar="NAME", help="All of a source; with --user, where that id is from.")
@click.option("--yes", is_flag=True, help="Erase; without it, only what would go is shown.")
@click.option("--resume", is_flag=True, help="Go on with a purge that did not finish.")
@click.option(
    "--verify",
    metavar="PROOF",
    help="Check a proof (or the last), and search once more for what it is about.",
)
@click.option("--list", "listed", is_flag=True, help="Show the proofs, and what may not come back.")
@click.option("--lift", metavar="ID", help="Let an artist or a user come back that was erased.")
@click.option("--wait", default=60.0, show_default=True, help="Seconds to wait for readers of old files.")
@json_option
def purge(  # noqa: PLR0917  (click gives them by name)
    artist: str | None,
    user: str | None,
    source: str | None,
    yes: bool,
    resume: bool,
    verify: str | None,
    listed: bool,
    lift: str | None,
    wait: float,
    as_json: bool,
) -> int:
    """Erase an artist, a listener or a source from every place, old versions included, and prove it.

    Without --yes nothing is changed. What was erased does not come back by a later collection or upload,
    until it is lifted.
    """
    home = tunelake.open()
    given = [name for name, value in {"artist": artist, "user": user}.items() if value]
    if len(given) > 1:
        raise ConfigError("one at a time: --artist or --user")
    if verify:
        return _verify(home, verify, as_json=as_json)
    if listed:
        return _list(home, as_json=as_json)
    if lift:
        return _lift(home, lift, source, as_json=as_json)
    begun = purging.pending(home)
    if resume or (yes and begun):
        # Whatever is asked for now, what was begun is finished first.
        finished = _erased(home, None, wait)
        if resume or (begun and begun.asked in {artist, user, source}):
            return _prove(finished, as_json=as_json)
    subject = purging.subject_of(home, artist=artist, user=user, source=source)
    if not yes:
        return _look(home, subject, as_json=as_json)
    return _prove(_erased(home, subject, wait), as_json=as_json)


def _look(home: Tunelake, subject: Subject, *, as_json: bool) -> int:
    found = purging.look(home, subject)
    emit(msgspec.to_builtins(found), as_json=as_json, human=lambda: _show_preview(home, found))
    return 0


def _show_preview(home: Tunelake, found: Preview) -> None:
    _show_subject(found.subject)
    if not found.counts:
        click.echo("nothing here tells of it")
        if found.subject.kind == "source":
            query = "select distinct source from raw_pages order by source"
            told = [str(row["source"]) for row in home.sql(query).to_pylist()]
            click.echo(f"there are rows of {', '.join(told)}" if told else "there are no rows of any source")
        return
    show_table(["where", "would go"], [[place, f"{count:,}"] for place, count in found.counts.items()])
    click.echo("and with these: older versions of all tables, what serves, and files left by crashes")
    click.echo("nothing was changed; with --yes it is erased")


def _show_subject(subject: Subject) -> None:
    for kind, by_source in subject.ids.items():
        for source, ids in by_source.items():
            shown = ", ".join(ids[:5]) + (f" and {len(ids) - 5:,} more" if len(ids) > 5 else "")  # noqa: PLR2004
            click.echo(f"{kind} of {source}: {shown}")
    if subject.names:
        click.echo(f"called {', '.join(subject.names)}")
    for name in subject.shared:
        click.echo(f"{name} is also the name of somebody else: where it stands alone, it stays")


def _erased(home: Tunelake, subject: Subject | None, wait: float) -> Proof:
    with progress("purge") as update:
        return purging.purge(home, subject, update, wait)


def _prove(proof: Proof, *, as_json: bool) -> int:
    emit(msgspec.to_builtins(proof), as_json=as_json, human=lambda: _show_proof(proof))
    return 0


def _show_proof(proof: Proof) -> None:
    show_table(["where", "erased"], [[place, f"{count:,}"] for place, count in proof.erased.items()])
    searched = f"{proof.files:,} files and what serves, {proof.size / 1e6:,.1f} MB decoded"
    click.echo(f"searched {searched}: {proof.left} left")
    click.echo(f"proof: {proof.id}; check it with `tunelake purge --verify {proof.id}`")
    click.echo("figures over many artists are counted anew by the next `tunelake build`")


def _verify(home: Tunelake, named: str, *, as_json: bool) -> int:
    proof, left = purging.verify(home, named)
    document = {"proof": proof.id, "signed": True, "left": left.total, "places": left.places()}
    emit(document, as_json=as_json, human=lambda: _show_left(proof, left))
    return 1 if left.total else 0


def _show_left(proof: Proof, left: Residue) -> None:
    click.echo(f"{proof.id} is signed by this home, and was written {proof.finished_at:%Y-%m-%d %H:%M} UTC")
    click.echo(
        f"searched {left.files:,} files and what serves, {left.size / 1e6:,.1f} MB decoded: {left.total} left"
    )
    for place in left.places():
        click.echo(f"  {place}")


def _list(home: Tunelake, *, as_json: bool) -> int:
    kept = [{"kind": one.kind, "at": one.at, "subject": one.subject} for one in purging.listed(home)]
    document = {
        "proofs": purging.proofs(home),
        "suppressed": kept,
        "pending": purging.pending(home) is not None,
    }
    emit(document, as_json=as_json, human=lambda: _show_list(document))
    return 0


def _show_list(document: dict[str, Any]) -> None:
    for name in document["proofs"] or ["there are no proofs"]:
        click.echo(name)
    for one in document["suppressed"]:
        click.echo(
            f"may not come back: {one['kind']} {one['subject'][:8]}, erased {one['at']:%Y-%m-%d %H:%M} UTC"
        )
    if document["pending"]:
        click.echo("a purge did not finish: run `tunelake purge --resume`")


def _lift(home: Tunelake, asked: str, source: str | None, *, as_json: bool) -> int:
    lifted = purging.lift(home, asked, source)
    said = "may come back, when it is collected or uploaded again" if lifted else "is not on the list"
    emit({"lifted": lifted}, as_json=as_json, human=lambda: click.echo(f"{asked} {said}"))
    return 0 if lifted else 1
