-- meaning: A country, as sources name it: its artists, how popular and followed they are, and what they made.
-- grain: country
-- owner: mart
-- not null: artists, albums, tracks
-- range: artists 1.., popularity 0..100, followers 0..
-- none: select country from countries where artists < with_followers
select
  country,
  count(*) as artists,
  avg(popularity) as popularity,
  max(popularity) as best_popularity,
  count(followers) as with_followers,
  cast(sum(followers) as bigint) as followers,
  cast(sum(albums) as bigint) as albums,
  cast(sum(tracks) as bigint) as tracks
from artist_profile
where country is not null
group by country
