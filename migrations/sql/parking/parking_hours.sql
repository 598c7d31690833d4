-- execute: cv_app, cv_worker, cv_rules
-- The started hours of a window, by which parking without a match is paid.
create or replace function app.parking_hours(p_starts timestamptz, p_ends timestamptz) returns int
language sql immutable parallel safe
return ceil(extract(epoch from p_ends - p_starts) / 3600)::int;
