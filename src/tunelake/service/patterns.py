"""The words people put around a name, English and Korean, as tables of regular expressions."""

from __future__ import annotations

import re
from typing import Final


def _compile(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


_THING = (
    r"(?:artists?|bands?|singers?|musicians?|groups?|music|songs?|tracks?|albums?|something|anything|someone)"
)
_KIND = r"(?:가수|아티스트|뮤지션|그룹|밴드|음악가|노래|음악|곡)"

# Words that might begin a name as well ("I Love You But I've Chosen Darkness"): the whole text stays first.
WEAK: Final = _compile(
    r"^(?:i|we)\s+(?:really\s+|also\s+|just\s+|do\s+)*(?:like|love|adore|enjoy|prefer|want|need)\s+(?:to\s+(?:hear|play)\s+)?",
    r"^(?:play|show|find|search|who\s+is|who\s+are|what\s+about|how\s+about|more|similar)\s+",
    r"^(?:나는|난|저는|전|나|저|우리는|내가|제가)\s+",
)

BEFORE: Final = _compile(
    r"^(?:hi|hello|hey|please|ok|okay|um|so|well)\s*[,!.]+\s*",
    r"^(?:can|could|would|will)\s+you\s+(?:please\s+)?",
    r"^(?:i|we)(?:'m| am|'re| are)\s+(?:really\s+)?(?:into|listening\s+to)\s+",
    r"^(?:i|we)(?:'m| am|'re| are)\s+(?:a\s+)?(?:big\s+|huge\s+)?fans?\s+of\s+",
    r"^(?:i|we)\s+(?:often\s+|always\s+)?listen\s+to\s+",
    r"^my\s+(?:all[- ]time\s+)?favou?rite\s+" + _THING + r"\s+(?:is|are)\s+",
    r"^(?:do\s+you\s+(?:know|like)|have\s+you\s+heard(?:\s+of)?|tell\s+me\s+(?:something\s+|more\s+)?about)\s+",
    r"^(?:show|play|find|give|recommend|suggest)\s+me\s+",
    r"^(?:search\s+for|look\s+up|looking\s+for|recommend|suggest)\s+",
    r"^(?:who|what|which\s+" + _THING + r")\s+(?:else\s+)?(?:sounds?|is|are)\s+(?:like|similar\s+to)\s+",
    r"^(?:some\s+|an?\s+|more\s+|other\s+)?" + _THING + r"\s+(?:that\s+)?(?:sounds?\s+|is\s+|are\s+)?"
    r"(?:like|similar\s+to|by|from|of)\s+",
    r"^(?:similar\s+(?:to|" + _THING + r"\s+to)|more\s+like)\s+",
    r"^(?:혹시|그럼|그러면|음|요즘|요새|진짜|정말|저기|안녕하세요|안녕)[,!.~]*\s+",
    r"^(?:(?:내가|제가)\s+)?(?:제일\s*|가장\s*|요즘\s*)*좋아하는\s*" + _KIND + r"(?:는|은|이|가)?\s+",
    r"^(?:(?:제|내|나의|저의)\s*)?최애\s*" + _KIND + r"?(?:는|은)?\s+",
)

_HOW = r"(?:(?:너무|정말|진짜|완전|제일|가장|많이|좀|요즘|자주|엄청|무척|참)\s*)*"
_GIVE = r"(?:해\s*)?(?:줘|주세요|줄래|줄\s*수\s*있어|부탁해|부탁드려요|부탁드립니다|바람)?요?"

AFTER: Final = _compile(
    r"\s+(?:is|are)\s+(?:so\s+|really\s+)?(?:great|good|awesome|amazing|cool|the\s+best|my\s+favou?rites?(?:\s+\w+)?)$",
    r"(?:'s)?\s+(?:top\s+|best\s+|latest\s+|new\s+)*(?:songs?|music|tracks?|albums?|discography|please|thanks|thank\s+you)$",
    r"\s+(?:similar|related)\s+" + _THING + r"$",
    r"\s*(?:^|(?<=\s))"
    + _HOW
    + r"(?:좋아(?:해|함|합니다|하는데|하거든|했어|하지)?|좋다|좋음|좋네|사랑해|사랑합니다|최고|짱)"
    r"(?:요|야|다|예요|에요|입니다|이야)?$",
    r"\s*(?:^|(?<=\s))"
    + _HOW
    + r"(?:들어|들어봤어|듣고\s*있어|듣고\s*싶어|들려\s*줘|틀어\s*줘|들을래|알아|알고\s*있어|있어|없어)요?$",
    r"\s*(?:^|(?<=\s))(?:추천|소개|검색)\s*" + _GIVE + r"$",
    r"\s*(?:^|(?<=\s))(?:알려|찾아|보여|들려|틀어)\s*(?:줘|주세요|줄래|봐)요?$",
    r"\s*(?:^|(?<=\s))(?:누구|뭐|어때|어떤\s*"
    + _KIND
    + r")(?:야|예요|에요|이야|지|니|가\s*있어|\s*있어)?요?$",
    r"\s*(?:팬)(?:이야|이에요|입니다|임|인데)?$",
    r"\s*(?:^|(?<=\s))(?:비슷한|닮은|같은|유사한)\s*(?:느낌의?\s*|스타일의?\s*)?(?:다른\s*)?"
    + _KIND
    + r"?(?:들|을|를|은|는|이|가|좀)*$",
    r"\s*(?:^|(?<=\s))(?:신곡|인기곡|대표곡|히트곡|최신곡|앨범|음반|정보|프로필|"
    + _KIND
    + r")(?:들|을|를|은|는|이|가|좀|도|만)*$",
)

# Longest first, so that "에게서" is not taken for "서".
PARTICLE: Final = re.compile(
    r"(?<=[\w!?.)'\"’])(?:이라고|에게서|한테서|라고|이랑|하고|처럼|같이|보다|부터|까지|에서|한테|에게|이란|"
    r"이야|이요|예요|이에요|입니다|랑|란|야|은|는|이|가|을|를|의|도|만|와|과|로|으로|요)$",
)

QUOTED: Final = re.compile(r"[\"“”„«»「」『』《》〈〉]([^\"“”„«»「」『』《》〈〉]+)[\"“”„«»「」『』《》〈〉]")

_GREETINGS = """
hi|hello|hey|hi there|good morning|good evening|get started|start|/start
안녕|안녕하세요|안녕하십니까|하이|헬로|반가워|반가워요|시작|시작하기
"""
_HELP = "help|/help|what can you do|how does this work|도움|도움말|도와줘|도와주세요|사용법|뭐 할 수 있어"
_STOP = """
a an the i me my you your he she it we they who what which is are was do does did of to in on at by for
and or but with from like love know about song songs music artist band please this that some any more
나 너 저 나는 저는 난 좀 그 이 노래 음악 가수 추천 정말 진짜 너무 좋아
"""
GREETINGS: Final = frozenset(re.split(r"[|\n]", _GREETINGS.strip()))
HELP: Final = frozenset(_HELP.split("|"))
# Words that alone are never offered as a name found inside a longer sentence.
STOP: Final = frozenset(_STOP.split())
