-- meaning: One line an artist: what the source that stands for it says of it, its genres in that source's
--   order, its other names in any source, and how many of its albums and tracks are in the lake.
-- grain: entity_id
-- owner: mart
-- keyed: entity_id
-- not null: source, artist_id, name, genres, aliases, albums, tracks
-- range: popularity 0..100, followers 0.., albums 0.., tracks 0..
-- rows: select count(*) from identity where is_main
with genres as (
  select source, artist_id, array_agg(genre order by position, genre) as genres
  from artist_genres
  where genre is not null
  group by source, artist_id
),
aliases as (
  select i.entity_id, array_agg(distinct l.alias order by l.alias) as aliases
  from artist_aliases as l
  join identity as i on i.source = l.source and i.id = l.artist_id and i.kind = 'artist'
  group by i.entity_id
)
select
  i.entity_id,
  a.source,
  a.artist_id,
  coalesce(a.name, a.artist_id) as name,
  a.popularity,
  a.followers,
  a.country,
  a.active_from,
  a.active_to,
  a.url,
  a.image_url,
  coalesce(g.genres, cast([] as varchar[])) as genres,
  coalesce(l.aliases, cast([] as varchar[])) as aliases,
  n.albums,
  n.tracks,
  a.observed_at,
  a.rights,
  a.page_id
from artists as a
join identity as i on i.source = a.source and i.id = a.artist_id and i.kind = 'artist' and i.is_main
join artist_counts as n on n.entity_id = i.entity_id
left join genres as g on g.source = a.source and g.artist_id = a.artist_id
left join aliases as l on l.entity_id = i.entity_id
