-- meaning: What a listener heard month by month (UTC): plays, time, and how varied it was. `ms_played` is of the
--   plays whose length is known, `skipped` of those where the source tells.
-- grain: source, user_id, month
-- owner: mart
-- keyed: source, user_id
-- not null: plays, tracks, artists, rights
-- range: plays 1.., ms_played 0.., skipped 0.., tracks 0.., artists 0..
-- none: select source, user_id, month from listening_months where skipped > plays
select
  source,
  user_id,
  strftime(played_at, '%Y-%m') as month,
  count(*) as plays,
  cast(sum(ms_played) as bigint) as ms_played,
  count(case when skipped then 1 end) as skipped,
  count(distinct track_id) as tracks,
  count(distinct artist_name) as artists,
  count(distinct cast(played_at as date)) as days,
  string_agg(distinct rights, '+' order by rights) as rights
from listens
group by source, user_id, strftime(played_at, '%Y-%m')
