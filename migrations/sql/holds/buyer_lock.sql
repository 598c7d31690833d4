-- execute: cv_rules
-- The advisory lock under which the seats of one buyer at one event are counted.
create or replace function app.buyer_lock(p_event int, p_customer bigint) returns bigint
language sql immutable parallel safe
return hashint8extended(p_customer, p_event);
