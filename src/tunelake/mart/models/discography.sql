-- meaning: The albums of an artist; `date` is the text as given, so a year stays a year. Of an artist
--   joined over sources they are those of one: the one that stands for the artist, where it has any.
-- grain: entity_id, album_id
-- owner: mart
-- keyed: entity_id
-- not null: name, kind
-- range: tracks 0..
-- none: select p.album_id from album_artists as p join identity as i on i.source = p.source
--   and i.id = p.artist_id and i.is_main left join discography as d on d.entity_id = i.entity_id
--   and d.album_id = p.album_id where d.album_id is null
with mine as (
  select i.entity_id, i.is_main, p.source, p.album_id
  from album_artists as p
  join identity as i on i.source = p.source and i.id = p.artist_id and i.kind = 'artist'
  where p.artist_id is not null
),
sources as (
  select
    entity_id,
    source,
    row_number() over (partition by entity_id order by is_main desc, source) as place
  from (select distinct entity_id, is_main, source from mine) as each_source
)
select
  m.entity_id,
  m.album_id,
  coalesce(b.name, m.album_id) as name,
  coalesce(b.album_type, 'album') as kind,
  b.release_date as date,
  b.release_date_precision as precision,
  b.total_tracks as tracks
from mine as m
join sources as s on s.entity_id = m.entity_id and s.source = m.source and s.place = 1
left join albums as b on b.source = m.source and b.album_id = m.album_id
