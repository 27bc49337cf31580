-- meaning: What artists are compared by: the mean of each audio feature over the tracks that stand
--   for the artist (`features_from` says which), and the rights of everything the facts are made of.
--   `collected` is false for an artist whose own tracks and albums were not asked for: known from
--   another's track or album, as a related artist, or from a search.
-- grain: entity_id
-- owner: mart
-- keyed: entity_id
-- use: model
-- not null: source, name, collected, rights
-- range: tracks 0.., tracks_with_features 0.., danceability 0..1, energy 0..1, speechiness 0..1,
--   acousticness 0..1, instrumentalness 0..1
-- rows: select count(*) from identity where is_main
with tagged as (
  select source, artist_id, coalesce(rights, 'unknown') as rights from artists
  union
  select source, artist_id, coalesce(rights, 'unknown') from artist_genres
),
of_sound as (
  select s.entity_id, u.tag as rights
  from artist_sound as s cross join unnest(string_split(s.rights, '+')) as u(tag)
),
tags as (
  select entity_id, string_agg(rights, '+' order by rights) as rights
  from (
    select i.entity_id, g.rights
    from tagged as g join identity as i on i.source = g.source and i.id = g.artist_id and i.is_main
    union
    select entity_id, rights from of_sound
  ) as every_tag
  group by entity_id
),
known as (
  select source, artist_id from top_tracks
  union
  select source, split_part(path, '/', 3) as artist_id from raw_pages_history
  where endpoint in ('artist_albums', 'top_tracks', 'mb_artist') and status = 200
)
select
  i.entity_id,
  a.source,
  coalesce(a.name, a.artist_id) as name,
  g.rights,
  s.features_from,
  coalesce(s.tracks, 0) as tracks,
  coalesce(s.tracks_with_features, 0) as tracks_with_features,
  s.danceability,
  s.energy,
  s.loudness,
  s.speechiness,
  s.acousticness,
  s.instrumentalness,
  k.artist_id is not null
    or a.source not in ('spotify', 'sandbox', 'musicbrainz', 'listenbrainz') as collected
from artists as a
join identity as i on i.source = a.source and i.id = a.artist_id and i.kind = 'artist' and i.is_main
join tags as g on g.entity_id = i.entity_id
left join artist_sound as s on s.entity_id = i.entity_id
left join known as k on k.source = a.source and k.artist_id = a.artist_id
