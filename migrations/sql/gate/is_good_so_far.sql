-- execute: cv_rules
-- An outcome of the rule's first part that the right itself may still change.
create or replace function app.is_good_so_far(p_found text) returns boolean language sql immutable parallel safe
return p_found in ('admitted', 'check_identity', 'old_picture', 'left');
