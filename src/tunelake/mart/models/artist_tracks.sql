-- meaning: The tracks that stand for an artist: its top tracks in any market; where the source gave
--   no ranking, every collected track it performs on. `basis` says which. Of an artist joined over
--   sources they are those of one: the one that stands for the artist, where it has any.
-- grain: entity_id, track_id
-- owner: mart
-- keyed: entity_id
-- not null: source, basis
with ranked as (
  select distinct source, artist_id, track_id from top_tracks where track_id is not null
),
chosen as (
  select source, artist_id, track_id, 'top_tracks' as basis from ranked
  union all
  select distinct p.source, p.artist_id, p.track_id, 'tracks' as basis
  from track_artists as p
  left join (select distinct source, artist_id from ranked) as r
    on r.source = p.source and r.artist_id = p.artist_id
  where r.artist_id is null and p.artist_id is not null
),
mine as (
  select i.entity_id, i.is_main, c.source, c.track_id, c.basis
  from chosen as c
  join identity as i on i.source = c.source and i.id = c.artist_id and i.kind = 'artist'
),
sources as (
  select
    entity_id,
    source,
    row_number() over (partition by entity_id order by is_main desc, basis, source) as place
  from (select distinct entity_id, is_main, source, basis from mine) as each_source
)
select m.entity_id, m.source, m.track_id, m.basis
from mine as m
join sources as s on s.entity_id = m.entity_id and s.source = m.source and s.place = 1
