-- execute: cv_rules
-- When a hold ends that is made or prolonged now: the event's minutes from now, and never later than the longest
-- hold of the first seat.
create or replace function app.hold_end(p_minutes int, p_held_at timestamptz) returns timestamptz language sql volatile
return least(clock_timestamp() + make_interval(mins => p_minutes), p_held_at + app.longest_hold());
