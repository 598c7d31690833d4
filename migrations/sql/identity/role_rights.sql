-- execute: cv_rules
-- {role: [rights]}: what each role may do at its ground. The words are those of ROLES in accounts/rights.py.
create or replace function app.role_rights() returns jsonb language sql immutable parallel safe
return ':roles'::jsonb;
