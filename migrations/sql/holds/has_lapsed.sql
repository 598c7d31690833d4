-- execute: cv_app, cv_worker, cv_rules
-- A hold whose time is over is free: nothing has to happen first. True for such a booking or claim; being paid, sold
-- and blocked never lapse. Written to be inlined, so that indexes serve as they do for the words themselves.
create or replace function app.has_lapsed(p_state text, p_expires_at timestamptz,
                                          p_at timestamptz default clock_timestamp())
returns boolean language sql immutable parallel safe
return p_state = 'held' and app.is_over(p_expires_at, p_at);
