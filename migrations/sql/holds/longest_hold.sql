-- execute: cv_app, cv_worker, cv_rules
-- A setting: how long a hold can last in all, however often it is prolonged.
create or replace function app.longest_hold() returns interval language sql immutable parallel safe
return interval '30 minutes';
