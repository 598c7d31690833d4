-- execute: cv_app, cv_worker, cv_rules
-- A setting: how long after the end of its hold a booking may still be paid.
create or replace function app.payment_grace() returns interval language sql immutable parallel safe
return interval '5 minutes';
