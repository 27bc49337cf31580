-- meaning: A record label: artists that have albums on it, albums (each counted once, by who is credited
--   first), the years they span, and how popular its best known artist is.
-- grain: label
-- owner: mart
-- not null: artists, albums
-- range: artists 1.., albums 0.., best_popularity 0..100
-- none: select label from labels where first_year > last_year
select
  l.label,
  count(*) as artists,
  cast(sum(l.first_credited) as bigint) as albums,
  min(l.first_year) as first_year,
  max(l.last_year) as last_year,
  max(p.popularity) as best_popularity
from artist_labels as l
join artist_profile as p on p.entity_id = l.entity_id
group by l.label
