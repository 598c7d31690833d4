-- execute: cv_app, cv_worker, cv_rules
-- A setting: how many bays one buyer may have at one time.
create or replace function app.bay_limit() returns int language sql immutable parallel safe
return 2;
