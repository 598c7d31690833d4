-- execute: cv_app, cv_worker, cv_rules
-- The stadiums whose sales this transaction may see and change.
create or replace function app.staff_of() returns int[] language sql stable parallel restricted
return app.grounds('sell');
