-- execute: cv_app, cv_worker, cv_rules
-- The booking that a signed link has opened for this transaction, or null.
create or replace function app.link() returns bigint language sql stable parallel restricted
return (app.actor() ->> 'link')::bigint;
