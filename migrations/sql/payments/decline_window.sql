-- execute: cv_rules
-- A setting: the time in which declined cards are counted.
create or replace function app.decline_window() returns interval language sql immutable parallel safe
return interval '1 hour';
