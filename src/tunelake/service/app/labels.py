"""Every word of the pages, in English and Korean."""

from __future__ import annotations

from typing import Final

from tunelake.service.question import Language

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "tagline": ("Ask for an artist.", "아티스트를 물어보세요."),
    "lead": (
        "Cards, tracks, releases and similar artists, each with the reason and the receipt.",
        "카드, 대표곡, 발매 음반, 비슷한 아티스트를 이유와 출처까지 함께 보여 드려요.",
    ),
    "search": ("Search for an artist", "아티스트 검색"),
    "placeholder": ("BTS, Björk, 에스파 노래 추천해줘 …", "BTS, 에스파 노래 추천해줘, Björk …"),
    "go": ("Search", "검색"),
    "examples": ("Try", "이렇게 물어보세요"),
    "skip": ("Skip to the content", "본문으로 건너뛰기"),
    "language": ("한국어", "English"),
    "theme": ("Light or dark", "밝게 또는 어둡게"),
    "genres": ("Genres", "장르"),
    "aliases": ("Also known as", "다른 이름"),
    "popularity": ("Popularity", "인기도"),
    "followers": ("Followers", "팔로워"),
    "country": ("Country", "나라"),
    "releases_count": ("Releases", "발매"),
    "top_tracks": ("Top tracks", "인기곡"),
    "tracks": ("Newest tracks", "최신곡"),
    "tracks_note": (
        "This source gives no ranking, so the newest tracks are shown.",
        "이 제공처는 순위를 주지 않아 최신곡을 보여 드려요.",
    ),
    "similar": ("Similar artists", "비슷한 아티스트"),
    "similar_lead": ("Nearest first, with the reasons.", "가까운 순서대로, 이유와 함께."),
    "map": ("The waters around", "주변 지도"),
    "map_lead": (
        "The closer to the middle, the more similar. The colour of a line is the strongest reason.",
        "가운데에 가까울수록 비슷해요. 선의 색은 가장 큰 이유예요.",
    ),
    "map_alt": (
        "A map of similar artists. The same artists are in the list of similar artists.",
        "비슷한 아티스트 지도. 같은 내용이 비슷한 아티스트 목록에 있어요.",
    ),
    "sound": ("Sound", "소리"),
    "genres_channel": ("Genres", "장르"),
    "collaboration": ("Collaboration", "협업"),
    "timeline": ("Releases through the years", "연도별 발매"),
    "timeline_alt": (
        "Releases by year. The list below holds the same.",
        "연도별 발매 음반. 아래 목록에 같은 내용이 있어요.",
    ),
    "all_releases": ("All releases", "모든 발매 음반"),
    "features": ("How it sounds", "어떤 소리인가요"),
    "features_lead": (
        "Each line is one similar artist, the dot is this one.",
        "선 하나가 비슷한 아티스트 하나, 점이 이 아티스트예요.",
    ),
    "features_alt": (
        "Audio features of the artist beside those of similar artists.",
        "아티스트와 비슷한 아티스트들의 오디오 특성 비교.",
    ),
    "figures": ("As a table", "표로 보기"),
    "artist": ("This artist", "이 아티스트"),
    "neighbours": ("Similar artists", "비슷한 아티스트"),
    "receipt": ("Receipt", "출처 영수증"),
    "source": ("Source", "제공처"),
    "observed": ("Observed", "관측 시각"),
    "rights": ("Rights", "이용 권리"),
    "raw_page": ("Raw page", "원본 페이지"),
    "id": ("Tunelake id", "Tunelake ID"),
    "open": ("Open at the source", "제공처에서 열기"),
    "took": ("Answered in", "응답 시간"),
    "nothing": ("Nothing known yet.", "아직 알려진 것이 없어요."),
    "did_you_mean": ("Did you mean", "혹시 이 아티스트인가요"),
    "asking": ("Collecting “{q}”", "“{q}” 모으는 중"),
    "asking_lead": (
        "This artist is new here, so the source is being asked now. This page goes on by itself.",
        "아직 모아 둔 적이 없는 아티스트라 지금 제공처에 물어보고 있어요. 끝나면 자동으로 넘어가요.",
    ),
    "refresh": ("Look again", "다시 확인"),
    "not_built": (
        "Plots and suggestions are off: the browser assets are not built. Build them with: make assets",
        "그래프와 실시간 검색이 꺼져 있어요. 브라우저 자산이 아직 빌드되지 않았어요. 빌드 명령: make assets",
    ),
    "api": ("API", "API"),
    "api_title": ("The same answers for programs", "프로그램을 위한 같은 답"),
    "problem_400": ("Not understood", "이해하지 못했어요"),
    "problem_404": ("Not found", "찾을 수 없어요"),
    "problem_500": ("Something went wrong", "문제가 생겼어요"),
    "problem_502": ("The source failed", "제공처에 문제가 있어요"),
    "problem_503": ("Not now", "지금은 안 돼요"),
    "not_found_hint": (
        "Check the spelling, or try one of these:",
        "철자를 확인하거나 다음 중에서 골라 보세요:",
    ),
    "missing_page": ("There is no such page or artist.", "그런 페이지나 아티스트가 없어요."),
    "home": ("Home", "처음으로"),
    "album": ("Album", "앨범"),
    "single": ("Single", "싱글"),
    "compilation": ("Compilation", "컴필레이션"),
    "ep": ("EP", "EP"),
    "appears_on": ("Appears on", "참여"),
    "year": ("Year", "연도"),
    "unknown_date": ("no date", "날짜 미상"),
    "track_count": ("tracks", "곡"),
    "footer": (
        "Every figure names its source. Nothing on this page is loaded from another host.",
        "모든 수치에는 출처가 있어요. 이 페이지는 다른 서버에서 아무것도 불러오지 않아요.",
    ),
}


class Labels:
    """The words in one language: `labels("similar")`; an unknown key is shown as it is."""

    def __init__(self, language: Language) -> None:
        self._index = 1 if language == "ko" else 0

    def __call__(self, key: str, **values: str) -> str:
        """Return the words for a key, with the values filled in."""
        words = _WORDS.get(key)
        text = key.replace("_", " ") if words is None else words[self._index]
        return text.format(**values) if values else text
