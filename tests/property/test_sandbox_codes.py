"""What the world writes it can read again, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tunelake.sandbox.ids import decode, encode, id_of, is_id
from tunelake.sandbox.names import key, matches, strict, words
from tunelake.sandbox.world.codes import ALBUM, ARTIST, TRACK, Codes, Ref
from tunelake.sandbox.world.naming import Naming
from tunelake.sandbox.world.shuffle import Shuffle
from tunelake.sandbox.world.tongues import read_tongues

refs = st.builds(
    Ref,
    st.sampled_from([ARTIST, ALBUM, TRACK]),
    st.integers(0, 4_999_999),
    st.integers(0, 15),
    st.integers(0, 23),
)
seeds = st.integers(0, 2**63)
TONGUES = {tongue.key: tongue for tongue in read_tongues()}


@given(st.integers(0, 2**128 - 1))
def test_an_id_is_read_back(number: int) -> None:
    text = encode(number)
    assert is_id(text)
    assert decode(text) == number


@given(refs, seeds)
def test_codes_are_read_back(ref: Ref, seed: int) -> None:
    codes = Codes(seed)
    assert codes.ref(codes.id(ref)) == ref
    assert codes.recording(codes.isrc("KR", 1999, ref)) == ref._replace(kind=TRACK)
    upc = codes.upc(ref)
    assert codes.release(upc) == Ref(ALBUM, ref.owner, ref.album)
    assert sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(upc)) % 10 == 0


@given(st.text(max_size=30), seeds)
def test_foreign_ids_name_nothing(text: str, seed: int) -> None:
    codes = Codes(seed)
    assert codes.ref(text) is None
    assert codes.ref(id_of(text)) is None


@given(st.integers(1, 5_000), seeds, st.data())
def test_a_shuffle_goes_both_ways(size: int, seed: int, data: st.DataObject) -> None:
    shuffle = Shuffle(size, seed)
    number = data.draw(st.integers(0, size - 1))
    assert 0 <= shuffle.place(number) < size
    assert shuffle.back(shuffle.place(number)) == number


@given(st.sampled_from(sorted(TONGUES)), st.integers(1, 400), seeds, st.data())
def test_names_are_found_by_their_words(tongue: str, count: int, seed: int, data: st.DataObject) -> None:
    naming = Naming(TONGUES[tongue], count=count, seed=seed)
    number = data.draw(st.integers(0, count - 1))
    name = data.draw(st.sampled_from((naming.name(number), *naming.aliases(number))))
    assert number in naming.exact(key(name))
    assert number in naming.by_words(words(name), most=count)
    part = data.draw(st.sampled_from(words(name)))
    part = part[: data.draw(st.integers(1, len(part)))]
    every = {one for one in range(count) if matches(part, naming.name(one), *naming.aliases(one))}
    assert naming.by_words((part,), most=count * 50) == every


@given(st.text(max_size=20))
def test_folding_is_stable(text: str) -> None:
    assert key(text) == key(text.strip())
    assert strict(strict(text)) == strict(text)
    if words(text):
        assert matches(text, text)
