-- meaning: How much is known of an artist: which of its parts are in the lake, and how complete they are.
-- grain: entity_id
-- owner: mart
-- keyed: entity_id
-- not null: source, collected, has_genres, albums, dated_albums, labelled_albums, tracks, tracks_with_features, markets
-- range: albums 0.., tracks 0.., markets 0..
-- rows: select count(*) from artist_profile
-- none: select entity_id from artist_coverage where dated_albums > albums or tracks_with_features > tracks
with releases as (
  select entity_id, count(*) as albums, count(date) as dated from discography group by entity_id
),
labelled as (
  select entity_id, max(albums) as one, cast(sum(albums) as bigint) as albums from artist_labels group by entity_id
),
ranked as (
  select entity_id, count(distinct market) as markets
  from artist_top_tracks
  where kind = 'top_tracks'
  group by entity_id
)
select
  p.entity_id,
  p.source,
  f.collected,
  array_length(p.genres) > 0 as has_genres,
  p.popularity is not null as has_popularity,
  p.image_url is not null as has_picture,
  coalesce(r.albums, 0) as albums,
  coalesce(r.dated, 0) as dated_albums,
  coalesce(l.albums, 0) as labelled_albums,
  f.tracks,
  f.tracks_with_features,
  coalesce(k.markets, 0) as markets,
  p.observed_at
from artist_profile as p
join artist_facts as f on f.entity_id = p.entity_id
left join releases as r on r.entity_id = p.entity_id
left join labelled as l on l.entity_id = p.entity_id
left join ranked as k on k.entity_id = p.entity_id
