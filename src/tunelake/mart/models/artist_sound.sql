-- meaning: How the tracks that stand for an artist sound: the mean of each audio feature, and the rights
--   of the features. `features_from` says which tracks they are.
-- grain: entity_id
-- owner: mart
-- keyed: entity_id
-- use: model
-- not null: features_from, tracks, tracks_with_features
-- range: tracks 1.., tracks_with_features 0.., danceability 0..1, energy 0..1, speechiness 0..1,
--   acousticness 0..1, instrumentalness 0..1
-- none: select entity_id from artist_sound where tracks_with_features > tracks
select
  t.entity_id,
  min(t.basis) as features_from,
  count(*) as tracks,
  count(coalesce(
    f.danceability, f.energy, f.loudness, f.speechiness, f.acousticness, f.instrumentalness
  )) as tracks_with_features,
  avg(f.danceability) as danceability,
  avg(f.energy) as energy,
  avg(f.loudness) as loudness,
  avg(f.speechiness) as speechiness,
  avg(f.acousticness) as acousticness,
  avg(f.instrumentalness) as instrumentalness,
  string_agg(
    distinct case when f.track_id is not null then coalesce(f.rights, 'unknown') end, '+'
    order by case when f.track_id is not null then coalesce(f.rights, 'unknown') end
  ) as rights
from artist_tracks as t
left join audio_features as f on f.source = t.source and f.track_id = t.track_id
group by t.entity_id
