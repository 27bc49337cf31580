-- meaning: How much of each source's artists is known: how many were collected, and how many have each part.
-- grain: source
-- owner: mart
-- not null: artists, collected, share_collected
-- range: share_collected 0..1, share_of_tracks_with_features 0..1
-- none: select source from coverage where collected > artists or with_genres > artists
select
  source,
  count(*) as artists,
  count(case when collected then 1 end) as collected,
  cast(count(case when collected then 1 end) as double) / count(*) as share_collected,
  count(case when has_genres then 1 end) as with_genres,
  count(case when has_popularity then 1 end) as with_popularity,
  count(case when has_picture then 1 end) as with_picture,
  count(case when albums > 0 then 1 end) as with_albums,
  count(case when tracks > 0 then 1 end) as with_tracks,
  count(case when markets > 0 then 1 end) as with_top_tracks,
  cast(sum(albums) as bigint) as albums,
  cast(sum(tracks) as bigint) as tracks,
  case
    when sum(tracks) > 0 then cast(sum(tracks_with_features) as double) / cast(sum(tracks) as double)
  end as share_of_tracks_with_features,
  min(observed_at) as oldest_observation,
  max(observed_at) as newest_observation
from artist_coverage
group by source
