-- execute: cv_app, cv_worker, cv_rules
-- A setting: how long seats that came back are kept for whoever on the waiting list they are offered to.
create or replace function app.offer_time() returns interval language sql immutable parallel safe
return make_interval(mins => 10);
