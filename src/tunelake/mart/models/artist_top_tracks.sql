-- meaning: The tracks an artist is shown with: the source's ranking in each market (`kind` is
--   top_tracks), else, with an empty market, its ten newest songs (`kind` is tracks).
-- grain: entity_id, market, track_id
-- owner: mart
-- keyed: entity_id
-- not null: rank, name, kind
-- range: rank 1.., duration_ms 0.., popularity 0..100
with described as (
  select
    t.source,
    t.track_id,
    t.name,
    t.duration_ms,
    t.popularity,
    t.url,
    b.name as album,
    b.release_date,
    try_cast(substr(b.release_date, 1, 4) as integer) as year
  from tracks as t
  left join albums as b on b.source = t.source and b.album_id = t.album_id
),
songs as (
  select
    c.entity_id,
    d.*,
    row_number() over (
      partition by c.entity_id, lower(d.name)
      order by d.release_date desc nulls last, d.popularity desc nulls last, d.track_id
    ) as issue
  from artist_tracks as c
  join described as d on d.source = c.source and d.track_id = c.track_id
  where c.basis = 'tracks'
),
newest as (
  select
    *,
    row_number() over (
      partition by entity_id
      order by release_date desc nulls last, popularity desc nulls last, name, track_id
    ) as rank
  from songs
  where issue = 1
)
select
  i.entity_id,
  r.market,
  r.rank,
  r.track_id,
  coalesce(d.name, r.track_id) as name,
  d.album,
  d.year,
  d.duration_ms,
  d.popularity,
  d.url,
  'top_tracks' as kind
from top_tracks as r
join identity as i on i.source = r.source and i.id = r.artist_id and i.kind = 'artist'
join artist_tracks as c
  on c.entity_id = i.entity_id and c.source = r.source and c.track_id = r.track_id and c.basis = 'top_tracks'
left join described as d on d.source = r.source and d.track_id = r.track_id
union all
select
  entity_id,
  '' as market,
  cast(rank as integer) as rank,
  track_id,
  coalesce(name, track_id) as name,
  album,
  year,
  duration_ms,
  popularity,
  url,
  'tracks' as kind
from newest
where rank <= 10
