-- meaning: The albums of an artist; `date` is the text as given, so a year stays a year.
-- grain: entity_id, album_id
-- owner: mart
-- not null: name, kind
-- rows: select count(*) from album_artists where artist_id is not null
select
  i.entity_id,
  p.album_id,
  coalesce(b.name, p.album_id) as name,
  coalesce(b.album_type, 'album') as kind,
  b.release_date as date,
  b.release_date_precision as precision,
  b.total_tracks as tracks
from album_artists as p
join identity as i on i.source = p.source and i.id = p.artist_id and i.kind = 'artist'
left join albums as b on b.source = p.source and b.album_id = p.album_id
where p.artist_id is not null
