"""The tree of genres that generated numbers hang on: a few roots, each with its kinds."""

from __future__ import annotations

TREE: dict[str, tuple[str, ...]] = {
    "pop": (
        "dance pop", "electropop", "synth-pop", "art pop", "indie pop", "dream pop", "power pop",
        "teen pop", "europop", "soft rock", "baroque pop", "hyperpop", "chamber pop",
    ),
    "rock": (
        "alternative rock", "indie rock", "hard rock", "glam rock", "progressive rock",
        "psychedelic rock", "classic rock", "post-rock", "shoegaze", "grunge", "britpop", "folk rock",
        "blues rock", "garage rock", "art rock", "krautrock", "gothic rock", "soul rock", "new wave",
    ),
    "metal": (
        "heavy metal", "thrash metal", "nu metal", "industrial metal", "black metal", "death metal",
        "power metal", "doom metal", "symphonic metal", "metalcore", "groove metal", "kawaii metal",
    ),
    "punk": (
        "punk rock", "pop punk", "post-punk", "hardcore punk", "dance-punk", "ska punk", "emo",
    ),
    "hip hop": (
        "rap", "east coast hip hop", "west coast hip hop", "southern hip hop", "trap",
        "alternative hip hop", "conscious hip hop", "grime", "uk hip hop", "french hip hop", "latin trap",
        "korean hip hop", "german hip hop",
    ),
    "electronic": (
        "house", "deep house", "french house", "techno", "trance", "ambient", "drum and bass", "dubstep",
        "idm", "big beat", "trip hop", "downtempo", "electro", "edm", "eurodance", "synthwave",
        "breakbeat", "future bass", "tropical house",
    ),
    "r&b": (
        "contemporary r&b", "neo soul", "soul", "funk", "motown", "disco", "alternative r&b", "gospel",
    ),
    "jazz": (
        "bebop", "cool jazz", "jazz fusion", "free jazz", "vocal jazz", "swing", "bossa nova",
        "ethio-jazz", "smooth jazz", "nu jazz",
    ),
    "classical": (
        "contemporary classical", "minimalism", "film score", "opera", "piano", "choral", "neoclassical",
    ),
    "folk": (
        "singer-songwriter", "indie folk", "contemporary folk", "celtic", "nordic folk", "freak folk",
        "protest song", "neofolk",
    ),
    "country": (
        "outlaw country", "country pop", "bluegrass", "americana", "alt-country", "honky tonk",
    ),
    "blues": (
        "delta blues", "chicago blues", "electric blues", "desert blues", "soul blues",
    ),
    "reggae": (
        "roots reggae", "dub", "ska", "dancehall", "rocksteady",
    ),
    "latin": (
        "latin pop", "reggaeton", "salsa", "bachata", "cumbia", "tango", "rock en español", "ranchera",
        "nueva canción", "merengue", "mariachi", "flamenco", "flamenco pop", "latin alternative",
    ),
    "brazilian": (
        "mpb", "samba", "tropicália", "baile funk", "forró", "sertanejo",
    ),
    "african": (
        "afrobeats", "afrobeat", "highlife", "amapiano", "soukous", "mbalax", "mande music", "afropop",
        "gnawa", "raï", "isicathamiya", "morna",
    ),
    "k-pop": (
        "k-pop girl group", "k-pop boy group", "k-ballad", "k-indie", "k-rock", "trot",
    ),
    "j-pop": (
        "j-rock", "city pop", "anime", "visual kei", "vocaloid", "shibuya-kei", "enka", "j-idol",
    ),
    "c-pop": (
        "mandopop", "cantopop", "taiwanese indie", "chinese rock",
    ),
    "arabic": (
        "arabic pop", "egyptian pop", "tarab", "khaleeji", "lebanese pop", "arabic indie",
    ),
    "south asian": (
        "bollywood", "filmi", "ghazal", "qawwali", "indian classical", "punjabi pop", "bhangra",
        "indian indie",
    ),
    "russian": (
        "russian rock", "russian pop", "bard", "russian post-punk", "russian hip hop",
    ),
    "greek": (
        "laïko", "rebetiko", "éntekhno", "greek pop",
    ),
    "chanson": (
        "french pop", "variété française", "nouvelle chanson", "yé-yé",
    ),
    "balkan": (
        "balkan brass", "turbo-folk", "sevdah", "ex-yu rock",
    ),
    "turkish": (
        "turkish pop", "anatolian rock", "arabesque", "turkish folk",
    ),
    "schlager": (
        "german pop", "neue deutsche welle", "krautpop", "liedermacher",
    ),
}  # fmt: skip

PARENT: dict[str, str] = {leaf: root for root, leaves in TREE.items() for leaf in (root, *leaves)}


def root_of(genre: str) -> str:
    """The root above a genre; a genre outside the tree stands under "pop"."""
    return PARENT.get(genre, "pop")
