-- meaning: An artist month by month (UTC): its popularity and followers as last observed in the month by the
--   source that stands for it, and how they changed since the month before that has any.
-- grain: entity_id, month
-- owner: mart
-- keyed: entity_id
-- not null: source, observations, rights
-- range: popularity 0..100, followers 0.., observations 1.., popularity_change -100..100
with observed as (
  select
    i.entity_id,
    h.source,
    strftime(h.observed_at, '%Y-%m') as month,
    h.popularity,
    h.followers,
    case when h.popularity is null then 1 else 0 end as no_popularity,
    case when h.followers is null then 1 else 0 end as no_followers,
    coalesce(h.rights, 'unknown') as rights,
    h.observed_at,
    h.page_id
  from artists_history as h
  join identity as i on i.source = h.source and i.id = h.artist_id and i.kind = 'artist' and i.is_main
  where h.popularity is not null or h.followers is not null
),
placed as (
  select
    *,
    row_number() over (
      partition by entity_id, month, no_popularity order by observed_at desc, page_id desc
    ) as of_popularity,
    row_number() over (
      partition by entity_id, month, no_followers order by observed_at desc, page_id desc
    ) as of_followers
  from observed
),
monthly as (
  select
    entity_id,
    min(source) as source,
    month,
    max(case when of_popularity = 1 then popularity end) as popularity,
    max(case when of_followers = 1 then followers end) as followers,
    count(*) as observations,
    string_agg(distinct rights, '+' order by rights) as rights
  from placed
  group by entity_id, month
)
select
  entity_id,
  month,
  source,
  popularity,
  popularity - lag(popularity) over (partition by entity_id order by month) as popularity_change,
  followers,
  followers - lag(followers) over (partition by entity_id order by month) as followers_change,
  observations,
  rights
from monthly
