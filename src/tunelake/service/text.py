"""An answer for a terminal: coloured by rich, or as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunelake.domain.cards import ArtistDocument
from tunelake.service import words
from tunelake.service.answer import Answer
from tunelake.service.question import Language

if TYPE_CHECKING:
    from rich.console import RenderableType

_LABELS = {
    "genres": ("Genres", "장르"),
    "popularity": ("Popularity", "인기도"),
    "followers": ("Followers", "팔로워"),
    "country": ("Country", "나라"),
    "top_tracks": ("Top tracks", "인기곡"),
    "tracks": ("Newest tracks (this source gives no ranking)", "최신곡 (이 제공처는 순위를 주지 않아요)"),
    "releases": ("Releases", "발매 음반"),
    "similar": ("Similar artists", "비슷한 아티스트"),
    "source": ("Source", "출처"),
    "collected_now": ("collected just now", "방금 모았어요"),
    "try": ("Try", "이렇게 물어보세요"),
}


def label(key: str, language: Language) -> str:
    """Return a heading in a language."""
    english, korean = _LABELS[key]
    return korean if language == "ko" else english


def facts(document: ArtistDocument, language: Language) -> list[tuple[str, str]]:
    """Return what the card says about an artist, as heading and value; unknown facts are left out."""
    rows = [
        ("genres", ", ".join(document.genres)),
        ("popularity", "" if document.popularity is None else f"{document.popularity}/100"),
        ("followers", "" if document.followers is None else words.count(document.followers)),
        ("country", document.country or ""),
    ]
    return [(label(key, language), value) for key, value in rows if value]


def source(document: ArtistDocument) -> str:
    """Return where the facts come from, when, and under which rights."""
    receipt = document.receipt
    if receipt is None:
        return document.source
    return f"{receipt.source}, {receipt.observed_at:%Y-%m-%d %H:%M} UTC, rights: {receipt.rights}"


def plain(answer: Answer, most: int = 5) -> str:
    """Return the answer as lines of plain text.

    Args:
        answer: What to say.
        most: Tracks and similar artists to show at most.
    """
    language = answer.language
    lines = [answer.text]
    lines += [f"  - {c.name}" + (f" ({c.note})" if c.note else "") for c in answer.candidates]
    if answer.suggestions:
        lines.append(f"{label('try', language)}: {', '.join(answer.suggestions)}")
    if answer.document is not None:
        lines += _document_lines(answer.document, language, most)
    if answer.note:
        lines.append(f"({answer.note})")
    return "\n".join(lines)


def _document_lines(document: ArtistDocument, language: Language, most: int) -> list[str]:
    lines = [f"{head}: {value}" for head, value in facts(document, language)]
    if document.top_tracks:
        lines.append(f"{label(document.top_kind, language)}:")
        lines += [f"  {rank}. {line}" for rank, line in enumerate(track_lines(document, most), 1)]
    if document.neighbours:
        lines.append(f"{label('similar', language)}:")
        for near in document.neighbours[:most]:
            why = words.reasons(near, language)
            lines.append(f"  {near.rank}. {near.name}" + (f" ({why})" if why else ""))
    return [*lines, f"{label('source', language)}: {source(document)}"]


def track_lines(document: ArtistDocument, most: int) -> list[str]:
    """Return the first tracks, one line each: name, album and year, playing time."""
    lines = []
    for track in document.top_tracks[:most]:
        where = ", ".join(str(part) for part in (track.album, track.year) if part)
        tail = "  ".join(part for part in (where, words.duration(track.duration_ms)) if part)
        lines.append(f"{track.name}  {tail}".rstrip())
    return lines


def rendered(answer: Answer, most: int = 5) -> RenderableType:
    """Return the answer for a rich console: a panel with facts, tracks and similar artists."""
    from rich import box
    from rich.console import Group
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    document, language = answer.document, answer.language
    if document is None:
        return Text(plain(answer, most))
    grid = Table.grid(padding=(0, 2))
    for head, value in facts(document, language):
        grid.add_row(Text(head, style="dim"), Text(value))
    parts: list[RenderableType] = [grid]
    if document.top_tracks:
        parts += ["", Text(label(document.top_kind, language), style="bold")]
        parts += [Text(f"{rank:>2}. {line}") for rank, line in enumerate(track_lines(document, most), 1)]
    if document.neighbours:
        near_table = Table(box=box.SIMPLE_HEAD, show_header=False, padding=(0, 1), pad_edge=False)
        for near in document.neighbours[:most]:
            near_table.add_row(
                f"{near.rank}.",
                Text(near.name, style="bold"),
                Text(words.reasons(near, language), style="dim"),
            )
        parts += ["", Text(label("similar", language), style="bold"), near_table]
    tail = f"{label('source', language)}: {source(document)}"
    extra = [tail, *([answer.note] if answer.note else [])]
    parts += ["", Text("\n".join(extra), style="dim")]
    timing = f"{answer.took_ms:,.1f} ms"
    if answer.collected_now:
        timing += f", {label('collected_now', language)}"
    return Panel(Group(*parts), title=Text(document.name, style="bold"), subtitle=timing, title_align="left")
