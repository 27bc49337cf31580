-- meaning: The labels an artist is on: albums, those it is credited on first, and the years they span.
-- grain: entity_id, label
-- owner: mart
-- keyed: entity_id
-- not null: albums, first_credited, rights
-- range: albums 1.., first_credited 0..
with credited as (
  select
    i.entity_id,
    trim(b.label) as label,
    b.album_id,
    p.position,
    try_cast(substr(b.release_date, 1, 4) as integer) as year,
    b.popularity,
    coalesce(b.rights, 'unknown') as rights
  from album_artists as p
  join identity as i on i.source = p.source and i.id = p.artist_id and i.kind = 'artist' and i.is_main
  join albums as b on b.source = p.source and b.album_id = p.album_id
  where trim(b.label) <> ''
)
select
  entity_id,
  label,
  count(distinct album_id) as albums,
  count(distinct case when position = 0 then album_id end) as first_credited,
  min(year) as first_year,
  max(year) as last_year,
  max(popularity) as best_popularity,
  string_agg(distinct rights, '+' order by rights) as rights
from credited
group by entity_id, label
