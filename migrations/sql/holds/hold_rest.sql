-- execute: cv_app, cv_worker, cv_rules
-- A setting: how long a buyer leaves the seats of an event to others before the longest hold is counted anew.
create or replace function app.hold_rest() returns interval language sql immutable parallel safe
return make_interval(mins => 5);
