-- execute: cv_app, cv_worker, cv_rules
-- The stadiums whose gates this transaction's person runs.
create or replace function app.gate_of() returns int[] language sql stable parallel restricted
return app.grounds('run_gates');
