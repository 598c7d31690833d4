-- execute: cv_app, cv_worker, cv_rules
-- The customer this transaction acts for, or null.
-- A body in standard SQL: parsed once, here, so no search path can bend it, and inlined into the policies.
create or replace function app.uid() returns bigint language sql stable parallel restricted
return (app.actor() ->> 'uid')::bigint;
