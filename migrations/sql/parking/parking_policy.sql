-- execute: cv_app, cv_worker, cv_rules
-- A setting: the refund policy of parking without a match.
create or replace function app.parking_policy() returns jsonb language sql stable parallel safe
return app.refund_policy(24, 10000, true);
