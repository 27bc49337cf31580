-- meaning: What is missing: rows of each source's tables (`total`), and how many of them lack a value that
--   people ask for. Table `quarantine` counts what could not become a row, by endpoint (in `item`).
-- grain: source, dataset, item
-- owner: mart
-- sums: total, missing
-- not null: total, missing
-- range: total 1.., missing 0..
-- none: select source, dataset, item from data_quality where missing > total
with counted as (
  select
    source, count(*) as total,
    count(name) as name, count(popularity) as popularity, count(followers) as followers,
    count(country) as country, count(image_url) as image_url
  from artists
  group by source
),
albums_counted as (
  select
    source, count(*) as total,
    count(name) as name, count(release_date) as release_date, count(label) as label, count(upc) as upc
  from albums
  group by source
),
tracks_counted as (
  select
    source, count(*) as total,
    count(name) as name, count(duration_ms) as duration_ms, count(isrc) as isrc, count(popularity) as popularity
  from tracks
  group by source
),
found as (
  select source, 'artists' as dataset, 'name' as item, total, total - name as missing from counted
  union all
  select source, 'artists', 'popularity', total, total - popularity from counted
  union all
  select source, 'artists', 'followers', total, total - followers from counted
  union all
  select source, 'artists', 'country', total, total - country from counted
  union all
  select source, 'artists', 'image_url', total, total - image_url from counted
  union all
  select source, 'albums', 'name', total, total - name from albums_counted
  union all
  select source, 'albums', 'release_date', total, total - release_date from albums_counted
  union all
  select source, 'albums', 'label', total, total - label from albums_counted
  union all
  select source, 'albums', 'upc', total, total - upc from albums_counted
  union all
  select source, 'tracks', 'name', total, total - name from tracks_counted
  union all
  select source, 'tracks', 'duration_ms', total, total - duration_ms from tracks_counted
  union all
  select source, 'tracks', 'isrc', total, total - isrc from tracks_counted
  union all
  select source, 'tracks', 'popularity', total, total - popularity from tracks_counted
  union all
  select source, 'quarantine', coalesce(endpoint, 'unknown'), count(*), count(*)
  from quarantine
  group by source, coalesce(endpoint, 'unknown')
)
select source, dataset, item, total, missing from found
