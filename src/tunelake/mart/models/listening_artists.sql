-- meaning: Whom a listener heard: plays, time, and when first and last, by the artist's name at the time.
-- grain: source, user_id, artist
-- owner: mart
-- keyed: source, user_id
-- not null: plays, tracks, first_played_at, last_played_at, rights
-- range: plays 1.., ms_played 0.., tracks 1..
-- none: select source, user_id, artist from listening_artists where first_played_at > last_played_at
select
  source,
  user_id,
  artist_name as artist,
  count(*) as plays,
  cast(sum(ms_played) as bigint) as ms_played,
  count(distinct track_id) as tracks,
  min(played_at) as first_played_at,
  max(played_at) as last_played_at,
  string_agg(distinct rights, '+' order by rights) as rights
from listens
where artist_name is not null
group by source, user_id, artist_name
