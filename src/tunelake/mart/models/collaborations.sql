-- meaning: Who performs on the same tracks, seen from both sides. A title shared by the same two is one
--   song, in however many issues; `songs` names at most three, the best known first.
-- grain: entity_id, other_entity_id
-- owner: mart
-- keyed: entity_id
-- use: model
-- not null: source, shared_tracks, shared_songs, songs, rights
-- range: shared_tracks 1.., shared_songs 1..
-- none: select * from collaborations where entity_id = other_entity_id
with performed as (
  select
    i.entity_id,
    p.source,
    p.track_id,
    coalesce(t.name, p.track_id) as name,
    t.popularity,
    coalesce(p.rights, 'unknown') as rights,
    t.rights as title_rights
  from track_artists as p
  join identity as i on i.source = p.source and i.id = p.artist_id and i.kind = 'artist'
  left join tracks as t on t.source = p.source and t.track_id = p.track_id
),
songs as (
  select
    a.entity_id,
    b.entity_id as other_entity_id,
    a.source,
    a.rights,
    a.title_rights,
    lower(a.name) as song,
    min(a.name) as name,
    max(a.popularity) as popularity,
    count(distinct a.track_id) as tracks
  from performed as a
  join performed as b on b.source = a.source and b.track_id = a.track_id
  where a.entity_id <> b.entity_id
  group by a.entity_id, b.entity_id, a.source, a.rights, a.title_rights, lower(a.name)
),
best as (
  select
    *,
    row_number() over (
      partition by entity_id, other_entity_id, source
      order by popularity desc nulls last, name, song, rights, title_rights
    ) as place
  from songs
),
by_source as (
  select
    entity_id,
    other_entity_id,
    source,
    cast(sum(tracks) as bigint) as shared_tracks,
    count(distinct song) as shared_songs,
    array_agg(name order by place) filter (where place <= 3) as songs
  from best
  group by entity_id, other_entity_id, source
),
tags as (
  select entity_id, other_entity_id, source, string_agg(rights, '+' order by rights) as rights
  from (
    select entity_id, other_entity_id, source, rights from songs
    union
    select entity_id, other_entity_id, source, title_rights from songs where title_rights is not null
  ) as every_tag
  group by entity_id, other_entity_id, source
),
-- Sources that tell of the same two are not added up: the one that knows most songs tells.
told as (
  select
    *,
    row_number() over (
      partition by entity_id, other_entity_id order by shared_songs desc, shared_tracks desc, source
    ) as place
  from by_source
)
select t.entity_id, t.other_entity_id, t.source, t.shared_tracks, t.shared_songs, t.songs, g.rights
from told as t
join tags as g
  on g.entity_id = t.entity_id and g.other_entity_id = t.other_entity_id and g.source = t.source
where t.place = 1
