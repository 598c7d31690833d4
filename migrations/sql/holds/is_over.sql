-- execute: cv_app, cv_worker, cv_rules
-- Has a hold come to its end? At the very moment of it, yes. Of a booking that is being paid the end of its hold is
-- meant.
create or replace function app.is_over(p_expires_at timestamptz, p_at timestamptz default clock_timestamp())
returns boolean language sql immutable parallel safe
return p_expires_at <= p_at;
