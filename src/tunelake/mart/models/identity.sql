-- meaning: Tunelake's own id of every artist of every source, and how it was found. Artists of open sources
--   take the id of the artist they are joined to, by a link, by recording codes or by a name that is one
--   artist's alone on both sides; an entity has at most one id of a source that is joined. `is_main` marks
--   the one id whose name and numbers stand for the entity. Nothing is merged in the tables: rows are
--   derived anew each time.
-- grain: source, kind, id
-- owner: mart
-- keyed: ties
-- not null: entity_id, method, confidence, is_main
-- range: confidence 0..1
-- rows: select count(*) from artists
-- none: select entity_id from identity where is_main group by entity_id having count(*) > 1
with own as (
  select source, artist_id, lower(trim(name)) as name
  from artists
  where source not in ('musicbrainz', 'listenbrainz')
),
open as (
  select artist_id as mbid, lower(trim(name)) as name from artists where source = 'musicbrainz'
),
known_as as (
  select mbid, name from open where name <> ''
  union
  select artist_id as mbid, lower(trim(alias)) as name from artist_aliases where source = 'musicbrainz'
),
by_link as (
  select
    u.artist_id as mbid, o.source, o.artist_id,
    'musicbrainz url relation' as method, cast(1 as double) as confidence, count(*) as evidence
  from artist_urls as u
  join own as o
    on o.artist_id = u.target_id and (o.source = u.site or (u.site = 'spotify' and o.source = 'sandbox'))
  where u.source = 'musicbrainz' and not coalesce(u.ended, false)
  group by u.artist_id, o.source, o.artist_id
),
open_codes as (
  select distinct p.artist_id as mbid, p.position, c.isrc
  from track_artists as p
  join track_isrcs as c on c.source = p.source and c.track_id = p.track_id
  where p.source = 'musicbrainz' and p.artist_id is not null and c.isrc is not null
),
own_codes as (
  select distinct p.source, p.artist_id, p.position, t.isrc
  from track_artists as p
  join tracks as t on t.source = p.source and t.track_id = p.track_id
  where p.source not in ('musicbrainz', 'listenbrainz') and p.artist_id is not null
    and t.isrc in (select isrc from open_codes)
),
-- Who always records together shares every code: so the name must fit, or the place in at least three credits.
by_code as (
  select
    c.mbid, w.source, w.artist_id,
    'isrc overlap' as method,
    case when max(k.mbid) is not null then cast(0.95 as double) else cast(0.8 as double) end as confidence,
    count(distinct c.isrc) as evidence
  from open_codes as c
  join own_codes as w on w.isrc = c.isrc
  join own as o on o.source = w.source and o.artist_id = w.artist_id
  left join known_as as k on k.mbid = c.mbid and k.name = o.name
  group by c.mbid, w.source, w.artist_id
  having max(k.mbid) is not null
    or (count(distinct c.isrc) >= 3 and min(case when c.position = w.position then 1 else 0 end) = 1)
),
open_alone as (
  select name, min(mbid) as mbid from open where name <> '' group by name having count(*) = 1
),
own_alone as (
  select source, name, min(artist_id) as artist_id
  from own
  where name <> ''
  group by source, name
  having count(*) = 1
),
by_name as (
  select
    a.mbid, o.source, o.artist_id,
    'same name, of one artist alone' as method, cast(0.5 as double) as confidence, 1 as evidence
  from open_alone as a
  join own_alone as o on o.name = a.name
),
candidates as (
  select * from by_link
  union all
  select * from by_code
  union all
  select * from by_name
),
ranked as (
  select
    *,
    row_number() over (
      partition by mbid order by confidence desc, evidence desc, source, artist_id
    ) as of_open,
    row_number() over (
      partition by source, artist_id order by confidence desc, evidence desc, mbid
    ) as of_own
  from candidates
),
joined as (
  select mbid, source, artist_id, method, confidence from ranked where of_open = 1 and of_own = 1
)
select
  a.source,
  'artist' as kind,
  a.artist_id as id,
  'a' || substr(md5(
    case
      when j.mbid is not null then j.source || ':' || j.artist_id
      when a.source = 'listenbrainz' then 'musicbrainz:' || a.artist_id
      else a.source || ':' || a.artist_id
    end
  ), 1, 16) as entity_id,
  case
    when a.source = 'listenbrainz' and m.mbid is not null then coalesce('same mbid, ' || j.method, 'same mbid')
    else coalesce(j.method, 'source id')
  end as method,
  coalesce(j.confidence, cast(1 as double)) as confidence,
  j.mbid is null and (a.source <> 'listenbrainz' or m.mbid is null) as is_main
from artists as a
left join joined as j
  on j.mbid = a.artist_id and a.source in ('musicbrainz', 'listenbrainz')
left join open as m on m.mbid = a.artist_id and a.source = 'listenbrainz'
