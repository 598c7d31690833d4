-- execute: cv_app, cv_worker, cv_rules
-- The stadiums where this transaction's person may do this: a right of accounts/rights.py.
create or replace function app.grounds(p_right text) returns int[] language sql stable parallel restricted
return coalesce((app.actor() -> 'may' ->> p_right)::int[], '{}');
