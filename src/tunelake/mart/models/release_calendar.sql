-- meaning: What came out when: the albums of an artist whose year is known, with as much of the date as the
--   source gives; `released_on` is the first day it can be.
-- grain: entity_id, album_id
-- owner: mart
-- keyed: entity_id
-- not null: year, released_on, name, artist, kind
-- range: year 1000..9999, month 1..12
-- none: select entity_id, album_id from release_calendar where month is not null and precision = 'year'
with dated as (
  select
    d.*,
    try_cast(substr(d.date, 1, 4) as integer) as year,
    try_cast(
      case length(d.date)
        when 4 then d.date || '-01-01' when 7 then d.date || '-01' else substr(d.date, 1, 10)
      end as date
    ) as released_on
  from discography as d
)
select
  d.entity_id,
  d.album_id,
  d.released_on,
  d.year,
  case when length(d.date) >= 7 then try_cast(substr(d.date, 6, 2) as integer) end as month,
  case when length(d.date) >= 10 then d.released_on end as day,
  case length(d.date) when 4 then 'year' when 7 then 'month' else 'day' end as precision,
  d.name,
  p.name as artist,
  d.kind,
  d.tracks
from dated as d
join artist_profile as p on p.entity_id = d.entity_id
where d.released_on is not null and d.year between 1000 and 9999
