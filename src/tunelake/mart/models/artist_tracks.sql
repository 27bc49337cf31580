-- meaning: The tracks that stand for an artist: its top tracks in any market; where the source gave
--   no ranking, every collected track it performs on. `basis` says which.
-- grain: entity_id, track_id
-- owner: mart
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
)
select i.entity_id, c.source, c.track_id, c.basis
from chosen as c
join identity as i on i.source = c.source and i.id = c.artist_id and i.kind = 'artist'
