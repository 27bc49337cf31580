-- meaning: A genre month by month: its artists that were observed in the month, and how popular and followed
--   they were then. Genres are those that artists have now.
-- grain: genre, month
-- owner: mart
-- not null: artists
-- range: artists 1.., popularity 0..100, followers 0..
with tagged as (
  select distinct p.entity_id, lower(u.genre) as genre
  from artist_profile as p cross join unnest(p.genres) as u(genre)
)
select
  g.genre,
  t.month,
  count(*) as artists,
  avg(t.popularity) as popularity,
  cast(sum(t.followers) as bigint) as followers
from artist_trends as t
join tagged as g on g.entity_id = t.entity_id
group by g.genre, t.month
