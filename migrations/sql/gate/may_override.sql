-- execute: cv_rules
-- Whether a reason lets somebody in whom this outcome turns away: MAY_OVERRIDE of gate/outcomes.py.
create or replace function app.may_override(p_outcome text) returns boolean language sql immutable parallel safe
return ':may_override'::jsonb ? p_outcome;
