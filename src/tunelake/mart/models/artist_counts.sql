-- meaning: How many albums and tracks of an artist are in the lake, of the source that stands for it.
-- grain: entity_id
-- owner: mart
-- keyed: entity_id
-- not null: albums, tracks
-- range: albums 0.., tracks 0..
-- rows: select count(*) from identity where is_main
with album_counts as (
  select source, artist_id, count(distinct album_id) as albums from album_artists group by source, artist_id
),
track_counts as (
  select source, artist_id, count(distinct track_id) as tracks from track_artists group by source, artist_id
)
select
  i.entity_id,
  coalesce(b.albums, 0) as albums,
  coalesce(t.tracks, 0) as tracks
from identity as i
left join album_counts as b on b.source = i.source and b.artist_id = i.id
left join track_counts as t on t.source = i.source and t.artist_id = i.id
where i.kind = 'artist' and i.is_main
