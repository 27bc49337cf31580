-- meaning: Tunelake's own id of every artist of every source, and how it was found.
-- grain: source, kind, id
-- owner: mart
-- not null: entity_id, method, confidence
-- rows: select count(*) from artists
select
  source,
  'artist' as kind,
  artist_id as id,
  'a' || substr(md5(source || ':' || artist_id), 1, 16) as entity_id,
  'source id' as method,
  cast(1 as double) as confidence
from artists
